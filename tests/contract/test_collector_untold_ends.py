"""A provider that is not told of an end goes on with somebody who has withdrawn: the sweep sees to it."""

from datetime import timedelta
from typing import Any

import pytest
from outcome_collector.adapters import tables
from outcome_collector.ports import Revocation
from outcome_collector.use_cases.announce_overdue import announce_overdue
from outcome_collector.use_cases.end_tasks import revoke
from referral_contracts.events import (
    DeliveryStopped,
    DeliverySucceeded,
    ReferralRevoked,
    ReferralRouted,
    TaskCancellationRequested,
    TaskCancelled,
    TaskDeliveryAsked,
    TaskRequested,
    TaskStranded,
)
from service_runtime.database.statements import table_of
from sqlalchemy import update
from support.collector import PROVIDER, Collector, Published, collector, note, reason, status

__all__ = ["collector"]

OVERDUE_SECONDS = 301
LATER_SECONDS = 86_400


async def test_a_cancellation_without_a_delivery_is_announced_again_and_then_becomes_a_case(
    collector: Collector,
) -> None:
    routed, cancelled = await _cancelled(collector)
    await _all_published(collector)
    for _ in range(3):
        collector.clock.move(LATER_SECONDS)
        assert await _swept(collector) == [cancelled.id]
        await _all_published(collector)
    collector.clock.move(LATER_SECONDS)
    assert await _swept(collector) == []
    (stranded,) = await _of(collector, TaskStranded)
    assert (stranded.body.referral, stranded.body.missing) == (routed.referral, "delivery")


async def test_a_cancellation_that_was_delivered_is_not_announced_again(collector: Collector) -> None:
    _, cancelled = await _cancelled(collector)
    await _all_published(collector)
    await collector.consume(_delivered(cancelled))
    collector.clock.move(LATER_SECONDS)
    assert await _swept(collector) == []


async def test_a_report_that_was_lost_is_asked_for_and_strands_nobody(collector: Collector) -> None:
    """Publishing the notice again tells nobody: who delivered it has it in its inbox, and says nothing."""
    _, cancelled = await _cancelled(collector)
    await _all_published(collector)
    collector.clock.move(OVERDUE_SECONDS)
    assert await _swept(collector) == [cancelled.id]
    (asked,) = await _of(collector, TaskDeliveryAsked)
    assert asked.topic == cancelled.topic
    assert (asked.body.event, asked.body.task) == (cancelled.id, cancelled.body.task)
    await _all_published(collector)
    await collector.consume(_delivered(cancelled))
    for _ in range(5):
        collector.clock.move(LATER_SECONDS)
        assert await _swept(collector) == []
    assert await _of(collector, TaskStranded) == []


async def test_a_notice_that_was_stopped_is_not_waited_for_and_marks_nothing(collector: Collector) -> None:
    routed = await collector.route()
    (requested,) = await _of(collector, TaskRequested)
    await _all_published(collector)
    stopped = DeliveryStopped(
        referral=routed.referral,
        task=requested.body.task,
        provider=PROVIDER.client,
        endpoint="kotka-hook",
        event=requested.id,
        attempts=1,
        why="permission-ended",
    )
    await collector.consume(stopped)
    collector.clock.move(LATER_SECONDS)
    assert await _swept(collector) == []
    assert (await collector.row(requested.body.task))["progress"] is None


async def test_the_notice_says_until_when_it_may_be_sent(collector: Collector) -> None:
    until = collector.clock.now() + timedelta(days=1)
    await collector.route(permitted_until=until)
    (requested,) = await _of(collector, TaskRequested)
    assert requested.body.permitted_until == until


async def test_the_delivery_of_the_request_says_nothing_of_the_cancellation_s(collector: Collector) -> None:
    _, cancelled = await _cancelled(collector)
    (requested,) = await _of(collector, TaskRequested)
    await _all_published(collector)
    await collector.consume(_delivered(requested))
    collector.clock.move(OVERDUE_SECONDS)
    assert await _swept(collector) == [cancelled.id]


async def test_both_deliveries_in_one_poll_are_noted(collector: Collector) -> None:
    _, cancelled = await _cancelled(collector)
    (requested,) = await _of(collector, TaskRequested)
    await _all_published(collector)
    await collector.consume(_delivered(requested), _delivered(cancelled))
    collector.clock.move(OVERDUE_SECONDS)
    assert await _swept(collector) == []


async def test_a_wish_to_stop_without_a_delivery_is_announced_again(collector: Collector) -> None:
    _, asked = await _asked(collector)
    await _all_published(collector)
    collector.clock.move(OVERDUE_SECONDS)
    assert await _swept(collector) == [asked.id]


@pytest.mark.parametrize(
    "answer", [[status("accepted")], [status("rejected"), reason("other"), note("Viimeinen kerta on pian.")]]
)
async def test_a_wish_to_stop_that_was_answered_is_not_announced_again(
    collector: Collector, answer: list[dict[str, Any]]
) -> None:
    _, asked = await _asked(collector)
    await collector.patch(asked.body.task, *answer)
    await _all_published(collector)
    collector.clock.move(OVERDUE_SECONDS)
    assert await _swept(collector) == []


async def test_a_wish_to_stop_that_the_end_has_overtaken_is_not_announced_again(collector: Collector) -> None:
    routed, _ = await _asked(collector)
    await collector.patch(await collector.task_b(routed), status("completed"))
    await _all_published(collector)
    collector.clock.move(OVERDUE_SECONDS)
    assert await _swept(collector) == []


async def _cancelled(collector: Collector) -> tuple[ReferralRouted, Published]:
    routed = await collector.route()
    revoked = ReferralRevoked(
        referral=routed.referral, service_request=routed.service_request, by="permission"
    )
    await collector.consume(revoked)
    (cancelled,) = await _of(collector, TaskCancelled)
    return routed, cancelled


async def _asked(collector: Collector) -> tuple[ReferralRouted, Published]:
    routed = await collector.route()
    task = await collector.task_b(routed)
    await collector.patch(task, status("accepted"))
    await collector.patch(task, status("in-progress"))
    async with collector.units.write() as unit:
        await revoke(
            unit, routed.referral, routed.service_request, Revocation("revoked", "no-longer-needed", None),
            now=collector.clock.now, patience=collector.patience,
        )  # fmt: skip
    (asked,) = await _of(collector, TaskCancellationRequested)
    return routed, asked


def _delivered(event: Published) -> DeliverySucceeded:
    return DeliverySucceeded(
        referral=event.body.referral, task=event.body.task, provider=PROVIDER.client, endpoint="endpoint-1",
        event=event.id, attempts=1,
    )  # fmt: skip


async def _of(collector: Collector, kind: type) -> list[Published]:
    return [event for event in await collector.events() if isinstance(event.body, kind)]


async def _all_published(collector: Collector) -> None:
    outbox = table_of(tables.Outbox)
    async with collector.database.write() as session:
        await session.execute(update(outbox).values(published_at=outbox.c.created_at))


async def _swept(collector: Collector) -> list[str]:
    """The ids of the events that the sweep has published again."""
    async with collector.units.write() as unit:
        await announce_overdue(unit, collector.clock.now(), collector.patience)
    return [
        row["id"]
        for row in await collector.rows(tables.Outbox)
        if row["published_at"] is None and row["republished"]
    ]
