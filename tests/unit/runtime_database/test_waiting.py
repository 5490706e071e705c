"""Loops wait for news, but never past their stop."""

import asyncio

from service_runtime.wakeup import LocalWakeup, sleep_or_stop, wait_or_stop

LONG = 3600.0


async def test_a_stop_ends_a_wait_at_once() -> None:
    stop, waiter = asyncio.Event(), LocalWakeup().waiter("outbox")
    waiting = asyncio.create_task(wait_or_stop(waiter, stop, LONG))
    sleeping = asyncio.create_task(sleep_or_stop(stop, LONG))
    await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(30):
        await asyncio.gather(waiting, sleeping)
        await wait_or_stop(waiter, stop, LONG)
        await sleep_or_stop(stop, LONG)


async def test_a_notification_ends_a_wait_and_leaves_nothing_running() -> None:
    wakeup, stop = LocalWakeup(), asyncio.Event()
    waiter = wakeup.waiter("outbox")
    wakeup.notify("outbox")
    async with asyncio.timeout(30):
        await wait_or_stop(waiter, stop, LONG)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_time_ends_a_wait() -> None:
    async with asyncio.timeout(30):
        await wait_or_stop(LocalWakeup().waiter("outbox"), asyncio.Event(), 0.01)
        await sleep_or_stop(asyncio.Event(), 0.01)


async def test_a_wake_of_all_reaches_every_channel() -> None:
    wakeup = LocalWakeup()
    waiters = [wakeup.waiter(each) for each in ("outbox", "deliveries")]
    wakeup.notify_all()
    async with asyncio.timeout(30):
        for waiter in waiters:
            await waiter.wait(LONG)
