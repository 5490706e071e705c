"""Wake-ups: both adapters wake who waits; PostgreSQL's reaches other processes too."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
from service_runtime.wakeup import LocalWakeup, Wakeup
from service_runtime.wakeup_postgres import PostgresWakeup

LONG = 30.0


@pytest.fixture(params=["local", "postgres"])
async def wakeup(request: pytest.FixtureRequest) -> AsyncIterator[Wakeup]:
    postgres = request.param == "postgres"
    one = PostgresWakeup(request.getfixturevalue("postgres_url"), "tests") if postgres else LocalWakeup()
    await one.start()
    yield one
    await one.close()


MakeWakeup = Callable[[str], PostgresWakeup]


@pytest.fixture
async def postgres_wakeup(postgres_url: str) -> AsyncIterator[MakeWakeup]:
    """Makes wake-ups as processes of a service would, and closes them."""
    made: list[PostgresWakeup] = []

    def make(service: str) -> PostgresWakeup:
        made.append(PostgresWakeup(postgres_url, service))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def woken(waiting: asyncio.Task[None], within: float = LONG) -> bool:
    done, _ = await asyncio.wait({waiting}, timeout=within)
    return bool(done)


async def test_a_waiter_is_woken_by_its_channel_only(wakeup: Wakeup) -> None:
    outbox, deliveries = wakeup.waiter("outbox"), wakeup.waiter("deliveries")
    waits = [asyncio.create_task(each.wait(LONG)) for each in (outbox, deliveries)]
    await asyncio.sleep(0)
    wakeup.notify("outbox")
    assert await woken(waits[0])
    assert not waits[1].done()
    wakeup.notify("deliveries")
    assert await woken(waits[1])


async def test_a_notification_between_two_waits_is_not_lost(wakeup: Wakeup) -> None:
    waiter = wakeup.waiter("outbox")
    wakeup.notify("outbox")
    async with asyncio.timeout(LONG / 2):
        await waiter.wait(LONG)


async def test_without_a_notification_a_wait_ends_by_itself(wakeup: Wakeup) -> None:
    async with asyncio.timeout(LONG):
        await wakeup.waiter("outbox").wait(0.01)


async def test_a_burst_wakes_once(wakeup: Wakeup) -> None:
    waiter = wakeup.waiter("outbox")
    for _ in range(1000):
        wakeup.notify("outbox")
    await waiter.wait(LONG)
    second = asyncio.create_task(waiter.wait(LONG))
    assert not await woken(second, within=0.1)
    second.cancel()


async def test_another_process_of_the_service_is_woken_and_another_service_is_not(
    postgres_wakeup: MakeWakeup,
) -> None:
    here, there, elsewhere = (postgres_wakeup(each) for each in ("gateway", "gateway", "collector"))
    for each in (here, there, elsewhere):
        await each.start()
    near, far, foreign = (each.waiter("outbox") for each in (here, there, elsewhere))
    here.notify("outbox")
    async with asyncio.timeout(LONG / 2):
        await near.wait(LONG)
        await far.wait(LONG)
    waiting = asyncio.create_task(foreign.wait(LONG))
    # A later marker of its own service comes through: the first would have been here by now.
    marker = postgres_wakeup("collector")
    await marker.start()
    await asyncio.sleep(0)
    assert not waiting.done()
    marker.notify("outbox")
    assert await woken(waiting)


async def test_a_process_sends_few_notifications_however_often_it_is_asked(
    postgres_wakeup: MakeWakeup, postgres_url: str
) -> None:
    here = postgres_wakeup("gateway")
    await here.start()
    heard: list[str] = []
    last = asyncio.Event()

    def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        heard.append(str(payload))
        if "last" in str(payload):
            last.set()

    listener = await asyncpg.connect(postgres_url)
    await listener.add_listener("lahetti_gateway", hear)
    started = time.monotonic()
    for _ in range(50):
        for _ in range(20):
            here.notify("outbox")
            here.notify("deliveries")
        await asyncio.sleep(0.001)
    here.notify("last")
    async with asyncio.timeout(LONG):
        await last.wait()
    most = (time.monotonic() - started) / 0.005 + 2
    await listener.close()
    assert len(heard) <= most
    assert "deliveries,outbox" in heard


async def test_a_lost_connection_comes_back_and_wakes_everybody(
    postgres_wakeup: MakeWakeup, postgres_url: str
) -> None:
    """INVARIANT: what was notified while nobody listened is found by looking: each waiter is woken at each
    connection."""
    here, there = postgres_wakeup("gateway"), postgres_wakeup("gateway")
    await here.start()
    await there.start()
    waiter, unrelated = there.waiter("outbox"), there.waiter("deliveries")
    admin = await asyncpg.connect(postgres_url)
    lost = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lahetti_gateway'"
    assert len(await admin.fetch(lost)) == 2
    async with asyncio.timeout(LONG / 2):
        await waiter.wait(LONG)
        await unrelated.wait(LONG)
    here.notify("outbox")
    async with asyncio.timeout(LONG / 2):
        await waiter.wait(LONG)
    await admin.close()


async def test_what_was_notified_just_before_closing_still_goes_out(postgres_wakeup: MakeWakeup) -> None:
    here, there = postgres_wakeup("gateway"), postgres_wakeup("gateway")
    await here.start()
    await there.start()
    waiter = there.waiter("outbox")
    here.notify("outbox")
    await here.close()
    async with asyncio.timeout(LONG / 2):
        await waiter.wait(LONG)


async def test_without_a_database_it_wakes_its_own_process_and_closes() -> None:
    alone = PostgresWakeup("postgresql://nobody@127.0.0.1:9/none", "gateway")
    waiter = alone.waiter("outbox")
    starting = asyncio.create_task(alone.start())
    alone.notify("outbox")
    async with asyncio.timeout(LONG):
        await waiter.wait(LONG)
        await asyncio.gather(starting)
        await alone.close()
