"""A service's delivery tables as the engine's tests have them, and a receiver that answers as it is told."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from service_runtime.clock import Clock
from service_runtime.database.engine import Database, wake_after_commit
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.completions import Hooks
from service_runtime.delivery.dispatcher import CHANNEL, Channel, Dispatcher, Limits
from service_runtime.delivery.pace import Paces
from service_runtime.delivery.rows import AttemptRow, DeliveryRow, PaceRow, index_deliveries
from service_runtime.delivery.schedule import Policy
from service_runtime.delivery.sender import Attempted, Delivery, Gate
from service_runtime.ids import new_id
from service_runtime.wakeup import LocalWakeup
from sqlalchemy import UniqueConstraint, insert, select, update
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Base(SQLModel, registry=registry()):
    pass


class Deliveries(DeliveryRow, Base, table=True):
    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("event_id", "endpoint"),)


class Attempts(AttemptRow, Base, table=True):
    __tablename__ = "attempts"


class PaceOfEndpoint(PaceRow, Base, table=True):
    __tablename__ = "paces"


index_deliveries(Deliveries.__table__, Attempts.__table__)


class Receiver:
    """Plays the endpoints: answers from a script per endpoint, then `delivered`; remembers what it got.

    `hold(endpoint)` makes it keep attempts waiting until `let_go`, as a slow or hung receiver does."""

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        self._answers: dict[str, list[Attempted]] = defaultdict(list)
        self._held: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Condition()

    def answers(self, endpoint: str, *outcomes: AttemptClass | Attempted) -> None:
        self._answers[endpoint] += [o if isinstance(o, Attempted) else Attempted(o) for o in outcomes]

    def hold(self, endpoint: str) -> None:
        self._held[endpoint] = asyncio.Event()

    def let_go(self, endpoint: str) -> None:
        self._held.pop(endpoint).set()

    async def send(self, delivery: Delivery) -> Attempted:
        async with self._changed:
            self.got.append(delivery)
            self._changed.notify_all()
        if delivery.endpoint in self._held:
            await self._held[delivery.endpoint].wait()
        script = self._answers[delivery.endpoint]
        return script.pop(0) if script else Attempted(AttemptClass.DELIVERED, status_code=200)

    async def has(self, fact: Callable[[list[Delivery]], bool], seconds: float = 30) -> None:
        """Wait until `fact` is true of what was received."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: fact(self.got))


def a_delivery(clock: Clock, **given: Any) -> dict[str, Any]:
    """A row to plan, due now."""
    row: dict[str, Any] = {
        "id": new_id(),
        "event_id": new_id(),
        "endpoint": "gym",
        "channel": "test",
        "ordering_key": new_id(),
        "sequence": 1,
        "payload": b"{}",
        "state": "waiting",
        "created_at": clock.now(),
        "due_at": clock.now(),
        "attempts": 0,
        "spent": 0,
        "stalled": False,
    }
    return row | given


async def plan(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    async with database.write() as session:
        await session.execute(insert(Deliveries.__table__), list(rows))
        wake_after_commit(session, CHANNEL)


async def rows_of(database: Database, ids: Iterable[str] | None = None) -> dict[str, Any]:
    """The delivery rows by id."""
    table = Deliveries.__table__
    async with database.read() as session:
        found = (await session.execute(select(table))).mappings().all()
    wanted = None if ids is None else set(ids)
    return {row["id"]: row for row in found if wanted is None or row["id"] in wanted}


async def attempts_of(database: Database, delivery: str) -> list[Any]:
    table = Attempts.__table__
    async with database.read() as session:
        found = await session.execute(
            select(table).where(table.c.delivery == delivery).order_by(table.c.number)
        )
        return list(found.mappings().all())


async def run_out_leases(database: Database, before: datetime) -> None:
    """As if the time of all leases had passed: what a worker that died leaves behind, later."""
    table = Deliveries.__table__
    async with database.write() as session:
        await session.execute(
            update(table)
            .where(table.c.lease_until.is_not(None))
            .values(lease_until=before - timedelta(hours=1))
        )


def dispatcher(
    database: Database,
    receiver: Receiver,
    clock: Clock,
    *,
    hooks: Hooks | None = None,
    gate: Gate | None = None,
    paces: Paces | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
) -> Dispatcher:
    """A dispatcher of one process, woken by the commits of `database`."""
    wakeup = LocalWakeup()
    before = database.on_commit

    def on_commit(channels: Any) -> None:
        before(channels)
        for channel in channels:
            wakeup.notify(channel)

    database.on_commit = on_commit
    return Dispatcher(
        database=database,
        deliveries=Deliveries,
        attempts=Attempts,
        wakeup=wakeup,
        channels={
            "test": Channel(receiver, policy or Policy(delays=(0.0, 0.05, 0.05, 0.05), floor_seconds=0.0))
        },
        clock=clock,
        hooks=hooks or Hooks(),
        gate=gate,
        paces=paces,
        limits=limits or Limits(poll_seconds=0.05, drain_seconds=0.2),
        rng=random.Random(7),
    )


@asynccontextmanager
async def running(*dispatchers: Dispatcher) -> AsyncIterator[None]:
    """Dispatchers that run until the block ends, and then stop in order."""
    stop = asyncio.Event()
    loops = [asyncio.create_task(one.run(stop)) for one in dispatchers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*loops)


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    """The database has no way to tell a test: ask it until the fact is there."""
    async with asyncio.timeout(30):
        while not await fact():  # noqa: ASYNC110 another connection writes it
            await asyncio.sleep(0.02)
