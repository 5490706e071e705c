"""What the dispatcher promises, on PostgreSQL and SQLite alike."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

import pytest
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.completions import Hooks
from service_runtime.delivery.dispatcher import Limits
from service_runtime.delivery.schedule import Policy
from service_runtime.delivery.sender import Attempted, Delivery, Settled
from support.databases import OpenDatabase, create_tables
from support.deliveries import (
    Base,
    Receiver,
    a_delivery,
    attempts_of,
    dispatcher,
    plan,
    rows_of,
    run_out_leases,
    running,
    until,
)

CLOCK = SystemClock()


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    database = await open_database()
    await create_tables(database, Base.metadata)
    return database


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


async def all_are(database: Database, state: str) -> bool:
    return all(row["state"] == state for row in (await rows_of(database)).values())


async def test_what_is_due_is_sent_once_and_told_with_its_success(
    database: Database, receiver: Receiver
) -> None:
    told: list[str] = []

    async def tell(_: Any, settled: Sequence[Settled]) -> None:
        told.extend(one.delivery.id for one in settled)

    rows = [a_delivery(CLOCK, endpoint=f"e{n % 3}") for n in range(30)]
    async with running(dispatcher(database, receiver, CLOCK, hooks=Hooks(succeeded=tell))):
        await plan(database, rows)
        await until(lambda: all_are(database, "succeeded"))

    assert sorted(d.id for d in receiver.got) == sorted(told) == sorted(row["id"] for row in rows)
    assert all(row["ended_at"] is not None for row in (await rows_of(database)).values())


async def test_the_events_of_a_referral_arrive_in_order_though_the_first_one_fails_twice(
    database: Database, receiver: Receiver
) -> None:
    receiver.answers("gym", AttemptClass.REFUSED, AttemptClass.SERVER)
    rows = [a_delivery(CLOCK, ordering_key="r", sequence=n) for n in (1, 2, 3)]
    async with running(dispatcher(database, receiver, CLOCK)):
        await plan(database, rows)
        await until(lambda: all_are(database, "succeeded"))

    assert [d.sequence for d in receiver.got] == [1, 1, 1, 2, 3]
    outcomes = [attempt["outcome"] for attempt in await attempts_of(database, rows[0]["id"])]
    assert outcomes == ["connection_refused", "server_error", "delivered"]


async def test_a_slow_endpoint_does_not_block_another(database: Database, receiver: Receiver) -> None:
    receiver.hold("slow")
    slow = [a_delivery(CLOCK, endpoint="slow") for _ in range(20)]
    quick = [a_delivery(CLOCK, endpoint="quick") for _ in range(20)]
    limits = Limits(total=8, per_endpoint=4, poll_seconds=0.05, drain_seconds=0.1)
    async with running(dispatcher(database, receiver, CLOCK, limits=limits)):
        await plan(database, slow)
        await receiver.has(lambda got: any(d.endpoint == "slow" for d in got))
        await plan(database, quick)
        await receiver.has(lambda got: sum(d.endpoint == "quick" for d in got) == 20)

        assert sum(d.endpoint == "slow" for d in receiver.got) <= 4
        receiver.let_go("slow")
        await until(lambda: all_are(database, "succeeded"))


async def test_an_answer_frees_the_place_at_the_endpoint_before_it_is_written(
    database: Database, receiver: Receiver
) -> None:
    async def not_yet(_: Any, settled: Sequence[Settled]) -> None:
        if len(receiver.got) < 2:
            raise OSError

    limits = Limits(total=1, per_endpoint=1, poll_seconds=0.05)
    async with running(dispatcher(database, receiver, CLOCK, limits=limits, hooks=Hooks(succeeded=not_yet))):
        await plan(database, [a_delivery(CLOCK) for _ in range(2)])
        await until(lambda: all_are(database, "succeeded"))
    assert len({delivery.id for delivery in receiver.got}) == len(receiver.got) == 2


async def test_an_exhausted_delivery_is_told_and_the_next_event_goes_on(
    database: Database, receiver: Receiver
) -> None:
    told: list[tuple[str, int]] = []

    async def tell(_: Any, settled: Sequence[Settled]) -> None:
        told.extend((one.delivery.id, one.delivery.attempt) for one in settled)

    receiver.answers("gym", *[AttemptClass.CLIENT] * 2)
    first, second = (a_delivery(CLOCK, ordering_key="r", sequence=n) for n in (1, 2))
    policy = Policy(delays=(0.0, 0.01))
    async with running(dispatcher(database, receiver, CLOCK, policy=policy, hooks=Hooks(exhausted=tell))):
        await plan(database, [first, second])
        await receiver.has(lambda got: any(d.sequence == 2 for d in got))
        await until(lambda: ended(database, first["id"], second["id"]))

    rows = await rows_of(database)
    assert (rows[first["id"]]["state"], rows[second["id"]]["state"]) == ("exhausted", "succeeded")
    assert told == [(first["id"], 2)]


async def ended(database: Database, *ids: str) -> bool:
    rows = await rows_of(database, ids)
    return all(row["ended_at"] is not None for row in rows.values())


async def test_what_a_sender_raises_is_classed_and_a_mistake_of_ours_spends_nothing(
    database: Database,
) -> None:
    class Clumsy:
        def __init__(self) -> None:
            self.raises: list[Exception] = [KeyError("ours"), ConnectionRefusedError()]

        async def send(self, delivery: Delivery) -> Attempted:
            if self.raises:
                raise self.raises.pop(0)
            return Attempted(AttemptClass.DELIVERED)

    row = a_delivery(CLOCK)
    policy = Policy(delays=(0.0, 0.01, 0.01), fault_seconds=0.01)
    async with running(dispatcher(database, Clumsy(), CLOCK, policy=policy)):  # type: ignore[arg-type]
        await plan(database, [row])
        await until(lambda: all_are(database, "succeeded"))

    outcomes = [attempt["outcome"] for attempt in await attempts_of(database, row["id"])]
    assert outcomes == ["own_fault", "connection_refused", "delivered"]
    written = (await rows_of(database))[row["id"]]
    assert (written["attempts"], written["spent"]) == (3, 2)


async def test_a_lasting_fault_of_our_own_is_told_once(database: Database, receiver: Receiver) -> None:
    told: list[str] = []

    async def tell(_: Any, settled: Sequence[Settled]) -> None:
        told.extend(one.delivery.id for one in settled)

    receiver.answers("gym", *[AttemptClass.OWN_FAULT] * 4)
    row = a_delivery(CLOCK)
    policy = Policy(delays=(0.0,), fault_seconds=0.01, stalled_after=0.0)
    async with running(dispatcher(database, receiver, CLOCK, policy=policy, hooks=Hooks(stalled=tell))):
        await plan(database, [row])
        await until(lambda: all_are(database, "succeeded"))

    assert told == [row["id"]]


async def test_a_closed_endpoint_is_sent_nothing_and_spends_nothing(
    database: Database, receiver: Receiver
) -> None:
    class Gate:
        def __init__(self) -> None:
            self.shut = {"gym"}

        async def closed(self, session: Any, endpoints: Sequence[str]) -> Collection[str]:
            return self.shut & set(endpoints)

    gate, held, other = Gate(), a_delivery(CLOCK), a_delivery(CLOCK, endpoint="pool")
    async with running(dispatcher(database, receiver, CLOCK, gate=gate)):
        await plan(database, [held])
        await plan(database, [other])
        await receiver.has(lambda got: any(d.endpoint == "pool" for d in got))
        assert (await rows_of(database))[held["id"]]["attempts"] == 0

        gate.shut.clear()
        await until(lambda: all_are(database, "succeeded"))


async def test_a_dispatcher_that_stops_gives_back_what_it_could_not_finish(
    database: Database, receiver: Receiver
) -> None:
    receiver.hold("gym")
    row = a_delivery(CLOCK)
    async with running(dispatcher(database, receiver, CLOCK)):
        await plan(database, [row])
        await receiver.has(lambda got: len(got) == 1)

    written = (await rows_of(database))[row["id"]]
    assert (written["state"], written["lease_token"], written["spent"]) == ("waiting", None, 0)
    assert [attempt["outcome"] for attempt in await attempts_of(database, row["id"])] == ["worker_lost"]


async def test_a_dispatcher_that_stops_writes_down_what_it_finished(
    database: Database, receiver: Receiver
) -> None:
    receiver.hold("gym")
    row = a_delivery(CLOCK)
    limits = Limits(poll_seconds=0.05, drain_seconds=30)
    loop = dispatcher(database, receiver, CLOCK, limits=limits)
    stop = asyncio.Event()
    work = asyncio.create_task(loop.run(stop))
    await plan(database, [row])
    await receiver.has(lambda got: len(got) == 1)
    stop.set()
    receiver.let_go("gym")
    await work

    assert await all_are(database, "succeeded")


async def test_two_dispatchers_send_each_event_once_and_in_order(
    database: Database, receiver: Receiver, open_database: OpenDatabase
) -> None:
    other = await open_database()
    rows = [
        a_delivery(CLOCK, ordering_key=f"r{key}", sequence=n, endpoint=f"e{key % 2}")
        for n in range(5)
        for key in range(12)
    ]
    await plan(database, rows)
    async with running(dispatcher(database, receiver, CLOCK), dispatcher(other, receiver, CLOCK)):
        await until(lambda: all_are(database, "succeeded"))

    assert len(receiver.got) == len(rows)
    for key in range(12):
        assert [d.sequence for d in receiver.got if d.ordering_key == f"r{key}"] == [0, 1, 2, 3, 4]


async def test_rows_whose_lease_ran_out_are_sent_again_with_the_same_event_id(
    database: Database, receiver: Receiver
) -> None:
    receiver.hold("gym")
    row = a_delivery(CLOCK)
    async with running(
        dispatcher(database, receiver, CLOCK),
        dispatcher(database, receiver, CLOCK),
    ):
        await plan(database, [row])
        await receiver.has(lambda got: len(got) == 1)
        await run_out_leases(database, CLOCK.now())
        await receiver.has(lambda got: len(got) == 2)
        receiver.let_go("gym")
        await until(lambda: all_are(database, "succeeded"))

    assert {d.event_id for d in receiver.got} == {row["event_id"]}
    outcomes = [attempt["outcome"] for attempt in await attempts_of(database, row["id"])]
    assert outcomes == ["worker_lost", "delivered"]
