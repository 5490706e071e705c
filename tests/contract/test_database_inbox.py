"""The inbox: the same event again changes nothing."""

import asyncio
import random

import pytest
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.ids import new_id
from service_runtime.inbox import Inbox as InboxWriter
from support.databases import OpenDatabase, create_tables
from support.runtime_tables import Base, Inbox


@pytest.fixture
async def inbox(database: Database) -> InboxWriter:
    await create_tables(database, Base.metadata)
    return InboxWriter(Inbox, SystemClock())


async def test_each_event_is_new_once_a_consumer(inbox: InboxWriter, database: Database) -> None:
    first, second, third = (new_id() for _ in range(3))
    async with database.write() as session:
        assert await inbox.take(session, "one", [first, second, first]) == {first, second}
    async with database.write() as session:
        assert await inbox.take(session, "one", [first, second, third]) == {third}
        assert await inbox.take(session, "one", [third]) == set()
        assert await inbox.take(session, "two", [first]) == {first}
        assert await inbox.take(session, "two", []) == set()


async def test_rolled_back_with_the_handling_they_are_new_again(
    inbox: InboxWriter, database: Database
) -> None:
    ids = [new_id() for _ in range(200)]

    async def fail_to_handle() -> None:
        async with database.write() as session:
            await inbox.take(session, "one", ids)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_to_handle()
    async with database.write() as session:
        assert await inbox.take(session, "one", ids) == set(ids)


async def test_two_members_with_the_same_events_share_them_without_a_deadlock(
    inbox: InboxWriter, database: Database, open_database: OpenDatabase
) -> None:
    """INVARIANT: ids are written in one order. In each member's own order, two that got the same records (a
    rebalance) would wait for each other on PostgreSQL until one is killed."""
    other = await open_database()
    ids = [new_id() for _ in range(5000)]

    async def take_once(where: Database) -> set[str]:
        async with where.write() as session:
            return await inbox.take(session, "one", random.sample(ids, len(ids)))

    taken = await asyncio.gather(*(take_once(each) for each in [database, other] * 4))
    assert sorted(each for some in taken for each in some) == sorted(ids)
