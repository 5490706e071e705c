"""What a service may rely on in its database, the same on both engines."""

import asyncio
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from service_runtime.clock import SystemClock
from service_runtime.database.connecting import DatabaseError
from service_runtime.database.engine import (
    Database,
    any_of,
    database_now,
    insert_ignore,
    tell_after_commit,
    wake_after_commit,
)
from service_runtime.ids import new_id
from service_runtime.web.refusals import is_unavailable
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from support.databases import OpenDatabase, create_tables
from support.runtime_tables import Base, Inbox, Lease

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
async def tables(database: Database) -> Database:
    await create_tables(database, Base.metadata)
    return database


def _row(event_id: str, *, at: datetime = AT) -> dict[str, object]:
    return {"consumer": "c", "event_id": event_id, "handled_at": at}


async def _count(database: Database) -> int:
    async with database.read() as session:
        return (await session.execute(select(func.count()).select_from(Inbox))).scalar_one()


async def test_a_clean_exit_commits_and_wakes_each_channel_once(tables: Database) -> None:
    woken: list[set[str]] = []
    tables.on_commit = lambda channels: woken.append(set(channels))
    async with tables.write() as session:
        await session.execute(insert(Inbox), [_row(new_id())])
        wake_after_commit(session, "outbox")
        wake_after_commit(session, "outbox")
        wake_after_commit(session, "deliveries")
        assert not woken
    assert woken == [{"outbox", "deliveries"}]
    assert await _count(tables) == 1


async def test_what_is_to_be_told_is_told_after_the_commit_and_never_of_a_rollback(tables: Database) -> None:
    told: list[str] = []
    for engine in (tables.write, tables.single):
        async with engine() as session:
            tell_after_commit(session, lambda: told.append("kept"))
            assert "kept" not in told
        assert told.pop() == "kept"
        with suppress(RuntimeError):
            async with engine() as session:
                tell_after_commit(session, lambda: told.append("lost"))
                raise RuntimeError
        async with engine():
            """The connection comes back from the pool and remembers nothing."""
    assert not told


async def test_an_error_rolls_everything_back_and_wakes_nobody(tables: Database) -> None:
    woken: list[object] = []
    tables.on_commit = woken.append

    async def fail_in_the_middle() -> None:
        async with tables.write() as session:
            await session.execute(insert(Inbox), [_row(new_id())])
            wake_after_commit(session, "outbox")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_in_the_middle()
    assert not woken
    assert await _count(tables) == 0


async def test_a_cancelled_transaction_leaves_nothing_and_holds_nothing(tables: Database) -> None:
    inside = asyncio.Event()

    async def write_for_ever() -> None:
        async with tables.write() as session:
            await session.execute(insert(Inbox), [_row(new_id())])
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_for_ever())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with tables.write() as session:
        await session.execute(insert(Inbox), [_row(new_id())])
    assert await _count(tables) == 1


async def test_a_single_statement_commits_itself_and_wakes(tables: Database) -> None:
    woken: list[object] = []
    tables.on_commit = woken.append
    async with tables.single() as session:
        await session.execute(insert(Inbox), [_row(new_id())])
        wake_after_commit(session, "outbox")
    assert woken == [{"outbox"}]
    assert await _count(tables) == 1


async def test_a_reader_cannot_write(tables: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        async with tables.read() as session:
            await session.execute(insert(Inbox), [_row(new_id())])
    assert await _count(tables) == 0


async def test_a_reader_sees_only_what_is_committed_and_does_not_wait_for_the_writer(
    tables: Database,
) -> None:
    async with tables.write() as session:
        await session.execute(insert(Inbox), [_row(new_id())])
        assert await _count(tables) == 0
    assert await _count(tables) == 1


async def test_of_many_read_decide_writes_at_once_none_is_lost(
    tables: Database, open_database: OpenDatabase
) -> None:
    """INVARIANT: a transaction decides on what it read. On SQLite a deferred BEGIN would break it (updates
    are lost or fail as busy); on PostgreSQL the row lock holds it."""
    other = await open_database()
    async with tables.write() as session:
        await session.execute(insert(Lease), [{"name": "n", "token": new_id(), "until": AT}])

    async def add_a_second(database: Database) -> None:
        async with database.write() as session:
            row = select(Lease.until).where(Lease.name == "n").with_for_update()
            until = (await session.execute(row)).scalar_one()
            await session.execute(update(Lease).values(until=until + timedelta(seconds=1)))

    await asyncio.gather(*(add_a_second(each) for each in [tables, other] * 20))
    async with tables.read() as session:
        assert (await session.execute(select(Lease.until))).scalar_one() == AT + timedelta(seconds=40)


async def test_times_come_back_as_they_went_in_to_the_microsecond(tables: Database) -> None:
    helsinki_summer = AT.astimezone().replace(microsecond=999999)
    async with tables.write() as session:
        await session.execute(insert(Inbox), [_row(new_id(), at=helsinki_summer)])
    async with tables.read() as session:
        back = (await session.execute(select(Inbox.handled_at))).scalar_one()
    assert back == helsinki_summer
    assert back.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(tables: Database) -> None:
    with pytest.raises(Exception, match="without a zone"):
        async with tables.write() as session:
            await session.execute(insert(Inbox), [_row(new_id(), at=AT.replace(tzinfo=None))])


async def test_an_error_of_the_database_shows_no_values(tables: Database) -> None:
    row = _row(new_id()) | {"consumer": "".join(("Meika", "lainen"))}
    with pytest.raises(DBAPIError) as refused:
        async with tables.write() as session:
            await session.execute(insert(Inbox), [row, row])
    told = "".join(traceback.format_exception(refused.value))
    assert "IntegrityError" in told
    assert "inbox" in told
    assert "Meikalainen" not in told


async def test_insert_ignore_adds_and_returns_only_what_is_new(tables: Database) -> None:
    known, *new = [new_id() for _ in range(4)]
    async with tables.write() as session:
        await session.execute(insert_ignore(session, Inbox, [_row(known)]))
        returned = await session.execute(
            insert_ignore(session, Inbox, [_row(each) for each in (known, *new)], Inbox.event_id)
        )
        assert set(returned.scalars()) == set(new)
        again = await session.execute(insert_ignore(session, Inbox, [_row(known)], Inbox.event_id))
        assert again.all() == []
    assert await _count(tables) == 4


async def test_any_of_finds_ids_texts_and_times_and_its_opposite_the_rest(tables: Database) -> None:
    ids = [new_id() for _ in range(300)]
    later = AT + timedelta(microseconds=1)
    async with tables.write() as session:
        await session.execute(insert(Inbox), [_row(each) for each in ids[:-1]] + [_row(ids[-1], at=later)])
    async with tables.read() as session:

        async def found(condition: object) -> set[str]:
            return set((await session.execute(select(Inbox.event_id).where(condition))).scalars())  # pyright: ignore[reportArgumentType]

        assert await found(any_of(Inbox.event_id, ids[:200])) == set(ids[:200])
        assert await found(~any_of(Inbox.event_id, ids[:200])) == set(ids[200:])
        assert await found(any_of(Inbox.handled_at, [later])) == {ids[-1]}
        assert await found(any_of(Inbox.consumer, ["c", "o'connor"])) == set(ids)
        assert await found(any_of(Inbox.event_id, [])) == set()


async def test_the_database_has_a_clock_of_its_own_that_moves_within_a_transaction(tables: Database) -> None:
    async with tables.write() as session:
        first = await database_now(session)
        while (second := await database_now(session)) == first:
            pass
    assert first < second
    assert abs((second - SystemClock().now()).total_seconds()) < 60


async def test_ping_answers_and_raises_where_there_is_no_database(tables: Database) -> None:
    await tables.ping()
    away = Database.open("postgresql://nobody@127.0.0.1:9/none", schema="s")
    with pytest.raises(OSError):
        await away.ping()
    await away.close()


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="sqlite"):
        Database.open("mysql://host/name", schema="s")


async def test_a_connection_that_the_server_closed_is_replaced_without_an_error(
    postgres_url: str, schema: str
) -> None:
    """INVARIANT: a restart of PostgreSQL costs no request of those that begin once its connections are known
    to be closed; without the look at checkout, each pooled one would fail a request."""
    database = Database.open(postgres_url, schema=schema, pool_size=1)
    other = Database.open(postgres_url, schema=schema, pool_size=1)
    try:
        async with database.write() as session:
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            driver = (await session.get_raw_connection()).driver_connection
        assert driver is not None
        async with other.write() as session:
            await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        while not driver.is_closed():  # noqa: ASYNC110 the driver has no event for it
            await asyncio.sleep(0.01)
        async with database.write() as session:
            assert (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one() != pid
    finally:
        await database.close()
        await other.close()


_LAST_WORDS = b"SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"


@pytest.mark.parametrize("opened", ["write", "single", "read"])
async def test_a_connection_that_the_server_is_closing_counts_as_a_database_that_is_away(
    postgres_url: str, schema: str, opened: str
) -> None:
    """The server's last words have come, the end of the connection has not: one request is told to try
    again, never that we failed, and the next one has a new connection."""
    database = Database.open(postgres_url, schema=schema, pool_size=1)
    try:
        async with getattr(database, opened)() as session:
            await session.execute(text("SELECT 1"))
            driver = (await session.get_raw_connection()).driver_connection
        assert driver is not None
        driver._protocol.data_received(b"E" + (len(_LAST_WORDS) + 4).to_bytes(4) + _LAST_WORDS)
        with pytest.raises(DatabaseError) as raised:
            async with getattr(database, opened)() as session:
                await session.execute(text("SELECT 1"))
        assert is_unavailable(raised.value)
        async with getattr(database, opened)() as session:
            assert (await session.execute(text("SELECT 2"))).scalar_one() == 2
    finally:
        await database.close()
