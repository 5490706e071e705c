"""The relay: publishes the outbox to the event log, in order, at least once. One a service is active."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, Select, Table, Update, bindparam, select, update
from sqlalchemy.exc import ProgrammingError

from service_runtime.backoff import Backoff
from service_runtime.clock import Clock
from service_runtime.database.connecting import DatabaseError
from service_runtime.database.engine import Database
from service_runtime.database.statements import any_of, any_of_parameter, table_of
from service_runtime.event_log.port import EventLog, Message, TopicMissingError
from service_runtime.leases import Lease, LeaseHolder
from service_runtime.logs import logger
from service_runtime.outbox import CHANNEL
from service_runtime.wakeup import Wakeup, sleep_or_stop, wait_or_stop

_log = logger()
_Waiting = Row[Any, Any, Any, Any, Any]


def _statements(outbox: Table, lease: Lease) -> tuple[Select[Any, Any, Any, Any, Any], Update]:
    """What waits, and the marking: built once, because building costs as much as running them."""
    columns = outbox.c
    waiting = (
        select(columns.sequence, columns.topic, columns.key, columns.headers, columns.value)
        .where(columns.published_at.is_(None), columns.not_before <= bindparam("now"))
        .order_by(columns.sequence)
        .limit(bindparam("batch"))
    )
    marking = (
        update(outbox)
        .where(any_of_parameter(columns.sequence, "sequences"), columns.published_at.is_(None))
        .where(lease.held_with(bindparam("holder")))
        .values(published_at=bindparam("now"))
    )
    return waiting, marking


@dataclass(slots=True)
class RelayNumbers:
    """What one relay has done since it started, for metrics."""

    active: bool = False
    published: int = 0
    failed: int = 0
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """`batch`: rows a round; `pace_seconds`: the least time between two rounds, so that a busy relay
    publishes several rows with one SELECT and one UPDATE; `drain_seconds`: how long a stop may take."""

    batch: int = 500
    pace_seconds: float = 0.03
    lease_seconds: float = 10.0
    drain_seconds: float = 5.0


class Relay:
    """Reads what waits in the order of writing, publishes it, and marks exactly what the log acknowledged.

    INVARIANT: rows of one key are published in the order of their sequence. Two active relays would break
    it, and so would going on behind a row that failed: a key (or, where it is missing, a topic) that failed
    is left alone as a whole, for longer each time, while all others go on."""

    def __init__(
        self,
        *,
        database: Database,
        outbox_table: Any,
        lease_table: Any,
        event_log: EventLog,
        wakeup: Wakeup,
        clock: Clock,
        poll_seconds: float = 1.0,
        limits: RelayLimits | None = None,
        topics: Sequence[str] = (),
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`topics` are ensured when the relay becomes active; `beat` is called once a round."""
        self.numbers = RelayNumbers()
        self._limits = limits or RelayLimits()
        self._database, self._table, self._event_log = database, table_of(outbox_table), event_log
        self._clock, self._poll_seconds, self._beat = clock, poll_seconds, beat
        self._waiter = wakeup.waiter(CHANNEL)
        lease = Lease(lease_table, "relay", self._limits.lease_seconds)
        self._holder = LeaseHolder(database, lease, clock)
        self._keys: Backoff[str] = Backoff(clock, first=0.1, most=5.0)
        self._topics: Backoff[str] = Backoff(clock, first=0.5, most=15.0)
        self._expected_topics = topics
        self._waiting_rows, self._marking = _statements(self._table, lease)
        self._ensured: set[str] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop`; then what is still there, for a few seconds, and give the lease back.

        Killed instead, it leaves the lease to run out: another relay then takes over."""
        try:
            while not stop.is_set():
                await self._turn(stop)
            await self._drain()
        finally:
            self.numbers.active = False
        with suppress(*DatabaseError):
            await self._holder.give_back()

    async def _turn(self, stop: asyncio.Event) -> None:
        self._beat()
        try:
            free_in = await self._holder.ensure()
            if free_in > 0:
                self.numbers.active = False
                await sleep_or_stop(stop, min(max(free_in, 0.05), self._poll_seconds))
                return
            if not self.numbers.active:
                self.numbers.active = True
                await self._ensure_all()
            at_once = await self._round()
        except ProgrammingError:
            raise  # a table or column that is not there: waiting would not help
        except DatabaseError as error:
            _log.warning("relay.database_away", error=type(error).__name__)
            await sleep_or_stop(stop, self._poll_seconds)
            return
        if not at_once:
            await self._rest(stop)

    async def _rest(self, stop: asyncio.Event) -> None:
        await sleep_or_stop(stop, self._limits.pace_seconds)
        waits = (self._poll_seconds, self._keys.next_in(), self._topics.next_in())
        await wait_or_stop(self._waiter, stop, min(wait for wait in waits if wait is not None))

    async def _drain(self) -> None:
        with suppress(*DatabaseError):
            async with asyncio.timeout(self._limits.drain_seconds):
                before = -1
                while self.numbers.published > before and self._holder.token:
                    before = self.numbers.published
                    if await self._holder.ensure() == 0:
                        await self._round()

    async def _round(self) -> bool:
        """One SELECT, one publication, one UPDATE. True when the next round should follow at once."""
        token = self._holder.token
        rows = await self._waiting()
        if not rows or token is None:
            return False
        self.numbers.rounds += 1
        answers = await self._publish(rows)
        done = [row for row, answer in zip(rows, answers, strict=True) if answer is None]
        if done:
            await self._mark(done, token)
        ensured = False
        if len(done) < len(rows):
            ensured = await self._leave_alone(rows, answers)
        return ensured or (len(rows) == self._limits.batch and bool(done))

    async def _waiting(self) -> Sequence[_Waiting]:
        query = self._waiting_rows
        values: dict[str, Any] = {"now": self._clock.now(), "batch": self._limits.batch}
        keys, topics = self._keys.postponed(), self._topics.postponed()
        if keys or topics:
            query = query.where(~any_of(self._table.c.key, keys), ~any_of(self._table.c.topic, topics))
        async with self._database.read() as session:
            return (await session.execute(query, values)).all()

    async def _publish(self, rows: Sequence[_Waiting]) -> Sequence[Exception | None]:
        """One answer a row; the lease is kept fresh however long the log takes."""
        messages = [Message(row.topic, row.key, orjson.loads(row.headers), row.value) for row in rows]
        publishing = asyncio.ensure_future(self._event_log.publish(messages))
        try:
            while not publishing.done():
                await asyncio.wait({publishing}, timeout=self._limits.lease_seconds / 4)
                if not publishing.done():
                    # Without the database the lease cannot be kept, but nothing on its way can be taken back.
                    with suppress(*DatabaseError):
                        await self._holder.ensure()
            return publishing.result()
        except Exception as error:  # noqa: BLE001 the adapter's client failed as a whole: nothing is known
            return [error] * len(rows)
        finally:
            publishing.cancel()

    async def _mark(self, rows: Sequence[_Waiting], token: str) -> None:
        """Fenced: a relay that lost its lease marks nothing, and asks for the lease again."""
        values = {"sequences": [row.sequence for row in rows], "holder": token, "now": self._clock.now()}
        async with self._database.single() as session:
            marked: int = (await session.execute(self._marking, values)).rowcount  # pyright: ignore[reportAttributeAccessIssue] an UPDATE has it
        self.numbers.published += marked
        if marked < len(rows):
            self._holder.doubt()
            _log.warning("relay.not_marked", count=len(rows) - marked)
        for row in rows:
            self._keys.worked(row.key)
            self._topics.worked(row.topic)
            self._ensured.discard(row.topic)

    async def _leave_alone(self, rows: Sequence[_Waiting], answers: Sequence[Exception | None]) -> bool:
        """Postpone what failed. True when a missing topic was created, so that its rows may go at once.

        The first failure of a key tells why; the log held its later rows back for that reason only."""
        first: dict[str, Exception] = {}
        missing: set[str] = set()
        for row, answer in zip(rows, answers, strict=True):
            if answer is not None:
                first.setdefault(row.key, answer)
                if isinstance(answer, TopicMissingError):
                    missing.add(row.topic)
        failed = [key for key, answer in first.items() if not isinstance(answer, TopicMissingError)]
        for key in failed:
            self._keys.failed(key)
        if failed:
            kinds = sorted({type(first[key]).__name__ for key in failed})
            _log.warning("relay.publish_failed", count=len(failed), error=" ".join(kinds))
        self.numbers.failed += sum(answer is not None for answer in answers)
        return any(await asyncio.gather(*(self._create_or_postpone(topic) for topic in sorted(missing))))

    async def _create_or_postpone(self, topic: str) -> bool:
        if topic not in self._ensured and await self._ensure(topic):
            self._ensured.add(topic)
            return True
        self._ensured.discard(topic)
        self._topics.failed(topic)
        return False

    async def _ensure_all(self) -> None:
        await asyncio.gather(*(self._ensure(topic) for topic in self._expected_topics))

    async def _ensure(self, topic: str) -> bool:
        try:
            async with asyncio.timeout(self._limits.lease_seconds / 2):
                await self._event_log.ensure_topics([topic])
        except Exception as error:  # noqa: BLE001 any failure postpones this topic, and only this one
            _log.warning("relay.topic_missing", topic=topic, error=type(error).__name__)
            return False
        return True
