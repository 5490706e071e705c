"""What subscriptions are told, in which order, and what happens where nobody answers, on both databases."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from outcome_collector.adapters import tables
from outcome_collector.adapters.person_rows import PersonRows
from outcome_collector.ports import Author
from referral_contracts.errors import LahettiError
from referral_contracts.events import ReferralClosed
from support.collector import collector, reason, status
from support.subscriptions import SECRET, Desk, desk, events_in, wish

__all__ = ["collector", "desk"]


async def test_the_handshake_makes_it_active(desk: Desk) -> None:
    made = await desk.subscribed()
    (told,) = desk.receiver.told
    assert (told.authorization, told.bundle["type"]) == (SECRET, "history")
    assert (told.value("type"), told.value("status")) == ("handshake", "requested")
    assert told.value("events-since-subscription-start") == "0"
    assert told.value("subscription")["reference"].endswith(f"/fhir/Subscription/{made}")
    (parameters,) = [entry["resource"] for entry in told.bundle["entry"]]
    assert parameters["resourceType"] == "Parameters"
    assert SECRET not in desk.service.stream.getvalue()


async def test_an_address_that_refuses_the_handshake_ends_in_error_and_hears_nothing(desk: Desk) -> None:
    desk.receiver.answers = [400] * 4
    made = (await desk.post()).json()["id"]
    async with desk.running():
        await desk.until(lambda rows: rows[0]["status"] == "error")
        await desk.collector.route()
        await asyncio.sleep(0.2)
    assert (await desk.status(made), desk.receiver.told) == ("error", [])
    assert await desk.collector.rows(tables.SubscriptionEvent) == []
    (row,) = await desk.collector.rows(tables.Notification)
    assert (row["state"], row["attempts"]) == ("exhausted", 4)


async def test_each_version_is_an_event_with_the_next_number_in_every_mode(desk: Desk) -> None:
    """INVARIANT: numbers run 1..n without a gap, and each kept version of a Task A has exactly one; a version
    whose transaction kept it without its event, or a number given outside the lock, would break it."""
    made = await desk.subscribed()
    referrals: list[str] = []
    for mode in ("poll", "subscribe", "write"):
        address = {} if mode == "write" else {"task_a": None}
        routed = await desk.collector.route(mode=mode, **address)
        task = await desk.collector.task_b(routed)
        await desk.collector.patch(task, status("accepted"))
        await desk.collector.patch(task, status("completed"))
        referrals.append(routed.referral)
    async with desk.running():
        await desk.settled()
    kept = [(one["id"], one["version"]) for one in await desk.collector.rows(tables.Resource)]
    of_a = sorted(one for one in kept if one[0] in referrals)
    events = await desk.collector.rows(tables.SubscriptionEvent)
    assert sorted((one["task"], one["version"]) for one in events) == of_a
    assert len(of_a) == 9
    assert sorted(one["number"] for one in events) == list(range(1, 10))
    told = [event for one in desk.receiver.taken for event in one.events]
    assert sorted(told) == sorted((one["number"], one["task"]) for one in events)
    for referral in referrals:
        versions = {one["number"]: one["version"] for one in events if one["task"] == referral}
        arrived = [versions[number] for number, task in told if task == referral]
        assert arrived == sorted(versions.values()), "a Task's versions are told in their order"
    assert (await desk.get(f"{made}/$events")).json()["entry"][0]["resource"]["parameter"]


async def test_two_planners_give_no_number_twice(desk: Desk) -> None:
    await desk.subscribed()
    for _ in range(12):
        await desk.collector.route()
    await asyncio.gather(*(desk.plans.plan() for _ in range(6)))
    await desk.plans.plan()
    events = await desk.collector.rows(tables.SubscriptionEvent)
    assert sorted(one["number"] for one in events) == list(range(1, 13))
    rows = [one for one in await desk.collector.rows(tables.Notification) if one["channel"] == "notification"]
    assert sorted(one["sequence"] for one in rows) == list(range(1, 13))


async def test_a_503_is_tried_again_and_the_order_holds(desk: Desk) -> None:
    await desk.subscribed()
    desk.receiver.answers = [503, 503, 503]
    task = await desk.collector.task_b(await desk.collector.route())
    for step in ("accepted", "in-progress", "completed"):
        await desk.collector.patch(task, status(step))
    async with desk.running():
        await desk.settled()
    assert [number for one in desk.receiver.taken for number, _ in one.events] == [1, 2, 3, 4]
    identifiers = [one.bundle["id"] for one in desk.receiver.taken]
    assert len(set(identifiers)) == 4


async def test_an_event_that_was_given_up_shows_as_error_until_one_comes_through(desk: Desk) -> None:
    made = await desk.subscribed()
    desk.receiver.answers = [400] * 4
    await desk.collector.route()
    async with desk.running():
        await desk.until(lambda rows: rows[0]["status"] == "error")
        await desk.collector.route()
        await desk.until(lambda rows: rows[0]["status"] == "active")
    assert [number for one in desk.receiver.taken for number, _ in one.events] == [2]
    every = (await desk.get(f"{made}/$events")).json()
    assert [number for number, _ in events_in(every)] == [1, 2], "what was missed can be asked for"


async def test_what_happens_before_the_handshake_is_told_after_it(desk: Desk) -> None:
    assert (await desk.post()).status_code == 201
    routed = await desk.collector.route()
    async with desk.running():
        await desk.until(lambda rows: rows[0]["status"] == "active")
        await desk.until(lambda rows: rows[0]["last_number"] == 1)
        await desk.settled()
    assert [one.value("type") for one in desk.receiver.told] == ["handshake", "event-notification"]
    assert desk.receiver.taken[0].events == [(1, routed.referral)]


async def test_one_that_was_deleted_is_told_nothing_more(desk: Desk) -> None:
    made = await desk.subscribed()
    await desk.collector.route()
    await desk.plans.plan()
    gone = await desk.client.delete(f"/fhir/Subscription/{made}", headers=desk.caller())
    assert gone.status_code == 204
    await desk.collector.route()
    async with desk.running():
        await desk.settled()
    assert desk.receiver.taken == []
    assert len(await desk.collector.rows(tables.SubscriptionEvent)) == 1
    states = {row["channel"]: row["state"] for row in await desk.collector.rows(tables.Notification)}
    assert states == {"handshake": "succeeded", "notification": "stopped"}


async def test_one_whose_end_has_come_is_off(desk: Desk) -> None:
    end = desk.collector.clock.now() + timedelta(hours=1)
    answer = await desk.post(wish(desk.receiver.address, end=end.isoformat()))
    made: dict[str, Any] = answer.json()
    assert made["end"] == "2026-03-02T10:00:00.000Z"
    async with desk.running():
        await desk.until(lambda rows: rows[0]["status"] == "active")
        desk.collector.clock.move(3601)
        await desk.until(lambda rows: rows[0]["status"] == "off")
    await desk.collector.route()
    assert await desk.collector.rows(tables.SubscriptionEvent) == []


async def test_only_the_owner_s_tasks_are_told_of(desk: Desk) -> None:
    await desk.subscribed()
    await desk.collector.route(client="ehr-2")
    assert await desk.collector.rows(tables.SubscriptionEvent) == []


async def test_a_change_that_is_rolled_back_is_no_event(desk: Desk) -> None:
    await desk.subscribed()
    routed = await desk.collector.route()
    task = await desk.collector.task_b(routed)
    row = await desk.collector.row(task)
    with pytest.raises(LahettiError, match="version-conflict"):
        await desk.collector.patch(task, status("accepted"), version=row["version"] + 5)
    assert [one["version"] for one in await desk.collector.rows(tables.SubscriptionEvent)] == [1]


async def test_a_person_s_erasure_takes_the_events_along(desk: Desk) -> None:
    await desk.subscribed()
    routed, other = await desk.collector.route(), await desk.collector.route()
    await desk.collector.patch(
        await desk.collector.task_b(routed), status("rejected"), reason("client-declined")
    )
    async with desk.running():
        await desk.settled()
    await desk.collector.consume(ReferralClosed(referral=routed.referral))
    rows = PersonRows(desk.collector.database, desk.collector.clock)
    counts = await rows.erase(Author("officer", "staff"), [routed.referral])
    assert counts["subscription events"] == counts["notifications"] > 0
    left = {one["task"] for one in await desk.collector.rows(tables.SubscriptionEvent)}
    assert left == {other.referral}
    assert routed.referral not in str(await desk.collector.rows(tables.Notification))
