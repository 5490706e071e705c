"""The relay brings the outbox to the event log: in order, at least once, and by one relay at a time."""

import asyncio
import time
from collections.abc import AsyncIterator

import orjson
import pytest
from service_runtime.database.engine import Database
from service_runtime.relay import RelayLimits
from service_runtime.wakeup import LocalWakeup
from sqlalchemy import select, update
from support.databases import OpenDatabase, create_tables
from support.recording_log import RecordingLog
from support.relays import TOPIC, OutboxBench
from support.runtime_tables import Base, Lease

SHORT = RelayLimits(lease_seconds=1.0, pace_seconds=0.001)


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[OutboxBench]:
    await create_tables(database, Base.metadata)
    bench = OutboxBench(database)
    yield bench
    await bench.close()


def first_of_each(ids: list[str]) -> list[str]:
    """As a consumer with an inbox sees them."""
    return list(dict.fromkeys(ids))


async def test_events_go_out_in_the_order_of_writing_and_are_marked(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    before = await bench.write("a", "b", "a")
    running = bench.start(log)
    await log.until(lambda: len(log.published) == 3)
    after = await bench.write("a")
    await log.until(lambda: len(log.published) == 4)
    await running.finish()
    assert log.ids() == before + after
    assert await bench.waiting() == []
    assert running.relay.numbers.published == 4
    message = log.published[0]
    assert (message.topic, message.key, orjson.loads(message.value)) == (TOPIC, "a", {"key": "a"})


async def test_many_events_go_out_in_few_rounds(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    ids = [each for _ in range(6) for each in await bench.write(*(f"k{n % 7}" for n in range(200)))]
    running = bench.start(log)
    await log.until(lambda: len(log.published) == 1200)
    await running.finish()
    assert log.ids() == ids
    assert len(log.calls) == 3


async def test_a_key_that_fails_waits_as_a_whole_while_the_others_go_on(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    log.broken = {"a"}
    bench.start(log)
    held = await bench.write("a", "b", "a")
    await log.until(lambda: len(log.published) == 1)
    held += await bench.write("a", "b")
    await log.until(lambda: len(log.published) == 2)
    assert {message.key for message in log.published} == {"b"}
    log.broken = set()
    await bench.until_all_marked()
    assert log.ids("a") == [each for each in held if each in log.ids("a")]
    assert len(log.ids("a")) == 3


async def test_more_failing_rows_than_a_round_holds_starve_nobody(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    log.broken = {f"bad{n}" for n in range(40)}
    await bench.write(*sorted(log.broken))
    (good,) = await bench.write("good")
    bench.start(log, limits=RelayLimits(batch=10, pace_seconds=0.001))
    await log.until(lambda: log.ids() == [good])


async def test_a_missing_topic_is_created_once_and_its_events_follow(bench: OutboxBench) -> None:
    log = RecordingLog()
    ids = await bench.write("a", "b")
    bench.start(log)
    await log.until(lambda: log.ids() == ids)
    assert log.asked_for == [TOPIC]


async def test_a_topic_that_cannot_be_created_postpones_only_its_own_events(bench: OutboxBench) -> None:
    """INVARIANT: one provider's missing topic stops no other provider, not even for the same referral, and
    when it exists at last its events come in their order."""
    log = RecordingLog(TOPIC)
    log.can_create = False
    bench.start(log)
    first = await bench.write("a", topic="tests.missing.v1")
    await bench.write("a")
    await log.until(lambda: len(log.published) == 1)
    second = await bench.write("a", topic="tests.missing.v1")
    await bench.write("b")
    await log.until(lambda: len(log.published) == 2)
    assert {message.topic for message in log.published} == {TOPIC}
    log.can_create = True
    await log.until(lambda: len(log.published) == 4)
    assert log.ids()[2:] == first + second


async def test_the_topics_it_is_told_of_are_ensured_before_the_first_event(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    bench.start(log, topics=("tests.one.v1", "tests.two.v1"))
    await log.until(lambda: sorted(log.asked_for) == ["tests.one.v1", "tests.two.v1"])


async def test_the_active_relay_is_killed_and_the_other_goes_on_in_order(
    bench: OutboxBench, open_database: OpenDatabase
) -> None:
    """INVARIANT: per key, consumers see the events in the order of writing, whoever publishes them. Two
    relays at once would break it, and so would a new one that skips what the killed one had not marked."""
    log = RecordingLog(TOPIC)
    keys = [f"k{n % 5}" for n in range(100)]
    ids = await bench.write(*keys)
    active = bench.start(log, limits=SHORT)
    await bench.until_all_marked()
    log.hold()
    ids += await bench.write(*keys)
    await log.until(lambda: len(log.published) == 200)
    standby = bench.start(log, database=await open_database(), limits=SHORT)
    # In flight: written to the log, not acknowledged, not marked, the lease held.
    assert await bench.waiting() == ids[100:]
    assert active.relay.numbers.active
    assert not standby.relay.numbers.active
    await active.kill()
    killed_at = time.monotonic()
    log.let_go()
    ids += await bench.write(*keys)
    await bench.until_all_marked()
    assert standby.relay.numbers.active
    assert time.monotonic() - killed_at < 10
    assert log.ids()[200:] == ids[100:]
    for key in set(keys):
        assert first_of_each(log.ids(key)) == [each for each in ids if each in set(log.ids(key))]
    assert first_of_each(log.ids()) == ids


async def test_a_relay_that_lost_its_lease_marks_nothing(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    log.hold()
    ids = await bench.write("a")
    frozen = bench.start(log)
    await log.until(lambda: len(log.published) == 1)
    async with bench.database.write() as session:
        until = select(Lease.until).scalar_subquery()
        taken_over = update(Lease).values(token="019b0000-0000-7000-8000-000000000000", until=until)
        await session.execute(taken_over)
    log.let_go()
    async with asyncio.timeout(30):
        while frozen.relay.numbers.active:
            assert await bench.waiting() == ids
    assert await bench.waiting() == ids
    assert frozen.relay.numbers.published == 0


async def test_a_log_that_takes_long_does_not_cost_the_lease(
    bench: OutboxBench, open_database: OpenDatabase
) -> None:
    log = RecordingLog(TOPIC)
    log.hold()
    await bench.write("a")
    active = bench.start(log, limits=RelayLimits(lease_seconds=0.4))
    await log.until(lambda: len(log.published) == 1)
    standby = bench.start(log, database=await open_database(), limits=RelayLimits(lease_seconds=0.4))
    async with bench.database.read() as session:
        first = (await session.execute(select(Lease.until))).scalar_one()
    async with asyncio.timeout(30):
        until = first
        while (until - first).total_seconds() < 0.8:
            async with bench.database.read() as session:
                until = (await session.execute(select(Lease.until))).scalar_one()
    log.let_go()
    await bench.until_all_marked()
    assert not standby.relay.numbers.active
    await active.finish()  # it counts after its mark, which is seen before
    assert active.relay.numbers.published == 1
    assert len(log.published) == 1


async def test_a_stopping_relay_publishes_what_is_there_and_lets_the_next_begin_at_once(
    bench: OutboxBench, open_database: OpenDatabase
) -> None:
    log = RecordingLog(TOPIC)
    first = bench.start(log, limits=RelayLimits(lease_seconds=3600))
    ids = await bench.write("a")
    await log.until(lambda: log.ids() == ids)
    first.stop.set()
    ids += await bench.write(*"abcdefg")
    await first.finish()
    assert log.ids() == ids
    assert await bench.waiting() == []
    bench.start(log, database=await open_database(), limits=RelayLimits(lease_seconds=3600))
    ids += await bench.write("b")
    await log.until(lambda: log.ids() == ids)


async def test_a_wake_up_alone_brings_an_event_out(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    running = bench.start(log, poll_seconds=3600)
    for count in range(1, 4):
        await bench.write("a")
        await log.until(lambda count=count: len(log.published) == count)
    await running.finish()


async def test_the_poll_alone_brings_an_event_out(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    bench.start(log, wakeup=LocalWakeup(), poll_seconds=0.05)
    await bench.write("a")
    await log.until(lambda: len(log.published) == 1)


async def test_what_is_published_again_keeps_its_id_and_its_place(bench: OutboxBench) -> None:
    log = RecordingLog(TOPIC)
    running = bench.start(log)
    ids = await bench.write("a", "a", "b")
    await bench.until_all_marked()
    async with bench.database.write() as session:
        assert await bench.writer.republish(session, [ids[1], ids[0]]) == 2
    await log.until(lambda: len(log.published) == 5)
    await running.finish()
    assert log.ids() == [*ids, ids[0], ids[1]]
    async with bench.database.write() as session:
        assert await bench.writer.republish(session, []) == 0
