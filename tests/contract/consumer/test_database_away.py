"""The database goes away under a consumer, as PostgreSQL does when it is restarted."""

import asyncio

import pytest
from service_runtime.results import Done
from sqlalchemy import make_url
from support.consumers import Handler, event, eventually
from support.databases import admin_url, administer

pytestmark = pytest.mark.parametrize("engines", ["engines"], indirect=True)


async def test_while_the_database_is_away_nothing_is_given_up_and_nothing_is_lost(workplace, database_url):
    """INVARIANT: an outage longer than `give_up_after_seconds` makes no dead letters."""
    interrupted = 0

    def beat():
        nonlocal interrupted
        interrupted += away.is_set()

    async def still_trying():
        return interrupted >= 5

    away, handler = asyncio.Event(), Handler(lambda *_: Done())
    consumer = workplace.consumer(handler, beat=beat, give_up_after_seconds=1)
    async with workplace.running(consumer):
        await workplace.event_log.publish([event(f"key-{n}", n) for n in range(20)])
        await eventually(lambda: _committed(workplace, 20))
        name = make_url(database_url).database
        _cut_off(name)
        away.set()
        await workplace.event_log.publish([event(f"key-{n}", n) for n in range(20, 40)])
        await eventually(still_trying)
        administer(admin_url(), f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        away.clear()
        await eventually(lambda: _committed(workplace, 40))
    assert await workplace.dead_letters() == []
    assert consumer.counts.handled == 40
    assert await consumer.lag() == 0


def _cut_off(name):
    administer(admin_url(), f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    sql = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    administer(admin_url(), sql)


async def _committed(workplace, number):
    return await workplace.committed() == number
