"""What the delivery engine promises of leases, on PostgreSQL and SQLite alike."""

from collections.abc import Sequence

import pytest
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.delivery.claims import Claims
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.completions import Completions, Ended, Hooks
from service_runtime.delivery.schedule import Decision
from service_runtime.delivery.sender import Attempted, Delivery, Settled
from service_runtime.ids import new_id
from sqlalchemy.exc import IntegrityError
from support.clocks import StandingClock
from support.databases import OpenDatabase, create_tables
from support.deliveries import (
    Attempts,
    Base,
    Deliveries,
    a_delivery,
    attempts_of,
    plan,
    rows_of,
    run_out_leases,
)

CLOCK = StandingClock()


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    database = await open_database()
    await create_tables(database, Base.metadata)
    return database


def claims(clock: StandingClock = CLOCK, lease_seconds: float = 45) -> Claims:
    return Claims(Deliveries.__table__, Attempts.__table__, clock, lease_seconds)


async def take(database: Database, **slots: int) -> list[Delivery]:
    async with database.write() as session:
        return list(await claims().take(session, slots))


async def reclaim(database: Database) -> int:
    async with database.write() as session:
        return await claims().reclaim(session)


async def finish(database: Database, *deliveries: Delivery, hooks: Hooks | None = None) -> None:
    completions = Completions(
        database, Deliveries.__table__, Attempts.__table__, hooks or Hooks(), lambda _: None
    )
    for delivery in deliveries:
        settled = Settled(delivery, Attempted(AttemptClass.DELIVERED, status_code=200), CLOCK.now())
        completions.add(Ended(settled, Decision("succeeded", CLOCK.now(), 1)))
    assert await completions.flush()


async def test_a_claim_takes_as_many_due_rows_of_each_endpoint_as_it_has_slots(database: Database) -> None:
    await plan(database, [a_delivery(CLOCK, endpoint=e) for e in ("gym", "gym", "gym", "pool", "track")])

    taken = await take(database, gym=2, pool=2)

    assert sorted(delivery.endpoint for delivery in taken) == ["gym", "gym", "pool"]


async def test_a_row_that_is_not_due_is_not_taken(database: Database) -> None:
    later = StandingClock()
    later.move(5)
    await plan(database, [a_delivery(later)])

    assert await take(database, gym=9) == []
    async with database.write() as session:
        assert await claims().due(session) == ([], later.now())
        assert len(await claims(later).take(session, {"gym": 9})) == 1


async def test_the_endpoints_with_due_rows_are_found(database: Database) -> None:
    rows = [a_delivery(CLOCK, endpoint=e) for e in ("b", "a", "c", "a", "a")]
    await plan(database, rows)
    await take(database, b=1)

    async with database.write() as session:
        assert await claims().due(session) == (["a", "c"], None)


async def test_what_is_claimed_is_not_claimed_again_while_the_lease_lasts(database: Database) -> None:
    await plan(database, [a_delivery(CLOCK)])

    assert len(await take(database, gym=1)) == 1
    assert await take(database, gym=1) == []
    assert await reclaim(database) == 0


async def test_invariant_only_the_first_open_event_of_a_referral_is_claimed_at_an_endpoint(
    database: Database,
) -> None:
    """INVARIANT: order per (referral, endpoint). A claim that took any due row would break it."""
    first, second, third = (a_delivery(CLOCK, ordering_key="r", sequence=n) for n in (1, 2, 3))
    elsewhere = a_delivery(CLOCK, ordering_key="r", sequence=2, endpoint="pool")
    await plan(database, [third, second, first, elsewhere])

    taken = await take(database, gym=9, pool=9)

    assert {delivery.id for delivery in taken} == {first["id"], elsewhere["id"]}
    await finish(database, *taken)
    assert [delivery.id for delivery in await take(database, gym=9)] == [second["id"]]


async def test_a_later_event_waits_while_the_earlier_one_waits_for_its_turn(
    database: Database,
) -> None:
    later = StandingClock()
    later.move(60)
    await plan(
        database,
        [
            a_delivery(later, ordering_key="r", sequence=1),
            a_delivery(CLOCK, ordering_key="r", sequence=2),
        ],
    )

    assert await take(database, gym=9) == []


async def test_the_attempt_is_written_with_the_claim_before_anything_is_sent(database: Database) -> None:
    await plan(database, [a_delivery(CLOCK)])

    (taken,) = await take(database, gym=1)

    (attempt,) = await attempts_of(database, taken.id)
    assert (attempt["outcome"], attempt["number"], attempt["id"]) == ("in_flight", 1, taken.attempt_id)


async def test_a_killed_workers_row_is_claimed_again_and_its_attempt_closed_as_worker_lost(
    database: Database,
) -> None:
    await plan(database, [a_delivery(CLOCK)])
    (lost,) = await take(database, gym=1)
    await run_out_leases(database, SystemClock().now())

    assert await reclaim(database) == 1
    (again,) = await take(database, gym=1)

    assert (again.attempt, again.spent, again.event_id) == (2, 0, lost.event_id)
    outcomes = [attempt["outcome"] for attempt in await attempts_of(database, lost.id)]
    assert outcomes == ["worker_lost", "in_flight"]


async def test_invariant_a_stale_token_cannot_complete_a_delivery(database: Database) -> None:
    """INVARIANT: every terminal write names the token. Without it a worker that was thought dead would end
    a delivery that another one is making."""
    told: list[str] = []

    async def tell(_: object, settled: Sequence[Settled]) -> None:
        told.extend(one.delivery.token for one in settled)

    await plan(database, [a_delivery(CLOCK)])
    (stale,) = await take(database, gym=1)
    await run_out_leases(database, SystemClock().now())
    await reclaim(database)
    (current,) = await take(database, gym=1)

    await finish(database, stale, hooks=Hooks(succeeded=tell))

    assert (await rows_of(database))[stale.id]["state"] == "sending"
    assert told == []
    assert [a["outcome"] for a in await attempts_of(database, stale.id)] == ["worker_lost", "in_flight"]
    await finish(database, stale, current, hooks=Hooks(succeeded=tell))
    assert (await rows_of(database))[stale.id]["state"] == "succeeded"
    assert told == [current.token]


async def test_a_late_completion_counts_as_long_as_nobody_else_has_the_lease(database: Database) -> None:
    await plan(database, [a_delivery(CLOCK)])
    (taken,) = await take(database, gym=1)
    await run_out_leases(database, SystemClock().now())

    await finish(database, taken)

    assert (await rows_of(database))[taken.id]["state"] == "succeeded"


async def test_a_released_lease_is_due_at_once(database: Database) -> None:
    await plan(database, [a_delivery(CLOCK)])
    taken = await take(database, gym=1)

    async with database.write() as session:
        assert await claims().release(session, taken) == 1

    (again,) = await take(database, gym=1)
    assert (again.attempt, again.spent) == (2, 0)


async def test_one_event_is_planned_once_for_an_endpoint(database: Database) -> None:
    event = new_id()
    await plan(database, [a_delivery(CLOCK, event_id=event, endpoint=e) for e in ("gym", "pool")])

    with pytest.raises(IntegrityError):
        await plan(database, [a_delivery(CLOCK, event_id=event)])


async def test_a_hook_that_fails_for_one_delivery_does_not_hold_up_the_others(database: Database) -> None:
    await plan(database, [a_delivery(CLOCK, payload=b"poison"), a_delivery(CLOCK), a_delivery(CLOCK)])
    taken = await take(database, gym=9)

    async def tell(_: object, settled: Sequence[Settled]) -> None:
        if any(one.delivery.payload == b"poison" for one in settled):
            raise RuntimeError("this one cannot be told")

    completions = Completions(
        database, Deliveries.__table__, Attempts.__table__, Hooks(succeeded=tell), lambda _: None
    )
    for delivery in taken:
        settled = Settled(delivery, Attempted(AttemptClass.DELIVERED), CLOCK.now())
        completions.add(Ended(settled, Decision("succeeded", CLOCK.now(), 1)))

    assert not await completions.flush()
    states = [row["state"] for row in (await rows_of(database)).values()]
    assert sorted(states) == ["sending", "succeeded", "succeeded"]
