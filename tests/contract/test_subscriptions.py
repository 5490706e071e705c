"""Subscriptions as their owners make, read, ask and end them, on both databases."""

from typing import Any

import pytest
from outcome_collector.adapters import tables
from outcome_collector.entrypoints.subscription_routes import check_address
from referral_contracts.errors import LahettiError
from service_runtime.delivery.classes import AttemptClass
from service_runtime.ids import new_id
from sqlalchemy import update
from support.collector import EHR, collector, note, reason, status
from support.record_system import claimed_write_back
from support.subscriptions import SECRET, Desk, channel, desk, events_in, value_in, wish
from support.web_app import slug

__all__ = ["collector", "desk"]


async def test_a_subscription_is_requested_and_served_without_its_secret(desk: Desk) -> None:
    answer = await desk.post()
    made = answer.json()
    assert (answer.status_code, made["status"]) == (201, "requested")
    assert answer.headers["location"].endswith(f"/fhir/Subscription/{made['id']}")
    assert desk.receiver.told == [], "the request itself calls nobody"
    read = await desk.get(made["id"])
    assert read.json() == made
    assert "header" not in made["channel"]
    (row,) = await desk.collector.rows(tables.Subscription)
    assert SECRET.encode() not in row["sealed_header"]
    for text in (answer.text, read.text, desk.service.stream.getvalue(), str(answer.headers)):
        assert SECRET not in text
    (line,) = desk.service.lines("subscription.created")
    assert line["subscription"] == made["id"]


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "another topic": ({"criteria": "Task?status=x"}, "subscription-unusable", "Subscription.criteria"),
    "no topic": ({"criteria": None}, "required-element", "Subscription.criteria"),
    "active at once": ({"status": "active"}, "subscription-unusable", "Subscription.status"),
    "no reason": ({"reason": None}, "required-element", "Subscription.reason"),
    "a reason that is none": ({"reason": 5}, "invalid-value", "Subscription.reason"),
    "an end that is none": ({"end": "2026"}, "invalid-value", "Subscription.end"),
    "an end without zone": ({"end": "2026-12-01T00:00:00"}, "invalid-value", "Subscription.end"),
    "an end after the last year": (
        {"end": "9999-12-31T23:59:59-14:00"},
        "invalid-value",
        "Subscription.end",
    ),
    "a week's day": ({"end": "2026-W09-1T00:00:00Z"}, "invalid-value", "Subscription.end"),
    "a reason with a nought byte": ({"reason": "a\x00b"}, "invalid-value", "Subscription.reason"),
    "a filter": ({"_criteria": {"extension": []}}, "subscription-unusable", "Subscription"),
    "no channel": ({"channel": None}, "required-element", "Subscription.channel"),
    "a channel that is none": ({"channel": []}, "invalid-value", "Subscription.channel"),
}
BAD_CHANNEL: dict[str, tuple[dict[str, Any], str, str]] = {
    "email": ({"type": "email"}, "subscription-unusable", "type"),
    "no address": ({"endpoint": None}, "required-element", "endpoint"),
    "another scheme": ({"endpoint": "ftp://ehr.example.org/x"}, "subscription-address", "endpoint"),
    "a password": ({"endpoint": "https://a:b@ehr.example.org"}, "subscription-address", "endpoint"),
    "XML": ({"payload": "application/fhir+xml"}, "subscription-unusable", "payload"),
    "whole resources": ({"_payload": {"extension": []}}, "subscription-unusable", "payload.extension"),
    "two headers": ({"header": ["Authorization: a", "Authorization: b"]}, "subscription-unusable", "header"),
    "another header": ({"header": ["Cookie: a"]}, "subscription-unusable", "header"),
    "a header of two lines": ({"header": ["Authorization: a\r\nHost: b"]}, "subscription-unusable", "header"),
    "a heartbeat": ({"extension": []}, "subscription-unusable", ""),
}  # fmt: skip


@pytest.mark.parametrize("fault", [*BAD, *BAD_CHANNEL])
async def test_what_is_not_offered_is_refused_at_its_place(desk: Desk, fault: str) -> None:
    address = desk.receiver.address
    if fault in BAD:
        changes, wanted, place = BAD[fault]
        answer = await desk.post(wish(address, **changes))
    else:
        changes, wanted, place = BAD_CHANNEL[fault]
        place = f"Subscription.channel.{place}".rstrip(".")
        answer = await desk.post(wish(address, channel=channel(address, **changes)))
    assert (answer.status_code, slug(answer)) == (422, wanted)
    assert answer.json()["issue"][0]["expression"][0].startswith(place)
    assert SECRET not in answer.text
    assert await desk.collector.rows(tables.Subscription) == []


@pytest.mark.parametrize(
    "address",
    ["http://ehr.example.org/x", "https://127.0.0.1/x", "https://10.0.0.1/x", "https://[::1]/x",
     "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/x", "https:///x", "nowhere"],
)  # fmt: skip
async def test_outside_development_only_https_in_the_public_network_is_called(
    desk: Desk, address: str
) -> None:
    """At the door, and again at the sending: a row from elsewhere is not called either."""
    with pytest.raises(LahettiError) as refused:
        check_address(address, private=False)
    assert [(one.slug, one.expression) for one in refused.value.issues] == [
        ("subscription-address", ("Subscription.channel.endpoint",))
    ]
    assert (await desk.post()).status_code == 201
    async with desk.collector.database.write() as session:
        await session.execute(update(tables.Subscription).values(address=address))
    strict = desk.sender_to_the_public()
    (row,) = await desk.collector.rows(tables.Notification)
    assert (await strict.send(claimed_write_back(row))).outcome is AttemptClass.ADDRESS_BLOCKED
    assert desk.receiver.told == []


async def test_a_record_system_has_so_many_and_another_its_own(desk: Desk) -> None:
    for _ in range(3):
        assert (await desk.post()).status_code == 201
    answer = await desk.post()
    assert (answer.status_code, slug(answer)) == (422, "too-many-subscriptions")
    other = await desk.post(client="ehr-2")
    assert other.status_code == 201
    (first, *_) = await desk.collector.rows(tables.Subscription)
    path = f"/fhir/Subscription/{first['id']}"
    assert (await desk.client.delete(path, headers=desk.caller())).status_code == 204
    assert (await desk.post()).status_code == 201


async def test_somebody_else_s_and_one_that_was_deleted_do_not_exist(desk: Desk) -> None:
    made = (await desk.post()).json()["id"]
    other = desk.caller("ehr-2")
    for suffix in ("", "/$status", "/$events"):
        for answer in (
            await desk.get(f"{made}{suffix}", client="ehr-2"),
            await desk.get(f"{new_id()}{suffix}"),
            await desk.get(f"nonsense{suffix}"),
        ):
            assert (answer.status_code, slug(answer)) == (404, "not-found")
    assert (await desk.client.delete(f"/fhir/Subscription/{made}", headers=other)).status_code == 404
    gone = await desk.client.delete(f"/fhir/Subscription/{made}", headers=desk.caller())
    assert (gone.status_code, gone.content) == (204, b"")
    for suffix in ("", "/$status", "/$events"):
        assert (await desk.get(f"{made}{suffix}")).status_code == 404
    (row,) = await desk.collector.rows(tables.Subscription)
    assert (row["status"], row["sealed_header"]) == ("off", None)


@pytest.mark.parametrize("kind", ["provider", "service", "staff"])
async def test_only_record_systems_subscribe(desk: Desk, kind: str) -> None:
    headers = desk.service.token("system/Subscription.crd", kind, "somebody")
    answer = await desk.client.get(f"/fhir/Subscription/{new_id()}", headers=headers)
    assert (answer.status_code, slug(answer)) == (403, "caller-not-allowed")


async def test_status_and_events_are_asked_by_get_and_by_post(desk: Desk) -> None:
    made = await desk.subscribed()
    routed = await desk.collector.route()
    task = await desk.collector.task_b(routed)
    await desk.collector.patch(task, status("accepted"))
    await desk.collector.patch(task, status("completed"))
    async with desk.running():
        await desk.settled()
    told = (await desk.get(f"{made}/$status")).json()
    assert (told["type"], value_in(told, "type"), value_in(told, "status")) == (
        "searchset", "query-status", "active",
    )  # fmt: skip
    assert value_in(told, "events-since-subscription-start") == "3"
    every = (await desk.get(f"{made}/$events")).json()
    assert (every["type"], value_in(every, "type")) == ("history", "query-event")
    assert events_in(every) == [(number, routed.referral) for number in (1, 2, 3)]
    for query, numbers in (
        ("eventsSinceNumber=2", [2, 3]),
        ("eventsUntilNumber=2", [1, 2]),
        ("eventsSinceNumber=2&eventsUntilNumber=2&content=id-only", [2]),
        ("eventsSinceNumber=4", []),
    ):
        asked = (await desk.get(f"{made}/$events?{query}")).json()
        assert [number for number, _ in events_in(asked)] == numbers, query
    for query, wanted in (
        ("eventsSinceNumber=x", "invalid-parameter"),
        ("eventsSinceNumber=1&eventsSinceNumber=2", "invalid-parameter"),
        ("content=everything", "invalid-parameter"),
        ("since=2", "unknown-parameter"),
    ):
        answer = await desk.get(f"{made}/$events?{query}")
        assert (answer.status_code, slug(answer)) == (400, wanted), query
    headers = desk.caller() | {"Content-Type": "application/fhir+json"}
    path = f"/fhir/Subscription/{made}"
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "eventsSinceNumber", "valueString": "3"}],
    }
    posted = await desk.client.post(f"{path}/$events", json=parameters, headers=headers)
    assert [number for number, _ in events_in(posted.json())] == [3]
    asked = await desk.client.post(f"{path}/$status", headers=headers)
    assert value_in(asked.json(), "status") == "active"


async def test_nothing_of_a_task_is_told_but_its_reference(desk: Desk) -> None:
    """Withheld or not: what an event tells is where to read, and reading asks the permission."""
    made = await desk.subscribed()
    routed = await desk.collector.route(return_permitted=False)
    task = await desk.collector.task_b(routed)
    await desk.collector.patch(task, status("accepted"), note("kylmyys"))
    await desk.collector.patch(task, status("failed"), reason("client-declined", text="kylmyys"))
    async with desk.running():
        await desk.settled()
    texts = [str(one.bundle) for one in desk.receiver.taken] + [(await desk.get(f"{made}/$events")).text]
    assert len(desk.receiver.taken) == 3
    for text in texts:
        assert routed.referral in text
        for word in ("kylmyys", "client-declined", "failed", "accepted", task, EHR.client):
            assert word not in text
