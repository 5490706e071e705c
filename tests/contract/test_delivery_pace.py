"""An endpoint that answers 429 gets half as many attempts, from all dispatchers together; no other does.

On PostgreSQL and SQLite alike, by a clock that stands until it is moved."""

import asyncio
from collections.abc import Sequence

import pytest
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.dispatcher import Limits
from service_runtime.delivery.pace import PaceLimits, Paces, slowed_endpoints
from service_runtime.delivery.sender import Attempted, Delivery, Settled
from service_runtime.ids import new_id
from support.clocks import StandingClock
from support.databases import OpenDatabase, create_tables
from support.deliveries import (
    Base,
    PaceOfEndpoint,
    Receiver,
    a_delivery,
    dispatcher,
    plan,
    rows_of,
    running,
    until,
)

TABLE = PaceOfEndpoint.__table__
LIMITS = PaceLimits(full_per_second=16.0, ease_seconds=60.0)
REFUSED = Attempted(AttemptClass.RATE_LIMITED, status_code=429)


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    database = await open_database()
    await create_tables(database, Base.metadata)
    return database


def settled(clock: Clock, endpoint: str, attempted: Attempted = REFUSED) -> Settled:
    row = a_delivery(clock, endpoint=endpoint)
    delivery = Delivery(
        id=row["id"],
        event_id=row["event_id"],
        endpoint=endpoint,
        channel="test",
        ordering_key="r",
        sequence=1,
        payload=b"",
        created_at=clock.now(),
        attempt=1,
        attempt_id=new_id(),
        spent=0,
        fault_since=None,
        stalled=False,
        token=new_id(),
    )
    return Settled(delivery, attempted, clock.now())


async def settle(database: Database, ended: Sequence[Settled]) -> None:
    async with database.write() as session:
        await Paces(TABLE, LIMITS).settle(session, ended)


async def granted(database: Database, clock: Clock, *endpoints: str) -> dict[str, int]:
    async with database.write() as session:
        slots, _ = await Paces(TABLE, LIMITS).grant(session, dict.fromkeys(endpoints, 16), clock.now())
    return dict(slots)


async def slow(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await slowed_endpoints(session, TABLE))


async def test_only_the_endpoint_that_refused_is_held_back_and_only_as_long_as_its_pause(
    database: Database,
) -> None:
    clock = StandingClock()
    await settle(
        database, [settled(clock, "busy"), settled(clock, "fine", Attempted(AttemptClass.DELIVERED))]
    )
    assert await slow(database) == ["busy"]
    assert await granted(database, clock, "busy", "fine") == {"fine": 16}
    clock.move(0.125)
    assert await granted(database, clock, "busy", "fine") == {"busy": 1, "fine": 16}
    assert await granted(database, clock, "busy") == {}


async def test_several_endpoints_refuse_in_one_batch_and_one_of_them_twice(database: Database) -> None:
    clock = StandingClock()
    await settle(database, [settled(clock, name) for name in ("b", "a", "b")])
    clock.move(1)
    await settle(database, [settled(clock, "b"), settled(clock, "c")])
    clock.move(0.125)
    assert await slow(database) == ["a", "b", "c"]
    assert await granted(database, clock, "a", "b", "c") == {"a": 1, "c": 1}
    clock.move(0.125)
    assert await granted(database, clock, "b") == {"b": 1}


async def test_invariant_of_many_dispatchers_at_one_moment_one_gets_the_endpoint(
    database: Database, open_database: OpenDatabase
) -> None:
    """INVARIANT: the rate is one for all processes. Broken, a receiver that asked for less gets as many times
    as much as there are dispatchers."""
    clock = StandingClock()
    others = [await open_database() for _ in range(4)]
    await settle(database, [settled(clock, "busy")])
    for _ in range(3):
        clock.move(0.125)
        found = await asyncio.gather(*(granted(one, clock, "busy") for one in others * 4))
        assert sum(one.get("busy", 0) for one in found) == 1


async def test_the_endpoint_is_at_full_speed_again_after_minutes_without_a_refusal(
    database: Database,
) -> None:
    clock = StandingClock()
    for _ in range(2):
        clock.move(1)
        await settle(database, [settled(clock, "busy")])
    for slots in ({"busy": 1}, {"busy": 1}, {"busy": 16}):
        clock.move(62)
        assert await granted(database, clock, "busy") == slots
    assert await slow(database) == []


async def test_a_dispatcher_sends_a_slowed_endpoint_no_more_than_its_rate_and_all_in_the_end(
    database: Database,
) -> None:
    clock, receiver = StandingClock(), Receiver()
    receiver.answers("busy", REFUSED)
    rows = [a_delivery(clock, endpoint="busy")]
    loop = dispatcher(
        database,
        receiver,
        clock,
        paces=Paces(TABLE, LIMITS),
        limits=Limits(poll_seconds=0.02, pace_seconds=0.0, drain_seconds=0.2),
    )

    async def is_slow() -> bool:
        return await slow(database) == ["busy"]

    async with running(loop):
        await plan(database, rows)
        await until(is_slow)
        late = [a_delivery(clock, endpoint="busy") for _ in range(5)]
        marker = a_delivery(clock, endpoint="fine")
        await plan(database, [*late, marker])
        await receiver.has(lambda got: any(one.id == marker["id"] for one in got))
        assert len([one for one in receiver.got if one.endpoint == "busy"]) == 1
        for sent in range(2, 8):
            clock.move(0.125)
            await receiver.has(lambda got, n=sent: len([one for one in got if one.endpoint == "busy"]) == n)

        async def is_done() -> bool:
            return all(row["state"] == "succeeded" for row in (await rows_of(database)).values())

        await until(is_done)
    assert {one.id for one in receiver.got} == {row["id"] for row in [*rows, *late, marker]}
    assert (await rows_of(database))[rows[0]["id"]]["spent"] == 1
