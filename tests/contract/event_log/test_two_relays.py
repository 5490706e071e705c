"""Two relays of one service, the active one killed: nothing is lost, and each key keeps its order."""

import random
from collections.abc import AsyncIterator

import pytest
from service_runtime.database.engine import Database
from service_runtime.leases import Lease as LeaseOfRelay
from service_runtime.relay import RelayLimits
from support.databases import OpenDatabase, create_tables
from support.event_logs import read_until
from support.relay_process import RelayProcess
from support.relays import TOPIC, OutboxBench
from support.runtime_tables import Base, Lease

KEYS = 20
BATCH = 25


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[OutboxBench]:
    await create_tables(database, Base.metadata)
    bench = OutboxBench(database)
    yield bench
    await bench.close()


async def test_the_active_relay_is_killed_between_two_marks(
    bench: OutboxBench, open_database: OpenDatabase, database_url: str, schema: str, log, event_log
) -> None:
    """INVARIANT: per key, consumers see events in the order of writing, each at least once, whatever is
    killed. Two active relays would break it, and so would marking before the log has acknowledged."""
    await event_log.ensure_topics([TOPIC])
    rng = random.Random(seed := random.randrange(10**6))
    keys = [f"k{rng.randrange(KEYS)}" for _ in range(1500)]
    ids = await bench.write(*keys)
    kill_at = rng.randrange(200, 1200)
    killed = RelayProcess(database_url, schema, log.url, log.prefix, BATCH)
    try:
        await killed.until_started()
        left = await bench.until_waiting(kill_at)
    finally:
        killed.kill()
    lease = LeaseOfRelay(Lease, "relay", 2.0)
    async with bench.database.read() as session:
        held_for = await lease.free_in(session)
    print(f"seed {seed}: killed with {left} of 1500 rows to go, its lease held for {held_for:.2f} s more")
    assert 0 < left < 1500
    assert held_for > 0

    standby = bench.start(event_log, database=await open_database(), limits=RelayLimits(lease_seconds=2.0))
    more_keys = [f"k{rng.randrange(KEYS)}" for _ in range(200)]
    ids += await bench.write(*more_keys)
    await bench.until_all_marked()
    assert standby.relay.numbers.published <= left + BATCH + 200

    subscription = await event_log.subscribe("readers", "0", topics=[TOPIC])
    records = await read_until(subscription, lambda got: len({each.headers["ce_id"] for each in got}) == 1700)
    await subscription.close()
    first_seen = list(dict.fromkeys((each.key, each.headers["ce_id"]) for each in records))
    written = list(zip(keys + more_keys, ids, strict=True))
    for key in {key for key, _ in written}:
        assert [pair for pair in first_seen if pair[0] == key] == [pair for pair in written if pair[0] == key]
