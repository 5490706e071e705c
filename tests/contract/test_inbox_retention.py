"""A service forgets what it has handled once no topic can tell it again, and nothing before."""

from datetime import timedelta

import pytest
from service_runtime.database.engine import Database
from service_runtime.ids import new_id
from service_runtime.inbox import Inbox
from service_runtime.retention import AT_ONCE, InboxRetention
from sqlalchemy import func, select
from support.clocks import StandingClock
from support.databases import create_tables
from support.runtime_tables import Base
from support.runtime_tables import Inbox as InboxTable

DAYS = 30
DAY = 86400


@pytest.fixture
async def tables(database: Database) -> Database:
    await create_tables(database, Base.metadata)
    return database


async def handled(
    database: Database, clock: StandingClock, ids: list[str], consumer: str = "one"
) -> set[str]:
    async with database.write() as session:
        return await Inbox(InboxTable, clock).take(session, consumer, ids)


async def forget(database: Database, clock: StandingClock, at_once: int = AT_ONCE) -> int:
    async with database.write() as session:
        return await InboxRetention(InboxTable, clock, DAYS, at_once)(session)


async def count(database: Database) -> int:
    async with database.read() as session:
        return (await session.execute(select(func.count()).select_from(InboxTable))).scalar_one()


async def test_what_is_old_is_forgotten_and_what_is_not_stays_handled(tables: Database) -> None:
    clock, old, young = StandingClock(), [new_id() for _ in range(3)], [new_id()]
    await handled(tables, clock, old)
    await handled(tables, clock, old, "another")
    clock.move(2 * DAY)
    await handled(tables, clock, young)
    clock.at = clock.at - timedelta(days=2) + timedelta(days=DAYS)
    assert await forget(tables, clock) == 0, "to the day"
    clock.move(1)
    assert await forget(tables, clock) == 6
    assert await forget(tables, clock) == 0
    assert await handled(tables, clock, young) == set()
    assert await count(tables) == 1


async def test_a_round_takes_no_more_than_it_may_and_the_oldest_first(tables: Database) -> None:
    clock, ids = StandingClock(), [new_id() for _ in range(5)]
    for one in ids:
        await handled(tables, clock, [one])
        clock.move(60)
    clock.move((DAYS + 1) * DAY)
    assert [await forget(tables, clock, at_once=2) for _ in range(4)] == [2, 2, 1, 0]
    assert await count(tables) == 0
