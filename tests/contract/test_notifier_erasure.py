"""What the notifier forgets of a person's referrals, on both databases."""

from typing import Any

import pytest
from provider_notifier.adapters import tables
from provider_notifier.adapters.delivery_rows import DeliveryRows
from provider_notifier.adapters.endpoint_book import EndpointTable
from provider_notifier.adapters.person_rows import PersonRows
from provider_notifier.use_cases.plan_deliveries import PlanDeliveries
from provider_notifier.use_cases.report_deliveries import ReportDeliveries
from service_runtime.database.engine import Database
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox
from sqlalchemy import insert, select
from support.databases import OpenDatabase, create_tables
from support.notifier import CLOCK, a_received_task, an_address

BOOK, REPORT = EndpointTable(), ReportDeliveries(Outbox(tables.Outbox, source="/test", clock=CLOCK))


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    database = await open_database()
    await create_tables(database, tables.Base.metadata)
    return database


async def referrals_in(database: Database, table: Any) -> list[str]:
    async with database.read() as session:
        return [str(one) for one in (await session.scalars(select(table.c.ordering_key))).all()]


async def test_deliveries_and_attempts_of_a_referral_go_and_no_others(database: Database) -> None:
    event, other = a_received_task(), a_received_task()
    plan = PlanDeliveries(BOOK, DeliveryRows(), REPORT, CLOCK)
    async with database.write() as session:
        await BOOK.learn(session, an_address())
        await plan(session, [event, other])
        planned = (await session.execute(select(tables.deliveries.c.id))).scalars().all()
        tries = [
            {"id": new_id(), "delivery": one, "number": 1, "outcome": "refused", "started_at": CLOCK.now()}
            for one in planned
        ]
        await session.execute(insert(tables.attempts), tries)
    erase = PersonRows(database).erase
    assert await erase([event.data.referral]) == {"attempts": 1, "deliveries": 1, "events": 0}
    assert await referrals_in(database, tables.deliveries) == [other.data.referral]
    async with database.read() as session:
        left = (await session.execute(select(tables.attempts.c.delivery))).scalars().all()
    assert len(left) == 1
    assert await erase([event.data.referral]) == {"attempts": 0, "deliveries": 0, "events": 0}
