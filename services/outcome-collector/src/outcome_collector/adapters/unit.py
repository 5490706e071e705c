"""One transaction over all of the collector's tables."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.outbox import Outbox
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.event_rows import (
    OutboxAnnouncements,
    TableAudit,
    TableRevocations,
    TableWriteBacks,
)
from outcome_collector.adapters.page_rows import TablePages
from outcome_collector.adapters.task_reader import TableTaskReader
from outcome_collector.adapters.task_store import TableTasks


class TableUnit:
    """Implements `ports.Unit` on a session; whoever opened the session commits it."""

    def __init__(self, session: AsyncConnection, outbox: Outbox, clock: Clock) -> None:
        self.tasks = TableTasks(session)
        self.reader = TableTaskReader(session)
        self.announcements = OutboxAnnouncements(session, outbox)
        self.write_backs = TableWriteBacks(session, clock)
        self.audit = TableAudit(session)
        self.revocations = TableRevocations(session, clock)
        self.pages = TablePages(session)


class TableUnits:
    """Implements `ports.Units`."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database, self._outbox, self._clock = database, outbox, clock

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[TableUnit]:
        async with self._database.write() as session:
            yield self.on(session)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[TableUnit]:
        async with self._database.read() as session:
            yield self.on(session)

    def on(self, session: AsyncConnection) -> TableUnit:
        """The same on a transaction that somebody else commits, such as a consumer's."""
        return TableUnit(session, self._outbox, self._clock)
