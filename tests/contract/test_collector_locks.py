"""What who waited for a referral's Tasks gets to see, on PostgreSQL; SQLite has one writer and no waiting."""

import asyncio

import pytest
from outcome_collector.domain.task import ReferralTasks
from outcome_collector.use_cases.create_tasks import create_tasks
from sqlalchemy import text
from support.collector import Collector, collector, routing

__all__ = ["collector"]
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.mark.parametrize("by", ["task", "referral"])
async def test_a_new_task_is_seen_by_whoever_waited_while_it_was_made(collector: Collector, by: str) -> None:
    """INVARIANT: nobody decides on a referral without knowing all its Tasks; a referrer that ends it in the
    very moment of a new routing would end the old one, and the new provider would go on."""
    first = await collector.route()
    again = routing(collector.clock, referral=first.referral)

    async def waits() -> ReferralTasks | None:
        async with collector.units.write() as unit:
            if by == "task":
                return await unit.tasks.lock(first.referral)
            return (await unit.tasks.lock_referrals([first.referral]))[first.referral]

    async with collector.units.write() as unit:
        await create_tasks(
            unit, [again], county="county", at=collector.clock.now(), patience=collector.patience
        )
        waiting = asyncio.create_task(waits())
        await _until_somebody_waits(collector)
    tasks = await waiting
    assert tasks is not None
    assert tasks.newest.service_request == again.service_request


async def _until_somebody_waits(collector: Collector) -> None:
    while True:
        async with collector.database.read() as session:
            blocked = await session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        if blocked.scalar_one():
            return
        await asyncio.sleep(0.02)
