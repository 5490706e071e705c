"""Nothing is sent for a Task that was cancelled or a permission that has ended, and a lost report is told
again; on PostgreSQL and SQLite alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from provider_notifier.adapters import tables
from provider_notifier.adapters.delivery_rows import DeliveryRows, StopTable
from provider_notifier.adapters.endpoint_book import EndpointTable
from provider_notifier.adapters.permitted_sender import PermittedSender
from provider_notifier.domain.notice import Notice, iso
from provider_notifier.entrypoints.consumer import handler
from provider_notifier.use_cases.answer_about_deliveries import AnswerAboutDeliveries
from provider_notifier.use_cases.follow_directory import NoteEndpointChange
from provider_notifier.use_cases.plan_deliveries import PlanDeliveries
from provider_notifier.use_cases.report_deliveries import ReportDeliveries
from referral_contracts.events import TaskCancelled, TaskDeliveryAsked, TaskReminder, TaskRequested
from service_runtime.database.engine import Database
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.sender import Attempted, Delivery, Settled
from service_runtime.events import ReceivedEvent
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox
from service_runtime.tokens.bars import BarTable
from sqlalchemy import select, update
from support.databases import OpenDatabase, create_tables
from support.notifier import CLOCK, a_claimed_delivery, a_notice, a_received_task, an_address

BOOK = EndpointTable()
REPORT = ReportDeliveries(Outbox(tables.Outbox, source="/kymenlaakso/provider-notifier", clock=CLOCK))
HANDLE = handler(
    PlanDeliveries(BOOK, DeliveryRows(), REPORT, CLOCK),
    AnswerAboutDeliveries(DeliveryRows(), REPORT, CLOCK),
    NoteEndpointChange(BOOK),
    BarTable(tables.Bar, CLOCK),
)
MAIL = an_address(id="gym-mail", channel="email", address="info@gym.example.org")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    database = await open_database()
    await create_tables(database, tables.Base.metadata)
    async with database.write() as session:
        await BOOK.learn(session, an_address())
        await BOOK.learn(session, MAIL)
    return database


def about(
    kind: Any, referral: str, sequence: int, task: str | None = None, *, withdrawn: bool = True
) -> ReceivedEvent:
    event = a_received_task(referral=referral, sequence=sequence, **({"task": task} if task else {}))
    ended = {"permitted_until": CLOCK.now()} if kind is TaskCancelled and withdrawn else {}
    body = kind(**(event.data.model_dump() | ended))
    return replace(event, type=kind.type, data=body)


async def handle(database: Database, *events: ReceivedEvent) -> None:
    async with database.write() as session:
        await HANDLE(session, events)


async def rows(database: Database, table: Any) -> Sequence[Mapping[Any, Any]]:
    async with database.read() as session:
        return (await session.execute(select(table))).mappings().all()


async def states(database: Database) -> dict[tuple[str, str], str]:
    """The state of each delivery by what it tells and where."""
    return {
        (Notice.from_bytes(row["payload"]).type, row["endpoint"]): row["state"]
        for row in await rows(database, tables.deliveries)
    }


async def tried(database: Database, endpoint: str, **values: Any) -> None:
    async with database.write() as session:
        table = tables.deliveries
        await session.execute(
            update(table).where(table.c.endpoint == endpoint).values(**({"attempts": 1} | values))
        )


async def told(database: Database) -> list[tuple[str, dict[str, Any]]]:
    found = await rows(database, tables.Outbox.__table__)
    return [(orjson.loads(row["headers"])["ce_type"], orjson.loads(row["value"])) for row in found]


async def test_what_waits_is_stopped_by_the_cancellation_and_only_who_was_told_hears_of_it(
    database: Database,
) -> None:
    referral = new_id()
    requested = about(TaskRequested, referral, 1)
    await handle(database, requested, about(TaskReminder, referral, 2, requested.data.task))
    await tried(database, "gym-webhook")

    await handle(database, about(TaskCancelled, referral, 3, requested.data.task))

    assert await states(database) == {
        ("task.requested", "gym-webhook"): "stopped",
        ("task.reminder", "gym-webhook"): "stopped",
        ("task.cancelled", "gym-webhook"): "waiting",
        ("task.requested", "gym-mail"): "stopped",
        ("task.reminder", "gym-mail"): "stopped",
        ("task.cancelled", "gym-mail"): "stopped",
    }
    events = await told(database)
    assert {name for name, _ in events} == {"delivery.stopped"}
    assert {body["why"] for _, body in events} == {"task-cancelled"}
    assert len(events) == 5
    assert all(row["ended_at"] == CLOCK.now() for row in await rows(database, tables.deliveries)
               if row["state"] == "stopped")  # fmt: skip


async def test_a_referrer_s_cancellation_is_told_after_what_it_cancels(database: Database) -> None:
    referral = new_id()
    requested = about(TaskRequested, referral, 1)
    await handle(database, requested, about(TaskCancelled, referral, 2, requested.data.task, withdrawn=False))
    assert set((await states(database)).values()) == {"waiting"}


async def test_a_request_and_its_cancellation_in_one_poll_leave_nothing_to_send(database: Database) -> None:
    referral = new_id()
    requested = about(TaskRequested, referral, 1)
    await handle(database, requested, about(TaskCancelled, referral, 2, requested.data.task))
    assert set((await states(database)).values()) == {"stopped"}


async def test_other_referrals_and_what_has_arrived_stay_as_they_are(database: Database) -> None:
    referral = new_id()
    await handle(database, about(TaskRequested, referral, 1))
    await tried(database, "gym-webhook", state="succeeded")
    await tried(database, "gym-mail", state="sending")
    await handle(database, about(TaskRequested, new_id(), 1))
    await handle(database, about(TaskCancelled, referral, 2))
    of_it = [row for row in await rows(database, tables.deliveries) if row["ordering_key"] == referral]
    assert sorted(row["state"] for row in of_it) == ["sending", "succeeded", "waiting", "waiting"]
    others = [row for row in await rows(database, tables.deliveries) if row["ordering_key"] != referral]
    assert {row["state"] for row in others} == {"waiting"}
    assert await told(database) == []


class Counting:
    """Port `Sender` that takes everything."""

    def __init__(self) -> None:
        self.sent: list[Delivery] = []

    async def send(self, delivery: Delivery) -> Attempted:
        self.sent.append(delivery)
        return Attempted(AttemptClass.DELIVERED)


async def test_a_try_that_was_under_way_is_not_repeated_after_the_cancellation(database: Database) -> None:
    referral, beneath = new_id(), Counting()
    requested = about(TaskRequested, referral, 1)
    await handle(database, requested)
    await tried(database, "gym-webhook", state="sending")
    sender = PermittedSender(beneath, StopTable(database), CLOCK)
    notice = a_notice(referral=referral, task=requested.data.task)
    second = a_claimed_delivery(notice, event_id=requested.id, sequence=1, attempt=2)
    assert (await sender.send(second)).outcome is AttemptClass.DELIVERED

    await handle(database, about(TaskCancelled, referral, 2, requested.data.task))

    assert (await sender.send(second)).outcome is AttemptClass.STOPPED
    cancelled = a_claimed_delivery(replace(notice, type="task.cancelled"), sequence=2, attempt=2)
    assert (await sender.send(cancelled)).outcome is AttemptClass.DELIVERED
    assert [one.sequence for one in beneath.sent] == [1, 2]


@pytest.mark.parametrize("kind", ["task.requested", "task.reminder", "task.cancellation-requested"])
async def test_nothing_is_sent_once_the_permission_s_period_is_over(database: Database, kind: str) -> None:
    beneath = Counting()
    sender = PermittedSender(beneath, StopTable(database), CLOCK)
    now = CLOCK.now()
    over = a_notice(type=kind, permitted_until=now.isoformat())
    lasting = replace(over, permitted_until=(now + timedelta(seconds=1)).isoformat())
    assert (await sender.send(a_claimed_delivery(over))).outcome is AttemptClass.STOPPED
    assert (await sender.send(a_claimed_delivery(lasting))).outcome is AttemptClass.DELIVERED
    end = a_claimed_delivery(replace(over, type="task.cancelled"))
    assert (await sender.send(end)).outcome is AttemptClass.DELIVERED, "whoever was told must hear of the end"
    assert len(beneath.sent) == 2


async def test_the_period_travels_from_the_event_to_the_delivery(database: Database) -> None:
    until = CLOCK.now() + timedelta(days=1)
    event = a_received_task(permitted_until=until)
    event = replace(event, record=replace(event.record, headers={"traceparent": TRACE}))
    await handle(database, event)
    for row in await rows(database, tables.deliveries):
        notice = Notice.from_bytes(row["payload"])
        assert (notice.permitted_until, notice.traceparent) == (until.isoformat(), TRACE)
        assert (notice.permits(CLOCK.now()), notice.permits(until)) == (True, False)


async def test_what_the_sender_stopped_is_told_with_its_ground(database: Database) -> None:
    over = a_notice(permitted_until=iso(CLOCK.now()))
    settled = [
        Settled(a_claimed_delivery(notice, attempt=2), Attempted(AttemptClass.STOPPED), CLOCK.now())
        for notice in (over, a_notice())
    ]
    async with database.write() as session:
        await REPORT.stopped(session, settled)
    events = await told(database)
    assert [(name, body["why"]) for name, body in events] == [
        ("delivery.stopped", "permission-ended"),
        ("delivery.stopped", "task-cancelled"),
    ]
    assert [body["attempts"] for _, body in events] == [2, 2]


@pytest.mark.parametrize(
    ("state", "event_type"),
    [
        ("succeeded", "delivery.succeeded"),
        ("exhausted", "delivery.exhausted"),
        ("stopped", "delivery.stopped"),
    ],
)
async def test_whoever_asks_is_told_the_end_again_under_a_new_id(
    database: Database, state: str, event_type: str
) -> None:
    event = a_received_task()
    await handle(database, event)
    for endpoint in ("gym-webhook", "gym-mail"):
        await tried(database, endpoint, state=state, ended_at=CLOCK.now())
    body = TaskDeliveryAsked(
        referral=event.data.referral, task=event.data.task, provider="gym", event=event.id
    )
    for _ in range(2):
        await handle(database, replace(event, id=new_id(), type=body.type, data=body))
    events = await told(database)
    assert [name for name, _ in events] == [event_type] * 4
    assert {(one["endpoint"], one["event"], one["attempts"]) for _, one in events} == {
        ("gym-mail", event.id, 1),
        ("gym-webhook", event.id, 1),
    }
    ids = [row["id"] for row in await rows(database, tables.Outbox.__table__)]
    assert len(set(ids)) == 4


async def test_what_is_still_being_tried_is_not_told_as_ended(database: Database) -> None:
    event = a_received_task()
    await handle(database, event)
    await tried(database, "gym-mail", state="sending")
    body = TaskDeliveryAsked(
        referral=event.data.referral, task=event.data.task, provider="gym", event=event.id
    )
    await handle(database, replace(event, id=new_id(), type=body.type, data=body))
    assert await told(database) == []
    assert len(await rows(database, tables.deliveries)) == 2
