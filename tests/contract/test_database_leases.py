"""Leases: one holder at a time, by the database's clock."""

import asyncio

import pytest
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.leases import Lease, LeaseHolder
from sqlalchemy import select, update
from support.databases import OpenDatabase, create_tables
from support.runtime_tables import Base
from support.runtime_tables import Lease as LeaseTable


@pytest.fixture
async def leases(database: Database) -> Database:
    await create_tables(database, Base.metadata)
    return database


async def test_only_one_of_many_gets_it(leases: Database, open_database: OpenDatabase) -> None:
    other = await open_database()
    lease = Lease(LeaseTable, "sweep", 60)

    async def ask(database: Database) -> str | None:
        async with database.single() as session:
            return await lease.acquire(session)

    answers = await asyncio.gather(*(ask(each) for each in [leases, other] * 5))
    assert len([each for each in answers if each]) == 1


async def test_what_ran_out_can_be_acquired_and_the_old_token_is_worth_nothing(leases: Database) -> None:
    short, lease = Lease(LeaseTable, "relay", 0.05), Lease(LeaseTable, "relay", 60)
    async with leases.write() as session:
        old = await short.acquire(session)
        assert old
        async with asyncio.timeout(30):
            while await lease.free_in(session) > 0:
                assert await lease.free_in(session) <= 0.05
            new = None
            while new is None:
                new = await lease.acquire(session)
        assert not await lease.renew(session, old)
        assert await lease.renew(session, new)
        assert 59 < await lease.free_in(session) <= 60
        assert (await session.execute(select(lease.held_with(new)))).scalar_one()
        assert not (await session.execute(select(lease.held_with(old)))).scalar_one()
        await lease.release(session, old)
        assert await lease.acquire(session) is None


async def test_a_released_lease_is_free_at_once_and_others_are_not_touched(leases: Database) -> None:
    one, two = Lease(LeaseTable, "one", 60), Lease(LeaseTable, "two", 60)
    async with leases.write() as session:
        token = await one.acquire(session)
        assert await two.acquire(session)
        assert token
        await one.release(session, token)
        assert await one.free_in(session) == 0
        assert await two.free_in(session) > 0
        assert await one.acquire(session)


async def test_a_lease_that_ran_out_but_that_nobody_took_can_be_renewed(leases: Database) -> None:
    lease = Lease(LeaseTable, "relay", 60)
    async with leases.write() as session:
        token = await lease.acquire(session)
        assert token
        await session.execute(update(LeaseTable).values(until=SystemClock().now()))
        assert await lease.renew(session, token)


async def test_a_holder_asks_the_database_only_when_half_of_the_time_is_gone(leases: Database) -> None:
    clock = _Clock()
    holder = LeaseHolder(leases, Lease(LeaseTable, "relay", 60), clock)
    assert await holder.ensure() == 0
    async with leases.write() as session:
        await session.execute(update(LeaseTable).values(token="019b0000-0000-7000-8000-000000000000"))
    clock.seconds = 29
    assert await holder.ensure() == 0
    clock.seconds = 31
    assert 0 < await holder.ensure() <= 60
    assert holder.token is None


async def test_a_holder_that_gives_back_holds_nothing(leases: Database) -> None:
    holder = LeaseHolder(leases, Lease(LeaseTable, "relay", 60), SystemClock())
    other = LeaseHolder(leases, Lease(LeaseTable, "relay", 60), SystemClock())
    await holder.ensure()
    assert await other.ensure() > 0
    await holder.give_back()
    assert await other.ensure() == 0


class _Clock(SystemClock):
    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds
