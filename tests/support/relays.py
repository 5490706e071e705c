"""A service with an outbox and as many relays as a test starts."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.event_log.port import EventLog
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox as OutboxWriter
from service_runtime.relay import Relay, RelayLimits
from service_runtime.wakeup import LocalWakeup, Wakeup
from sqlalchemy import func, select
from support.runtime_tables import Lease, Outbox

TOPIC = "tests.events.v1"


@dataclass
class Running:
    """A relay at work. `kill` ends it as kill -9 would: nothing is given back."""

    relay: Relay
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def finish(self) -> None:
        self.stop.set()
        if self.task:
            async with asyncio.timeout(30):
                await self.task

    async def kill(self) -> None:
        if self.task:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


class OutboxBench:
    """Writes events and starts relays on one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SystemClock()
        self.wakeup = LocalWakeup()
        self.writer = OutboxWriter(Outbox, source="/kymenlaakso/tests", clock=self.clock)
        self.running: list[Running] = []
        database.on_commit = lambda channels: [self.wakeup.notify(each) for each in channels]

    async def write(self, *keys: str, topic: str = TOPIC) -> list[str]:
        """One transaction with one event a key; answers the events' ids."""
        events = [OutgoingEvent(new_id(), "tests.happened", topic, key, {"key": key}) for key in keys]
        async with self.database.write() as session:
            await self.writer.add(session, events)
        return [event.id for event in events]

    def start(
        self,
        log: EventLog,
        *,
        database: Database | None = None,
        wakeup: Wakeup | None = None,
        poll_seconds: float = 0.05,
        limits: RelayLimits | None = None,
        topics: Sequence[str] = (),
    ) -> Running:
        relay = Relay(
            database=database or self.database,
            outbox_table=Outbox,
            lease_table=Lease,
            event_log=log,
            wakeup=wakeup or self.wakeup,
            clock=self.clock,
            poll_seconds=poll_seconds,
            limits=limits or RelayLimits(pace_seconds=0.001),
            topics=topics,
        )
        running = Running(relay)
        running.task = asyncio.create_task(relay.run(running.stop))
        self.running.append(running)
        return running

    async def waiting(self) -> list[str]:
        """Ids of the events that are not marked as published, in their order."""
        table = Outbox.__table__  # pyright: ignore[reportAttributeAccessIssue] SQLModel's
        query = select(table.c.id).where(table.c.published_at.is_(None)).order_by(table.c.sequence)
        async with self.database.read() as session:
            return list((await session.execute(query)).scalars())

    async def until_waiting(self, most: int) -> int:
        """Wait until at most so many events are not marked; answers how many."""
        table = Outbox.__table__  # pyright: ignore[reportAttributeAccessIssue] SQLModel's
        query = select(func.count()).where(table.c.published_at.is_(None))
        async with asyncio.timeout(30), self.database.read() as session:
            while (left := (await session.execute(query)).scalar_one()) > most:
                pass
        return left

    async def until_all_marked(self) -> None:
        await self.until_waiting(0)

    async def close(self) -> None:
        for running in self.running:
            await running.kill()
