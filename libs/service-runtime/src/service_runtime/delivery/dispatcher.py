"""The loop that brings due deliveries to their endpoints."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.delivery.claims import Claims
from service_runtime.delivery.classes import AttemptClass, class_of_exception
from service_runtime.delivery.completions import Completions, Ended, Hooks
from service_runtime.delivery.pace import Paces
from service_runtime.delivery.rows import WAITING, AttemptRow, DeliveryRow
from service_runtime.delivery.schedule import Decision, Policy, decide
from service_runtime.delivery.sender import Attempted, Delivery, Gate, Sender, Settled
from service_runtime.logs import logger
from service_runtime.wakeup import Waiter, Wakeup, sleep_or_stop

CHANNEL = "deliveries"
"""The wake-up channel that planners of deliveries notify."""

_MOST_ENDPOINTS = 64
_log = logger()


@dataclass(frozen=True, slots=True)
class Channel:
    """A way of sending, and how long to keep at it; a delivery's `channel` names it."""

    sender: Sender
    policy: Policy


@dataclass(frozen=True, slots=True)
class Limits:
    """`total` and `per_endpoint`: attempts under way at once in this process; `lease_seconds` must be well
    over the senders' own time limits; `pace_seconds`: the least time between two passes, so that a busy
    dispatcher claims several rows at once; `drain_seconds`: how long a stop waits for attempts under way."""

    total: int = 128
    per_endpoint: int = 16
    lease_seconds: float = 45.0
    poll_seconds: float = 1.0
    pace_seconds: float = 0.03
    drain_seconds: float = 5.0


class Dispatcher:
    """Claims what is due, sends it, writes how it went. Several may run; the rows' leases keep them apart."""

    def __init__(
        self,
        *,
        database: Database,
        deliveries: type[DeliveryRow],
        attempts: type[AttemptRow],
        wakeup: Wakeup,
        channels: Mapping[str, Channel],
        clock: Clock,
        hooks: Hooks,
        gate: Gate | None = None,
        paces: Paces | None = None,
        limits: Limits | None = None,
        rng: random.Random | None = None,
        log_event: str = "delivery.attempted",
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`gate` is asked before each claim; `paces` slows down endpoints that ask for it; `rng` gives the
        jitter; `beat` is called once a pass; `log_event` names the line that is logged for each attempt."""
        self._limits = limits or Limits()
        self._database, self._clock, self._gate, self._paces = database, clock, gate, paces
        self._channels, self._log_event, self._beat = channels, log_event, beat
        self._rng = rng or random.Random()
        self._waiter = wakeup.waiter(CHANNEL)
        self._claims = Claims(table_of(deliveries), table_of(attempts), clock, self._limits.lease_seconds)
        self._completions = Completions(
            database, table_of(deliveries), table_of(attempts), hooks, self._written, paces
        )
        self._wake = asyncio.Event()
        self._under_way: dict[str, Delivery] = {}
        self._per_endpoint: Counter[str] = Counter()
        self._sending: set[asyncio.Task[None]] = set()
        self._reclaimed_at = float("-inf")
        self._next_round = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; then finish what is under way, or give its leases back."""
        helpers = [
            asyncio.create_task(self._listen(self._waiter)),
            asyncio.create_task(self._wake_at(stop)),
            asyncio.create_task(self._completions.run()),
        ]
        try:
            while not stop.is_set():
                self._beat()
                await self._pass(stop)
        finally:
            await self._drain()
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _pass(self, stop: asyncio.Event) -> None:
        self._wake.clear()
        try:
            claimed, pause = await self._claim()
        except Exception as error:  # noqa: BLE001 the next pass tries again
            # The database is away: the rows stay due, and the next pass finds them.
            _log.warning("delivery.claim_failed", error=type(error).__name__)
            claimed, pause = (), self._limits.poll_seconds
        for delivery in claimed:
            self._start(delivery)
        if pause > 0:
            await sleep_or_stop(stop, self._limits.pace_seconds)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    async def _claim(self) -> tuple[Sequence[Delivery], float]:
        """What was claimed, and how long to wait for the next pass if nothing wakes it."""
        # What has been answered waits to be written: that takes memory, and is bounded too.
        free = min(self._limits.total - len(self._sending), 2 * self._limits.total - len(self._under_way))
        if free <= 0:
            return (), self._limits.poll_seconds
        await self._reclaim_now_and_then()
        async with self._database.read() as session:
            due, next_due = await self._claims.due(session)
            if due and self._gate is not None:
                shut = await self._gate.closed(session, due)
                due = [endpoint for endpoint in due if endpoint not in shut]
        claimed: Sequence[Delivery] = ()
        if slots := self._slots(due, free):
            async with self._database.write() as session:
                if self._paces is not None:
                    slots, let_go_at = await self._paces.grant(session, slots, self._clock.now())
                    next_due = min(filter(None, (next_due, let_go_at)), default=None)
                claimed = await self._claims.take(session, slots)
        pause = self._limits.poll_seconds
        if next_due is not None:
            pause = min(pause, max(0.001, (next_due - self._clock.now()).total_seconds()))
        return claimed, 0.0 if len(due) > _MOST_ENDPOINTS and claimed else pause

    async def _reclaim_now_and_then(self) -> None:
        now = self._clock.monotonic()
        if now - self._reclaimed_at >= self._limits.poll_seconds:
            self._reclaimed_at = now
            async with self._database.write() as session:
                await self._claims.reclaim(session)

    def _slots(self, due: Sequence[str], free: int) -> Mapping[str, int]:
        """How many rows each endpoint may have claimed. Each round starts at another endpoint, and when this
        process is half full an endpoint that already has attempts under way gets only a quarter: slow ones
        starve nobody."""
        slots: dict[str, int] = {}
        self._next_round += 1
        start = self._next_round % len(due) if due else 0
        crowded = free < self._limits.total // 2
        most = max(1, self._limits.per_endpoint // 4) if crowded else self._limits.per_endpoint
        for endpoint in [*due[start:], *due[:start]][:_MOST_ENDPOINTS]:
            granted = min(most - self._per_endpoint[endpoint], free)
            if granted > 0:
                slots[endpoint] = granted
                free -= granted
        return slots

    def _start(self, delivery: Delivery) -> None:
        self._under_way[delivery.attempt_id] = delivery
        self._per_endpoint[delivery.endpoint] += 1
        task = asyncio.create_task(self._send(delivery))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, delivery: Delivery) -> None:
        started = self._clock.monotonic()
        policy = None
        try:
            channel = self._channels[delivery.channel]
            policy = channel.policy
            # A sender has its own limits; this one keeps a sender that hangs from outliving its lease.
            async with asyncio.timeout(self._limits.lease_seconds * 0.8):
                attempted = await channel.sender.send(delivery)
        except Exception as error:  # noqa: BLE001 classed below
            attempted = Attempted(class_of_exception(error))
            if attempted.outcome is AttemptClass.OWN_FAULT:
                _log.warning("delivery.own_fault", delivery=delivery.id, error=type(error).__name__)
        attempted = replace(attempted, duration=self._clock.monotonic() - started)
        self._answered(delivery)
        now = self._clock.now()
        decision = decide(policy or _NO_POLICY, delivery, attempted, now, self._rng)
        self._log_attempt(delivery, attempted, decision, now)
        self._completions.add(Ended(Settled(delivery, attempted, now), decision))

    def _log_attempt(
        self, delivery: Delivery, attempted: Attempted, decision: Decision, now: datetime
    ) -> None:
        _log.info(
            self._log_event,
            delivery=delivery.id,
            event_id=delivery.event_id,
            endpoint=delivery.endpoint,
            channel=delivery.channel,
            referral=delivery.ordering_key,
            sequence=delivery.sequence,
            attempt=delivery.attempt,
            outcome=attempted.outcome.value,
            status=attempted.status_code,
            ms=round(attempted.duration * 1000, 1),
            state=decision.state,
            in_seconds=round((decision.due_at - now).total_seconds(), 1)
            if decision.state == WAITING
            else None,
        )

    def _answered(self, delivery: Delivery) -> None:
        """Its place at the endpoint is free; where places may be scarce, others wait for it."""
        crowded = len(self._sending) > self._limits.total // 2
        if crowded or self._per_endpoint[delivery.endpoint] > self._limits.per_endpoint // 4:
            self._wake.set()
        self._per_endpoint[delivery.endpoint] -= 1
        if not self._per_endpoint[delivery.endpoint]:
            del self._per_endpoint[delivery.endpoint]

    def _written(self, group: Sequence[Ended]) -> None:
        """The next rows of their keys may go."""
        for ended in group:
            self._under_way.pop(ended.settled.delivery.attempt_id, None)
        self._wake.set()

    async def _drain(self) -> None:
        if self._sending:
            await asyncio.wait(self._sending, timeout=self._limits.drain_seconds)
        unfinished = list(self._sending)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await self._completions.flush()
        if not self._under_way:
            return
        try:
            async with self._database.write() as session:
                await self._claims.release(session, list(self._under_way.values()))
        except Exception as error:  # noqa: BLE001 the leases run out by themselves
            # The leases run out by themselves; whoever claims next closes the attempts.
            _log.warning("delivery.release_failed", error=type(error).__name__)

    async def _listen(self, waiter: Waiter) -> None:
        while True:
            await waiter.wait(timeout=3600)
            self._wake.set()

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()


_NO_POLICY = Policy(delays=(0.0,))
