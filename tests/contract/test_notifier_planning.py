"""From an event about a Task to delivery rows, on PostgreSQL and SQLite alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from provider_notifier.adapters import tables
from provider_notifier.adapters.delivery_rows import DeliveryRows
from provider_notifier.adapters.endpoint_book import EndpointTable, UpToDate
from provider_notifier.domain.endpoints import EndpointAddress
from provider_notifier.entrypoints.consumer import handler
from provider_notifier.use_cases.answer_about_deliveries import AnswerAboutDeliveries
from provider_notifier.use_cases.follow_directory import NoteEndpointChange
from provider_notifier.use_cases.plan_deliveries import PlanDeliveries
from provider_notifier.use_cases.report_deliveries import ReportDeliveries
from provider_notifier.use_cases.trace_referral import TraceReferral
from referral_contracts.events import EndpointChanged
from service_runtime.database.engine import Database
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.sender import Attempted, Settled
from service_runtime.events import ReceivedEvent
from service_runtime.outbox import Outbox
from service_runtime.results import Done, Result, Retry
from service_runtime.tokens.bars import BarTable
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from support.databases import OpenDatabase, create_tables
from support.notifier import CLOCK, a_claimed_delivery, a_notice, a_received_task, an_address

BOOK = EndpointTable()
REPORT = ReportDeliveries(Outbox(tables.Outbox, source="/kymenlaakso/provider-notifier", clock=CLOCK))
ANSWER = AnswerAboutDeliveries(DeliveryRows(), REPORT, CLOCK)
HANDLE = handler(
    PlanDeliveries(BOOK, DeliveryRows(), REPORT, CLOCK),
    ANSWER,
    NoteEndpointChange(BOOK),
    BarTable(tables.Bar, CLOCK),
)


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    database = await open_database()
    await create_tables(database, tables.Base.metadata)
    return database


async def learn(database: Database, *addresses: EndpointAddress) -> None:
    async with database.write() as session:
        for address in addresses:
            await BOOK.learn(session, address)


async def handle(database: Database, *events: ReceivedEvent) -> Sequence[Result]:
    async with database.write() as session:
        return await HANDLE(session, events)


async def rows(database: Database, table: Any) -> Sequence[Mapping[Any, Any]]:
    async with database.read() as session:
        return (await session.execute(select(table))).mappings().all()


async def published(database: Database) -> list[tuple[str, dict[str, Any]]]:
    found = await rows(database, tables.Outbox.__table__)
    return [(orjson.loads(row["headers"])["ce_type"], orjson.loads(row["value"])) for row in found]


async def test_each_endpoint_of_the_provider_gets_a_delivery_due_now(database: Database) -> None:
    await learn(
        database, an_address(), an_address(id="gym-mail", channel="email", address="info@gym.example.org")
    )
    await learn(database, an_address(id="other", provider="pool"))
    event = a_received_task(sequence=7)

    assert await handle(database, event) == [Done()]

    planned = await rows(database, tables.deliveries)
    assert {(row["endpoint"], row["channel"]) for row in planned} == {
        ("gym-webhook", "webhook"),
        ("gym-mail", "email"),
    }
    for row in planned:
        assert (row["event_id"], row["sequence"], row["ordering_key"]) == (event.id, 7, event.data.referral)
        assert (row["state"], row["due_at"]) == ("waiting", CLOCK.now())


async def test_a_second_delivery_of_the_same_event_changes_nothing(database: Database) -> None:
    await learn(database, an_address())
    event = a_received_task()
    await handle(database, event)
    before = await rows(database, tables.deliveries)

    assert await handle(database, event) == [Done()]

    assert await rows(database, tables.deliveries) == before


async def test_a_provider_whose_endpoint_is_not_known_yet_is_asked_about_again(database: Database) -> None:
    change = EndpointChanged(endpoint="gym-webhook", provider="gym", version=1)
    announced = replace(a_received_task(), type=change.type, data=change)

    (unknown,) = await handle(database, a_received_task())
    noted, unread = await handle(database, announced, a_received_task())

    assert isinstance(unknown, Retry)
    assert (noted, isinstance(unread, Retry)) == (Done(), True)
    assert await rows(database, tables.deliveries) == []


async def test_a_test_referral_goes_only_to_the_endpoint_registered_for_tests(database: Database) -> None:
    await learn(database, an_address(), an_address(id="gym-test", test=True))

    await handle(database, a_received_task(test=True), a_received_task(test=False))

    planned = await rows(database, tables.deliveries)
    assert {(row["endpoint"], b'"test":true' in row["payload"]) for row in planned} == {
        ("gym-test", True),
        ("gym-webhook", False),
    }


async def test_a_test_referral_that_no_endpoint_may_hear_of_is_told_as_exhausted(database: Database) -> None:
    await learn(database, an_address())
    event = a_received_task(test=True)

    await handle(database, event)

    (row,) = await rows(database, tables.deliveries)
    assert (row["state"], row["last_outcome"]) == ("exhausted", "no_listener")
    ((name, body),) = await published(database)
    assert name == "delivery.exhausted"
    assert (body["event"], body["attempts"]) == (event.id, 0)


async def test_success_and_exhaustion_are_told_with_ids_only(database: Database) -> None:
    notice = a_notice()
    settled = Settled(a_claimed_delivery(notice, attempt=2), Attempted(AttemptClass.DELIVERED), CLOCK.now())
    async with database.write() as session:
        await REPORT.succeeded(session, [settled])
        await REPORT.exhausted(session, [settled])
        await REPORT.stalled(session, [settled])

    told = await published(database)
    assert [name for name, _ in told] == ["delivery.succeeded", "delivery.exhausted", "delivery.stalled"]
    assert all(
        body
        == {
            "referral": notice.referral,
            "task": notice.task,
            "provider": "gym",
            "endpoint": "gym-webhook",
            "event": settled.delivery.event_id,
            "attempts": 2,
        }
        for _, body in told
    )


async def test_nothing_is_sent_to_an_endpoint_of_which_a_newer_version_is_wanted(database: Database) -> None:
    gate = UpToDate()
    await learn(database, an_address(version=1))
    async with database.write() as session:
        assert await gate.closed(session, ["gym-webhook", "unheard-of"]) == {"unheard-of"}
        await BOOK.want(session, "gym-webhook", "gym", 2)
        assert await gate.closed(session, ["gym-webhook"]) == {"gym-webhook"}
        await BOOK.learn(session, an_address(version=2, address="http://127.0.0.1:9/new"))
        assert await gate.closed(session, ["gym-webhook"]) == set()

    assert gate.known["gym-webhook"].address.address == "http://127.0.0.1:9/new"


async def test_an_older_version_never_replaces_a_newer_one(database: Database) -> None:
    await learn(database, an_address(version=3, address="new"), an_address(version=2, address="old"))

    (row,) = await rows(database, tables.endpoints)
    assert (row["known_version"], row["wanted_version"], row["address"]) == (3, 3, "new")


async def test_an_endpoint_that_the_directory_no_longer_has_hears_of_nothing(database: Database) -> None:
    await learn(database, an_address())
    async with database.write() as session:
        await BOOK.forget(session, "gym-webhook")

    await handle(database, a_received_task())

    (row,) = await rows(database, tables.deliveries)
    assert row["state"] == "exhausted"


async def test_the_trace_tells_plan_attempts_and_end_without_a_payload(database: Database) -> None:
    await learn(database, an_address())
    event = a_received_task()
    await handle(database, event)
    (delivery,) = await rows(database, tables.deliveries)
    async with database.write() as session:
        await session.execute(
            insert(tables.attempts).values(
                id=event.id,
                delivery=delivery["id"],
                number=1,
                outcome="unavailable",
                started_at=CLOCK.now(),
                status_code=503,
                duration_ms=4,
            )
        )

    steps = await TraceReferral(database, DeliveryRows())(event.data.referral)

    assert [step["what"] for step in steps] == [
        "delivery planned: task.requested to webhook gym-webhook",
        "attempt 1: unavailable, status 503, 4 ms",
    ]
    assert steps[0]["ids"]["task"] == event.data.task
    assert await TraceReferral(database, DeliveryRows())(event.id) == []


async def test_a_trace_is_told_while_a_delivery_begins(database: Database) -> None:
    """What is planned and tried between the two reads must not make the answer a 500."""
    await learn(database, an_address())
    event = a_received_task()

    class Begins(DeliveryRows):
        async def of_referral(self, session: AsyncConnection, referral: str) -> Sequence[Mapping[str, Any]]:
            found = await super().of_referral(session, referral)
            await begin()
            return found

        async def attempts_of(self, session: AsyncConnection, referral: str) -> Sequence[Mapping[str, Any]]:
            found = await super().attempts_of(session, referral)
            await begin()
            return found

    async def begin() -> None:
        if await rows(database, tables.attempts):
            return
        await handle(database, event)
        (delivery,) = await rows(database, tables.deliveries)
        values = {"number": 1, "outcome": "in_flight", "started_at": CLOCK.now()}
        async with database.write() as session:
            await session.execute(
                insert(tables.attempts).values(id=event.id, delivery=delivery["id"], **values)
            )

    steps = await TraceReferral(database, Begins())(event.data.referral)
    assert [step["what"] for step in steps] == ["delivery planned: task.requested to webhook gym-webhook"]
