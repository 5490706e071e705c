"""The whole gateway in one process, its loops running: a referral goes out to the topics, facts come back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from referral_contracts import events
from referral_contracts.topics import OUTCOMES, REFERRALS, SHARED, tasks_topic
from referral_gateway.adapters import tables
from service_runtime.event_log.port import Message, Record
from service_runtime.ids import new_id
from support.gateway import BASE, Gateway, gateway, gateway_database, migrated_file, migrated_postgres, moved
from support.gateway_county import KOTKA
from support.waitlists import refer_in_order, waitlist_files

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

PERSONAL = ("Kuulumaton", "Nimenomainen", "040 000 0777", "physical-inactivity", "no-capacity")


@pytest.fixture
async def running(gateway: Gateway) -> AsyncIterator[Gateway]:
    stop = asyncio.Event()
    roles = [asyncio.create_task(role(stop)) for role in gateway.service.roles.values()]
    yield gateway
    stop.set()
    await asyncio.gather(*roles)


async def until(fact: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """Wait until `fact` answers something."""
    async with asyncio.timeout(seconds):
        while not (answer := await fact()):  # noqa: ASYNC110 the fact is in a database
            await asyncio.sleep(0.02)
    return answer


async def published(gateway: Gateway, topic: str, count: int) -> list[Record]:
    reader = await gateway.parts.event_log.subscribe(f"test-{new_id()}", "one", topics=[topic])
    records: list[Record] = []
    async with asyncio.timeout(30):
        while len(records) < count:
            records += await reader.poll(0.2)
    await reader.close()
    return records


async def publish(gateway: Gateway, fact: events.EventBody) -> None:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": new_id(),
        "ce_type": fact.type,
        "ce_source": "/test",
        "ce_time": gateway.clock.now().isoformat(),
        "ce_subject": "key",
        "content-type": "application/json",
    }
    message = Message(OUTCOMES, fact.model_dump()["referral"], headers, fact.model_dump_json().encode())
    assert await gateway.parts.event_log.publish([message]) == [None]


async def test_a_referral_reaches_the_topic_without_a_word_about_the_person(running: Gateway) -> None:
    referral = await running.refer(client_name="Kuulumaton, Nimenomainen", phone="+358 40 000 0777")

    (record,) = await published(running, REFERRALS, 1)

    body = events.parse("referral.routed", record.value)
    assert isinstance(body, events.ReferralRouted)
    assert record.key == body.referral == referral
    assert record.headers["ce_source"] == "/kymenlaakso/referral-gateway"
    said = f"{record.key} {record.headers} {record.value.decode()}"
    assert not [word for word in PERSONAL if word in said]


async def test_facts_from_the_topics_are_recorded_and_the_referral_closes(running: Gateway) -> None:
    referral = await running.refer(municipality=KOTKA)
    first = await running.routing(referral)
    await publish(running, moved(first, "requested", version=1))
    await publish(running, moved(first, "rejected", version=2, releases_quota=True, reroute="automatic"))

    async def rerouted() -> Any:
        routing = await running.routing(referral)
        return routing if routing.number == 2 else None

    second = await until(rerouted)
    assert second.provider == "liikkujat"
    await publish(running, moved(second, "completed", version=2))

    async def closed() -> bool:
        (row,) = await running.rows(tables.Referral, id=referral)
        return row.closed_at is not None

    await until(closed)
    routed = [events.parse(r.headers["ce_type"], r.value) for r in await published(running, REFERRALS, 3)]
    assert [type(one) for one in routed] == [
        events.ReferralRouted,
        events.ReferralRouted,
        events.ReferralClosed,
    ]


async def test_the_trace_tells_the_whole_way_without_a_name_or_a_reason(running: Gateway) -> None:
    referral = await running.refer(client_name="Kuulumaton, Nimenomainen", phone="+358 40 000 0777")
    await running.get(f"Patient/{referral}", running.as_provider("kotka"))
    await published(running, REFERRALS, 1)
    await until(lambda: _is_published(running))

    response = await running.http.get(f"/gateway/trace/{referral}", headers=running.as_staff())

    steps = response.json()["steps"]
    whats = [step["what"] for step in steps]
    assert whats[0] == "referral.accepted"
    assert {"referral.routed", "outbox: referral.routed", "published: referral.routed", "read: given"} <= set(
        whats
    )
    assert all(step["service"] == "referral-gateway" and step["at"] for step in steps)
    assert not [word for word in PERSONAL if word in response.text]
    for unknown in (new_id(), "nonsense"):
        missing = await running.http.get(f"/gateway/trace/{unknown}", headers=running.as_staff())
        assert missing.status_code == 404


async def test_a_place_that_comes_free_is_given_by_the_running_process(running: Gateway) -> None:
    assert (await running.load_county(waitlist_files(1))).status_code == 200
    first, second = await refer_in_order(running, 2)
    await publish(running, moved(await running.routing(first), "rejected", releases_quota=True))

    async def is_placed() -> bool:
        running.clock.move(0.1)
        return bool(await running.rows(tables.Routing, referral=second))

    await until(is_placed)
    records = await published(running, REFERRALS, 3)
    told = [(one.headers["ce_type"], one.key) for one in records if one.key == second]
    assert told == [("referral.held", second), ("referral.routed", second)][: len(told)]


async def test_the_lag_of_each_group_is_shown(running: Gateway) -> None:
    referral = await running.refer()
    await publish(running, moved(await running.routing(referral), "requested", version=1))

    async def read_to_the_end() -> bool:
        answer = (await running.http.get("/gateway/topics", headers=running.as_staff())).json()
        mine = [row for row in answer["lag"] if row["group"] == "referral-gateway"]
        return bool(mine) and {OUTCOMES} <= set(answer["topics"]) and all(row["lag"] == 0 for row in mine)

    await until(read_to_the_end)


async def test_the_topics_that_are_not_there_are_told_with_their_settings(running: Gateway) -> None:
    await running.base.counties.look()
    county = running.base.counties.current()
    answer = (await running.http.get("/gateway/topics", headers=running.as_staff())).json()
    wanted = {*SHARED, *(tasks_topic(provider) for provider in county.providers)}
    missing = {one["topic"] for one in answer["missing"]}
    assert missing == wanted - set(answer["topics"])
    assert {tasks_topic(provider) for provider in county.providers} <= missing
    assert all(one["lanes"] >= 1 and one["retention_ms"] == 14 * 86_400_000 for one in answer["missing"])
    assert answer["managed"] == "platform"


async def test_the_figures_and_the_keys_are_there(running: Gateway) -> None:
    await running.refer()
    figures = (await running.http.get("/metrics")).text
    assert "lahetti_open_referrals 1.0" in figures
    for name in (
        "lahetti_open_cases",
        "lahetti_outbox_age_seconds",
        "lahetti_oldest_routing_without_task_seconds",
    ):
        assert f"\n{name}" in figures
    keys = await running.http.get("/.well-known/jwks.json")
    assert keys.headers["content-type"] == "application/jwk-set+json"
    assert all("d" not in key for key in keys.json()["keys"])
    assert (await running.http.get("/readyz")).status_code == 200
    statement = (await running.http.get("/fhir/metadata")).json()
    assert statement["implementation"]["url"] == f"{BASE}/fhir"


async def _is_published(gateway: Gateway) -> bool:
    rows = await gateway.rows(tables.Outbox)
    return all(row.published_at is not None for row in rows)
