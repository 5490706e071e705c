"""The sweep runs its checks now and then, in one process of a service."""

import asyncio

import pytest
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.ids import new_id
from service_runtime.sweep import Check, Sweep
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from support.databases import OpenDatabase, create_tables
from support.runtime_tables import Base, Inbox, Lease


@pytest.fixture
async def tables(database: Database) -> Database:
    await create_tables(database, Base.metadata)
    return database


class Counting:
    """A check that writes a row each time and tells when it has run often enough."""

    def __init__(self) -> None:
        self.runs = 0
        self.changed = asyncio.Event()

    async def __call__(self, session: AsyncConnection) -> int:
        row = {"consumer": "sweep", "event_id": new_id(), "handled_at": SystemClock().now()}
        await session.execute(insert(Inbox), [row])
        self.runs += 1
        self.changed.set()
        return 1

    async def until(self, runs: int) -> None:
        async with asyncio.timeout(30):
            while self.runs < runs:
                self.changed.clear()
                await self.changed.wait()


def sweep(database: Database, *checks: Check, every_seconds: float = 0.01) -> Sweep:
    return Sweep(
        database=database,
        lease_table=Lease,
        name="sweep",
        every_seconds=every_seconds,
        checks=checks,
        clock=SystemClock(),
    )


async def test_checks_run_again_and_again_and_what_they_write_is_kept(tables: Database) -> None:
    check, stop = Counting(), asyncio.Event()
    task = asyncio.create_task(sweep(tables, check).run(stop))
    await check.until(3)
    stop.set()
    await task
    async with tables.read() as session:
        assert (await session.execute(select(func.count()).select_from(Inbox))).scalar_one() == check.runs


async def test_a_check_that_fails_undoes_only_its_own_and_the_next_sweep_comes(tables: Database) -> None:
    check, stop = Counting(), asyncio.Event()

    async def refuse(session: AsyncConnection) -> int:
        raise TimeoutError

    task = asyncio.create_task(sweep(tables, check, refuse).run(stop))
    await check.until(3)
    stop.set()
    await task


async def test_the_second_sweep_begins_when_the_first_has_stopped(
    tables: Database, open_database: OpenDatabase
) -> None:
    first, second = Counting(), Counting()
    stops = [asyncio.Event(), asyncio.Event()]
    tasks = [asyncio.create_task(sweep(tables, first).run(stops[0]))]
    await first.until(1)
    tasks.append(asyncio.create_task(sweep(await open_database(), second).run(stops[1])))
    await first.until(5)
    assert second.runs == 0
    stops[0].set()
    await tasks[0]
    await second.until(1)
    stops[1].set()
    await tasks[1]


async def test_one_sweep_tells_how_much_it_mended(tables: Database) -> None:
    assert await sweep(tables, Counting(), Counting()).once() == 2
