"""What becomes of a referral when a fact about one of its routings arrives; facts may come twice or out of
order."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Next = Literal["nothing", "reroute", "case", "review", "unroutable"]


@dataclass(frozen=True, slots=True)
class ReferralState:
    """Where a referral stands. `shown` says that the EHR's own Task A shows a terminal status (mode
    write)."""

    id: str
    mode: Literal["write", "poll", "subscribe"]
    revoked: bool
    withdrawn: bool
    shown: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class RoutingState:
    """Where one routing stands, as far as the collector has said. `id` is that of ServiceRequest B."""

    id: str
    referral: str
    number: int
    quota_taken: bool
    task: str | None = None
    task_version: int = 0
    status: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """A Task B took `status` with its version `version`; `ended_at` is set where that status is terminal."""

    task: str
    version: int
    status: str
    releases_quota: bool
    reroute: Literal["automatic", "case", "review", "never"] | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The routing as it now is, whether its quota goes back, and what the platform does next."""

    routing: RoutingState
    release_quota: bool
    next: Next


def judge(referral: ReferralState, routing: RoutingState, moved: TaskMoved) -> Verdict:
    """What `moved` means. Told the same again it changes nothing; an older version only fills what is
    missing.

    A referral that its referrer revoked or whose permission is gone is never routed on, though the provider
    rejected it for want of capacity in the same moment.
    """
    after = replace(routing, task=routing.task or moved.task)
    if moved.version > routing.task_version:
        after = replace(after, task_version=moved.version, status=moved.status)
    release = moved.releases_quota and routing.quota_taken
    if release:
        after = replace(after, quota_taken=False)
    if moved.ended_at is None or routing.ended_at is not None:
        return Verdict(after, release, "nothing")
    return Verdict(replace(after, ended_at=moved.ended_at), release, _next(referral, moved))


def _next(referral: ReferralState, moved: TaskMoved) -> Next:
    if moved.reroute == "automatic":
        return "unroutable" if referral.revoked or referral.withdrawn else "reroute"
    return moved.reroute if moved.reroute in ("case", "review") else "nothing"


def is_over(referral: ReferralState, last: RoutingState) -> bool:
    """Whether the referral closes: its last routing has ended and Task A shows it, which in the modes where
    the EHR reads here it does as soon as the collector has ended it."""
    return not referral.closed and last.ended_at is not None and (referral.mode != "write" or referral.shown)
