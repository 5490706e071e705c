"""When to try again, and when to stop trying: pure decisions from an attempt's class."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service_runtime.delivery.classes import RULES, AttemptClass
from service_runtime.delivery.rows import EXHAUSTED, STOPPED, SUCCEEDED, WAITING
from service_runtime.delivery.sender import Attempted, Delivery

_MINUTE, _HOUR = 60.0, 3600.0

WEBHOOK = (
    0.0,
    5.0,
    30.0,
    2 * _MINUTE,
    10 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    6 * _HOUR,
    12 * _HOUR,
    24 * _HOUR,
    24 * _HOUR,
)
"""Eleven attempts over 68.7 hours: a receiver that breaks on Friday evening is reached on Monday."""

EMAIL = (0.0, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, *[4 * _HOUR] * 17)
"""To 72 hours: mail servers defer for minutes (greylisting) or for a weekend."""

JITTER = 0.2
"""Each delay is off by up to a fifth, so that what failed together is not tried together."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The delays before each attempt in seconds, and the pauses that a class asks for.

    `floor_seconds`: least pause after a timeout or 503. `retry_after_most`: how much of a receiver's Retry-
    After is honoured. `fault_seconds`: pause after a fault of our own; `stalled_after`: when that fault is
    people's business."""

    delays: tuple[float, ...]
    floor_seconds: float = 60.0
    retry_after_most: float = _HOUR
    fault_seconds: float = 5.0
    stalled_after: float = 10 * _MINUTE
    limits: tuple[tuple[AttemptClass, int], ...] = ()
    """Overrides of a class's own limit."""

    def limit(self, outcome: AttemptClass) -> int:
        """The most attempts that may be spent when they end in `outcome`."""
        own = dict(self.limits).get(outcome, RULES[outcome].limit)
        return len(self.delays) if own is None else min(own, len(self.delays))

    def without_floor(self) -> "Policy":
        """The same without the least pause: for receivers of our own, whose 503 is a restart."""
        return replace(self, floor_seconds=0.0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a delivery. `reports_fault` is true once, when our own fault has lasted too long."""

    state: str
    due_at: datetime
    spent: int
    fault_since: datetime | None = None
    reports_fault: bool = False


def decide(
    policy: Policy, delivery: Delivery, attempted: Attempted, now: datetime, rng: random.Random
) -> Decision:
    """The state and due time after `attempted`, at time `now`; `rng` gives the jitter."""
    outcome, rule = attempted.outcome, RULES[attempted.outcome]
    if outcome is AttemptClass.DELIVERED:
        return Decision(SUCCEEDED, now, delivery.spent + 1)
    if outcome is AttemptClass.STOPPED:
        return Decision(STOPPED, now, delivery.spent)
    if outcome is AttemptClass.OWN_FAULT:
        return _own_fault(policy, delivery, now, rng)
    spent = delivery.spent + rule.costs
    too_late = not rule.costs and now - delivery.created_at > timedelta(seconds=sum(policy.delays))
    if too_late or (rule.costs and spent >= policy.limit(outcome)):
        return Decision(EXHAUSTED, now, spent)
    pause = policy.delays[min(spent, len(policy.delays) - 1)] * rng.uniform(1 - JITTER, 1 + JITTER)
    if rule.floor:
        pause = max(pause, policy.floor_seconds)
    if rule.patient and attempted.retry_after is not None:
        pause = max(pause if rule.costs else 1.0, min(attempted.retry_after, policy.retry_after_most))
    return Decision(WAITING, now + timedelta(seconds=pause), spent)


def _own_fault(policy: Policy, delivery: Delivery, now: datetime, rng: random.Random) -> Decision:
    since = delivery.fault_since or now
    pause = timedelta(seconds=policy.fault_seconds * rng.uniform(1 - JITTER, 1 + JITTER))
    stalled = now - since >= timedelta(seconds=policy.stalled_after) and not delivery.stalled
    return Decision(WAITING, now + pause, delivery.spent, since, stalled)
