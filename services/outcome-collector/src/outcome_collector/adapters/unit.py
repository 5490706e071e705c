"""One transaction over all of the collector's tables."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from service_runtime.clock import Clock
from service_runtime.database.engine import Database, wake_after_commit
from service_runtime.database.together import ConditionFailedError, Write, write_together, write_together_if
from service_runtime.delivery.dispatcher import CHANNEL as DELIVERIES
from service_runtime.outbox import Outbox
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.event_rows import (
    AUDIT,
    WRITE_BACKS,
    OutboxAnnouncements,
    TableAudit,
    TableRevocations,
    audit_rows,
    write_back_rows,
)
from outcome_collector.adapters.page_rows import TablePages
from outcome_collector.adapters.seen_tasks import SeenTasks
from outcome_collector.adapters.subscription_rows import EVENTS, LISTENING, event_rows
from outcome_collector.adapters.task_reader import TableTaskReader
from outcome_collector.adapters.task_rows import (
    RESOURCES,
    TASKS,
    WRITTEN,
    changing_values,
    new_values,
    version_values,
)
from outcome_collector.adapters.task_store import TableTasks
from outcome_collector.ports import Decided, Decision, OneChange


class TableUnit:
    """Implements `ports.Unit` on a session; whoever opened the session commits it."""

    def __init__(self, session: AsyncConnection, outbox: Outbox, clock: Clock) -> None:
        self._session, self._outbox, self._clock = session, outbox, clock
        self.tasks = TableTasks(session)
        self.reader = TableTaskReader(session)
        self.announcements = OutboxAnnouncements(session, outbox)
        self.audit = TableAudit(session)
        self.revocations = TableRevocations(session, clock)
        self.pages = TablePages(session)

    async def keep(self, decision: Decision) -> None:
        """In one statement, where the database has round trips to save."""
        await write_together(self._session, _writes(self._session, self._outbox, self._clock, decision))


class UnlockedChange:
    """Implements `ports.OneChange` on PostgreSQL in two statements, each its own transaction: what was seen
    is compared with what is there when the decision is written. Raises ConditionFailedError where they
    differ."""

    def __init__(self, session: AsyncConnection, outbox: Outbox, clock: Clock) -> None:
        self._session, self._outbox, self._clock = session, outbox, clock
        self.tasks = SeenTasks(session)

    async def keep(self, decision: Decision) -> None:
        writes = _writes(self._session, self._outbox, self._clock, decision)
        await write_together_if(self._session, self.tasks.unchanged(), writes)


def _writes(session: AsyncConnection, outbox: Outbox, clock: Clock, decision: Decision) -> Sequence[Write]:
    """The rows of `decision`; the loops that wait for them are woken after the commit."""
    written, fresh = WRITTEN[session.dialect.name], [task for task in decision.changed if task.fresh]
    unseen = [changing_values(task) for task in decision.changed if not task.fresh]
    kept = (*decision.added, *fresh)
    if decision.write_backs:
        wake_after_commit(session, DELIVERIES)
    return [
        Write(TASKS, [new_values(task) for task in decision.added], computed=written),
        Write(TASKS, [changing_values(task) for task in fresh], key="id", computed=written),
        Write(TASKS, unseen, key="id"),
        Write(RESOURCES, [version_values(task, decision.author) for task in kept], computed=written),
        Write(WRITE_BACKS, write_back_rows(decision.write_backs, clock.now())),
        Write(EVENTS, event_rows(kept), computed=(("subscription", "subscriptions.id"),), joined=LISTENING),
        Write(AUDIT, audit_rows(decision.accesses)),
        *outbox.writes(session, decision.events),
    ]


class TableUnits:
    """Implements `ports.Units`."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database, self._outbox, self._clock = database, outbox, clock

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[TableUnit]:
        async with self._database.write() as session:
            yield self.on(session)

    @asynccontextmanager
    async def single(self) -> AsyncGenerator[TableUnit]:
        async with self._database.single() as session:
            yield self.on(session)

    async def change(self, decide: Callable[[OneChange], Awaitable[Decided]]) -> Decided:
        if self._database.dialect == "postgresql":
            with suppress(ConditionFailedError):
                async with self._database.single() as session:
                    return await decide(UnlockedChange(session, self._outbox, self._clock))
        async with self.write() as unit:
            return await decide(unit)

    def on(self, session: AsyncConnection) -> TableUnit:
        """The same on a transaction that somebody else commits, such as a consumer's."""
        return TableUnit(session, self._outbox, self._clock)
