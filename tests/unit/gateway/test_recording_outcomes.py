"""What the collector and the notifier found out counts once, in whatever order it comes."""

import itertools
from typing import Any

import orjson
import pytest
from referral_contracts.events import (
    DeliveryExhausted,
    DeliveryStalled,
    DeliveryStopped,
    DeliverySucceeded,
    TaskStranded,
    WriteBackExhausted,
    WriteBackSucceeded,
)
from referral_gateway.adapters import tables
from referral_gateway.bootstrap.loops import record_outcomes
from service_runtime.ids import new_id
from service_runtime.results import DeadLetter
from support.gateway import Gateway, moved
from support.gateway import received as as_received
from support.gateway_county import EHR, EHR_BASE, KOTKA, county_files

NUMBERS = {"kotka": 5, "liikkujat": 5}


async def refer_written(gateway: Gateway) -> str:
    return await gateway.refer(EHR, municipality=KOTKA, task_a_url=f"{EHR_BASE}/Task/{new_id()}")


async def used(gateway: Gateway) -> dict[str, int]:
    return {row.key.split("/")[1]: row.used for row in await gateway.rows(tables.Quota)}


async def test_the_task_is_seen(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    fact = moved(await gateway.routing(referral), "requested", version=1)
    await gateway.hear(fact)
    routing = await gateway.routing(referral)
    assert (routing.task, routing.status, routing.task_version) == (fact.task, "requested", 1)


async def test_a_wrong_referral_gives_the_number_back_once_and_opens_one_case(gateway: Gateway) -> None:
    await gateway.load_county(county_files(numbers=NUMBERS))
    referral = await gateway.refer(municipality=KOTKA)
    assert await used(gateway) == {"kotka": 1}
    fact = moved(await gateway.routing(referral), "rejected", releases_quota=True, reroute="case")

    for _ in range(3):
        await gateway.hear(fact)
    await gateway.hear(fact, fact)

    assert await used(gateway) == {"kotka": 0}
    assert await gateway.open_cases(referral) == ["wrong-referral"]


async def test_the_same_event_again_changes_nothing(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    fact, event = moved(await gateway.routing(referral), "completed"), new_id()
    await gateway.hear(fact, ids=[event])
    before = await gateway.counts()
    await gateway.hear(fact, ids=[event])
    assert await gateway.counts() == before


async def test_no_capacity_routes_on_to_the_next_provider_with_a_new_order(gateway: Gateway) -> None:
    await gateway.load_county(county_files(numbers=NUMBERS))
    referral = await gateway.refer(municipality=KOTKA)
    first = await gateway.routing(referral)

    await gateway.hear(moved(first, "rejected", releases_quota=True, reroute="automatic"))

    second = await gateway.routing(referral)
    assert (second.number, second.provider) == (2, "liikkujat")
    assert await used(gateway) == {"kotka": 0, "liikkujat": 1}
    routed = await gateway.told("referral.routed")
    assert [(event["provider"], event["service_request"]) for event in routed] == [
        ("kotka", first.id), ("liikkujat", second.id),
    ]  # fmt: skip
    assert routed[1]["event"] == second.event
    order = (await gateway.get(f"ServiceRequest/{second.id}", gateway.as_provider("liikkujat"))).json()
    assert order["performer"][0] == {"reference": "HealthcareService/liikkujat-neuvonta"}
    assert order["requester"]["reference"] == "#practitionerrole"
    assert (order["status"], order["meta"]["versionId"]) == ("active", "1")
    assert await gateway.told("referral.closed") == []
    assert await gateway.told("referral.unroutable") == []


async def test_where_nobody_is_left_a_case_is_opened_and_the_collector_told(gateway: Gateway) -> None:
    await gateway.load_county(county_files(backup=False))
    referral = await refer_written(gateway)
    routing = await gateway.routing(referral)

    await gateway.hear(moved(routing, "rejected", releases_quota=True, reroute="automatic"))

    assert await gateway.open_cases(referral) == ["no-candidate"]
    (event,) = await gateway.told("referral.unroutable")
    assert (event["referral"], event["service_request"]) == (referral, routing.id)
    assert await gateway.told("referral.closed") == []
    await gateway.hear(WriteBackSucceeded(referral=referral, version=2, final=True))
    assert len(await gateway.told("referral.closed")) == 1


async def test_a_provider_is_never_asked_twice(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    for _ in range(2):
        routing = await gateway.routing(referral)
        await gateway.hear(moved(routing, "rejected", releases_quota=True, reroute="automatic"))
    assert [row.provider for row in await gateway.rows(tables.Routing, referral=referral)] == [
        "kotka",
        "liikkujat",
    ]
    assert await gateway.open_cases(referral) == ["no-candidate"]


async def test_routing_on_stays_within_the_permission(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA, recipients=["kotka"])
    await gateway.hear(
        moved(await gateway.routing(referral), "rejected", releases_quota=True, reroute="automatic")
    )
    assert len(await gateway.rows(tables.Routing, referral=referral)) == 1
    assert await gateway.open_cases(referral) == ["no-candidate"]


@pytest.mark.parametrize("document", ["ServiceRequest", "Consent"])
async def test_what_was_revoked_or_withdrawn_is_not_routed_on(gateway: Gateway, document: str) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    body = (await gateway.get(f"{document}/{referral}", gateway.as_ehr())).json()
    if document == "Consent":
        body["status"] = "inactive"
    else:
        body["status"] = "entered-in-error"
    headers = gateway.as_ehr() | {"if-match": 'W/"1"'}
    changed = await gateway.http.put(f"/fhir/{document}/{referral}", json=body, headers=headers)
    assert changed.status_code == 200, changed.text

    await gateway.hear(
        moved(await gateway.routing(referral), "rejected", releases_quota=True, reroute="automatic")
    )

    assert len(await gateway.rows(tables.Routing, referral=referral)) == 1
    assert await gateway.open_cases(referral) == []
    assert len(await gateway.told("referral.unroutable")) == 1


async def test_a_polling_ehrs_referral_closes_when_its_task_has_ended(gateway: Gateway) -> None:
    referral = await gateway.refer()
    await gateway.hear(moved(await gateway.routing(referral), "accepted", version=2))
    assert await gateway.told("referral.closed") == []
    await gateway.hear(moved(await gateway.routing(referral), "completed", version=3))
    assert [event["referral"] for event in await gateway.told("referral.closed")] == [referral]


async def test_a_written_referral_closes_when_the_ehrs_task_shows_the_end(gateway: Gateway) -> None:
    referral = await refer_written(gateway)
    await gateway.hear(moved(await gateway.routing(referral), "completed"))
    await gateway.hear(WriteBackSucceeded(referral=referral, version=1, final=False))
    assert await gateway.told("referral.closed") == []
    await gateway.hear(WriteBackSucceeded(referral=referral, version=2, final=True))
    assert len(await gateway.told("referral.closed")) == 1


async def test_invariant_the_end_is_the_same_in_every_order_and_with_repeats(gateway: Gateway) -> None:
    """INVARIANT: facts may be reordered and doubled. Deciding by the newest event alone breaks it."""
    await gateway.load_county(county_files(numbers={"kotka": 50}))
    for order in itertools.permutations(range(4)):
        referral = await refer_written(gateway)
        routing = await gateway.routing(referral)
        task = new_id()
        facts: list[Any] = [
            moved(routing, "requested", version=1).model_copy(update={"task": task}),
            moved(routing, "accepted", version=2).model_copy(update={"task": task}),
            moved(routing, "failed", version=3, releases_quota=True, reroute="case").model_copy(
                update={"task": task}
            ),
            WriteBackSucceeded(referral=referral, version=3, final=True),
        ]
        for index in order:
            await gateway.hear(facts[index], facts[index])
        ended = await gateway.routing(referral)
        assert (ended.status, ended.task_version, ended.task, ended.quota_taken) == ("failed", 3, task, False)
        (row,) = await gateway.rows(tables.Referral, id=referral)
        assert row.closed_at is not None
        assert await gateway.open_cases(referral) == ["wrong-referral"]
    assert await used(gateway) == {"kotka": 0}
    assert len(await gateway.told("referral.closed")) == 24


async def test_many_referrals_in_one_poll_are_each_recorded(gateway: Gateway) -> None:
    referrals = [await gateway.refer() for _ in range(5)]
    routings = [await gateway.routing(one) for one in referrals]
    await gateway.hear(
        *(moved(one, "accepted", version=2) for one in routings),
        *(moved(one, "completed", version=3) for one in routings),
    )
    assert {(await gateway.routing(one)).status for one in referrals} == {"completed"}
    assert len(await gateway.told("referral.closed")) == 5


async def test_what_needs_a_person_is_a_case_until_a_fact_settles_it(gateway: Gateway) -> None:
    referral = await refer_written(gateway)
    delivery = {"referral": referral, "task": new_id(), "provider": "kotka", "endpoint": "kotka-webhook"}
    delivery |= {"event": new_id(), "attempts": 11}

    await gateway.hear(DeliveryExhausted(**delivery))
    await gateway.hear(DeliveryExhausted(**delivery))
    await gateway.hear(DeliveryStalled(**delivery))
    await gateway.hear(WriteBackExhausted(referral=referral, version=1))
    await gateway.hear(TaskStranded(referral=referral, task=delivery["task"], missing="delivery"))
    assert await gateway.open_cases(referral) == [
        "delivery-exhausted",
        "delivery-stalled",
        "task-stranded",
        "write-back-exhausted",
    ]

    await gateway.hear(DeliverySucceeded(**delivery))
    await gateway.hear(WriteBackSucceeded(referral=referral, version=1, final=False))
    assert await gateway.open_cases(referral) == []


async def test_cases_are_listed_with_owner_due_time_and_acts_and_no_person(gateway: Gateway) -> None:
    referral = await gateway.refer(client_name="Kuulumaton, Nimi")
    await gateway.hear(moved(await gateway.routing(referral), "rejected", reroute="case"))

    listed = (await gateway.http.get("/gateway/cases", headers=gateway.as_staff())).json()["cases"]

    (case,) = listed
    assert (case["kind"], case["referral"], case["owner"]) == (
        "wrong-referral",
        referral,
        "referral-coordinator",
    )
    assert case["due_at"] > case["opened_at"]
    assert "call-referrer" in case["acts"]
    assert "Kuulumaton" not in orjson.dumps(listed).decode()


async def test_a_fact_about_a_referral_that_is_not_here_is_a_dead_letter(gateway: Gateway) -> None:
    referral = await gateway.refer()
    known = moved(await gateway.routing(referral), "accepted")
    strange = [
        known.model_copy(update={"referral": new_id()}),
        known.model_copy(update={"service_request": new_id()}),
    ]
    async with gateway.base.database.write() as session:
        facts = [as_received(fact, new_id(), gateway.clock.now()) for fact in strange]
        results = await record_outcomes(gateway.parts, gateway.base)(session, facts)
    assert [type(result) for result in results] == [DeadLetter, DeadLetter]


async def test_an_end_for_another_reason_is_a_case_of_its_own_kind(gateway: Gateway) -> None:
    """Its code says nothing: a person has to read why before anybody decides that the referral was wrong."""
    referral = await gateway.refer()
    await gateway.hear(moved(await gateway.routing(referral), "rejected", reroute="review"))
    assert await gateway.open_cases(referral) == ["other-reason"]


@pytest.mark.parametrize(
    ("why", "cases"), [("permission-ended", ["permission-ended"]), ("task-cancelled", [])]
)
async def test_a_notice_held_back_by_an_ended_permission_is_a_person_s_business(
    gateway: Gateway, why: Any, cases: list[str]
) -> None:
    referral = await gateway.refer()
    stopped = DeliveryStopped(
        referral=referral,
        task=new_id(),
        provider="kotka",
        endpoint="kotka-webhook",
        event=new_id(),
        attempts=0,
        why=why,
    )
    await gateway.hear(stopped, stopped)
    assert await gateway.open_cases(referral) == cases
