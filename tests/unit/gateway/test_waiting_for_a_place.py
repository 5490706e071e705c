"""Where a number is used up and its provider wants a waitlist, a referral waits in line and gets the place
that comes free, once, the longest waiting first."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from referral_contracts import systems
from referral_gateway.adapters import tables
from service_runtime.ids import new_id
from support.gateway import Gateway, bundle, issues, moved, referral_id
from support.gateway_county import HAMINA, KOTKA
from support.waitlists import (
    LINE,
    NUMBER,
    give,
    in_line,
    placed,
    refer_in_order,
    set_free,
    used,
    waitlist_files,
)


async def test_it_is_kept_and_waits_and_no_provider_hears_of_it(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1, 2))
    await gateway.refer(municipality=KOTKA)

    response = await gateway.post(bundle(identifier="R-2", municipality=KOTKA))

    assert response.status_code == 200
    waits = referral_id(response)
    (row,) = await gateway.rows(tables.Waiting)
    assert (row.referral, row.line, row.provider, row.left_at) == (waits, LINE, "kotka", None)
    assert await gateway.rows(tables.Routing, referral=waits) == []
    assert [event["referral"] for event in await gateway.told("referral.routed")] != [waits]
    (event,) = await gateway.told("referral.held")
    assert (event["referral"], event["waits_for"]) == (waits, "place")
    assert await used(gateway) == {NUMBER: 1, LINE: 1}
    assert (await gateway.get(f"ServiceRequest/{waits}", gateway.as_provider("kotka"))).status_code == 404
    assert (await gateway.get(f"ServiceRequest/{waits}", gateway.as_ehr())).status_code == 200
    assert await gateway.open_cases(waits) == []


@pytest.mark.parametrize(("language", "word"), [("fi", "jonossa"), ("sv", "kö"), ("en", "in line")])
async def test_the_referrer_is_told_so_in_the_answer_and_in_every_repeat(
    gateway: Gateway, language: str, word: str
) -> None:
    await gateway.load_county(waitlist_files(1))
    first = await gateway.refer(municipality=KOTKA)
    headers, said = (
        gateway.as_ehr() | {"Accept-Language": language},
        bundle(identifier="R-2", municipality=KOTKA),
    )

    answer = await gateway.http.post("/fhir", json=said, headers=headers)

    (told,) = [one["response"]["outcome"] for one in answer.json()["entry"] if "outcome" in one["response"]]
    assert [one["details"]["coding"][0]["code"] for one in told["issue"]] == ["waits-for-place"]
    assert word in told["issue"][0]["details"]["text"]
    assert (await gateway.http.post("/fhir", json=said, headers=headers)).content == answer.content
    await set_free(gateway, first)
    assert await give(gateway) == 1
    assert (await gateway.http.post("/fhir", json=said, headers=headers)).content == answer.content


async def test_a_provider_with_room_comes_before_any_waitlist(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1, backup=True))
    first, second = await refer_in_order(gateway, 2)
    assert [(await gateway.routing(one)).provider for one in (first, second)] == ["kotka", "liikkujat"]
    assert await gateway.rows(tables.Waiting) == []


@pytest.mark.parametrize("waitlist", [2, None])
async def test_where_no_line_has_room_it_is_refused_as_ever_and_nothing_is_kept(
    gateway: Gateway, waitlist: int | None
) -> None:
    await gateway.load_county(waitlist_files(1, waitlist))
    await refer_in_order(gateway, 1 + (waitlist or 0))
    before = await gateway.counts("outbox")

    response = await gateway.post(bundle(identifier="R-9", municipality=KOTKA))

    assert response.status_code == 422
    assert ("no-candidate", None) in issues(response)
    assert "quota-used-up" in [slug for slug, _ in issues(response)]
    assert await gateway.counts("outbox") == before
    assert len(await gateway.told("referral.refused")) == 1


async def test_a_place_that_comes_free_goes_to_the_longest_waiting(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(2))
    one, two, three, four = await refer_in_order(gateway, 4)
    assert await in_line(gateway) == [three, four]
    assert await give(gateway) == 0
    gateway.clock.move(60)
    await set_free(gateway, two)

    assert await give(gateway) == 1

    assert await in_line(gateway) == [four]
    routing = await gateway.routing(three)
    assert (routing.provider, routing.number, routing.quota_key) == ("kotka", 1, NUMBER)
    assert await used(gateway) == {NUMBER: 2, LINE: 1}
    order = (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_provider("kotka"))).json()
    assert order["basedOn"] == [{"reference": f"ServiceRequest/{three}"}]
    assert order["performer"][0] == {"reference": "HealthcareService/kotka-neuvonta"}
    assert order["contained"], "whoever referred stands in it"
    (event,) = [one for one in await gateway.told("referral.routed") if one["referral"] == three]
    assert event["service_request"] == routing.id
    assert event["accept_by"] > gateway.clock.now().isoformat(), "its clocks start when the place comes"
    assert await give(gateway) == 0
    assert one not in await in_line(gateway)


async def test_its_order_is_what_one_placed_at_once_would_be(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    first, second = await refer_in_order(gateway, 2)
    await set_free(gateway, first)
    await give(gateway)
    read = gateway.as_service()
    orders: list[dict[str, Any]] = []
    for referral in (first, second):
        order = (await gateway.get(f"ServiceRequest/{(await gateway.routing(referral)).id}", read)).json()
        text = orjson.dumps(
            {k: v for k, v in order.items() if k not in {"id", "meta", "authoredOn"}}
        ).decode()
        orders.append(orjson.loads(text.replace(referral, "REFERRAL")))
    assert orders[0] == orders[1]


async def test_whoever_comes_now_goes_behind_those_who_wait(gateway: Gateway) -> None:
    """A place is free, and nobody has given it yet: it is not the newcomer's."""
    await gateway.load_county(waitlist_files(1))
    first, second = await refer_in_order(gateway, 2)
    await set_free(gateway, first)

    (third,) = await refer_in_order(gateway, 1)

    assert await in_line(gateway) == [second, third]
    await give(gateway)
    assert await in_line(gateway) == [third]


async def test_a_re_route_does_not_overtake_either(gateway: Gateway) -> None:
    files = waitlist_files(1)
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    for one in agreement["parties"]:
        one["municipalities"] = "all"
    await gateway.load_county(files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()})
    ours = await gateway.refer(municipality=HAMINA)  # hamina has no number, and comes first
    assert (await gateway.routing(ours)).provider == "hamina"
    chosen = {"performer": "kotka-neuvonta", "municipality": KOTKA}
    first = await gateway.refer(**chosen)
    waits = await gateway.refer(**chosen)
    await set_free(gateway, first)
    rejected = moved(await gateway.routing(ours), "rejected", releases_quota=True, reroute="automatic")
    await gateway.hear(rejected)
    assert await gateway.open_cases(ours) == ["no-candidate"]
    await give(gateway)
    assert (await gateway.routing(waits)).provider == "kotka"


async def test_a_raised_number_lets_as_many_in_as_there_are_more(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    one, two, three, four = await refer_in_order(gateway, 4)
    await gateway.load_county(waitlist_files(3))
    gateway.clock.move(1)
    assert await give(gateway) == 2
    assert (await in_line(gateway), await placed(gateway)) == ([four], [one, two, three])


async def test_a_new_period_begins_with_those_who_wait(gateway: Gateway) -> None:
    files = waitlist_files(1)
    monthly = files["agreements/exercise.yaml"].replace('"period":"year"', '"period":"month"')
    await gateway.load_county(files | {"agreements/exercise.yaml": monthly})
    _, second, third = await refer_in_order(gateway, 3)
    gateway.clock.move(timedelta(days=30).total_seconds())
    (newcomer,) = await refer_in_order(gateway, 1)
    await give(gateway)
    assert await in_line(gateway) == [third, newcomer]
    assert (await gateway.routing(second)).quota_key == "exercise/kotka/2026-04"


async def test_a_waitlist_that_is_taken_out_still_serves_those_who_wait_first(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    first, second = await refer_in_order(gateway, 2)
    await gateway.load_county(waitlist_files(1, None))
    await set_free(gateway, first)
    assert (await gateway.post(bundle(identifier="R-9", municipality=KOTKA))).status_code == 422
    await give(gateway)
    assert (await gateway.routing(second)).provider == "kotka"


async def test_a_number_that_is_lifted_lets_everybody_in(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    _, second, third = await refer_in_order(gateway, 3)
    files = waitlist_files(1)
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    for one in agreement["parties"]:
        one.pop("number", None)
    await gateway.load_county(files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()})
    assert await give(gateway) == 2
    assert {(await gateway.routing(one)).quota_key for one in (second, third)} == {None}
    assert (await used(gateway))[LINE] == 0


async def test_a_shared_number_has_one_line(gateway: Gateway) -> None:
    files = waitlist_files(1, None, number={"most": 1, "period": "year", "waitlist": True})
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    for one in agreement["parties"]:
        one.pop("number", None)
    await gateway.load_county(files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()})
    first = await gateway.refer(municipality=KOTKA)
    gateway.clock.move(1)
    second = await gateway.refer(municipality=HAMINA)
    gateway.clock.move(1)
    third = await gateway.refer(municipality=KOTKA)
    assert {row.line for row in await gateway.rows(tables.Waiting)} == {"exercise/waitlist"}
    await set_free(gateway, first)
    await give(gateway)
    assert (await gateway.routing(second)).provider == "hamina"
    assert await in_line(gateway) == [third]


async def test_a_dry_run_says_that_it_would_wait_and_behind_how_many(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1, 2))
    await refer_in_order(gateway, 2)
    asked = bundle(identifier=new_id(), municipality=KOTKA)
    for waiting, refused in ((1, False), (2, True)):
        answer = await gateway.http.post("/fhir/ServiceRequest/$route", json=asked, headers=gateway.as_ehr())
        told = answer.json()["parameter"]
        assert any(one["name"] == "refusal" for one in told) is refused
        (kotka,) = [
            {part["name"]: part for part in one["part"]}
            for one in told
            if one["name"] == "candidate" and "Organization/kotka" in orjson.dumps(one).decode()
        ]
        assert kotka["available"]["valueBoolean"] is False
        assert kotka["left"]["valueInteger"] == 0
        assert kotka["chosen"]["valueBoolean"] is not refused
        slug = "quota-used-up" if refused else "candidate-with-line"
        assert kotka["reason"]["valueCoding"] == {"system": systems.ERROR, "code": slug}
        assert kotka.get("waiting", {}).get("valueInteger") == (None if refused else waiting)
        await refer_in_order(gateway, 0 if refused else 1)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", "sovittu lähetemäärä on täynnä; lähete jäisi jonoon, ja sen edellä olisi 1."),
        ("sv", "det avtalade antalet remisser är fyllt; remissen skulle ställas i kö efter 1."),
        ("en", "the agreed number of referrals is used up; the referral would wait in line behind 1."),
    ],
)
async def test_a_dry_run_says_so_in_the_language_of_whoever_asks(
    gateway: Gateway, language: str, words: str
) -> None:
    await gateway.load_county(waitlist_files(1))
    await refer_in_order(gateway, 2)
    headers = gateway.as_ehr() | {"Accept-Language": language}
    asked = bundle(identifier=new_id(), municipality=KOTKA)
    answer = await gateway.http.post("/fhir/ServiceRequest/$route", json=asked, headers=headers)
    texts = [
        part["valueString"]
        for one in answer.json()["parameter"]
        for part in one.get("part", [])
        if part["name"] == "text"
    ]
    assert f"kotka: {words}" in texts


async def test_the_list_of_agreements_tells_how_many_wait(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1, 5))
    await refer_in_order(gateway, 3)
    answer = await gateway.http.get("/gateway/agreements", headers=gateway.as_staff())
    (kotka,) = [one for one in answer.json()["agreements"] if one["provider"] == "kotka"]
    assert (kotka["state"], kotka["waitlist"], kotka["waiting"]) == ("full", 5, 2)


async def test_trace_and_figures_tell_of_the_wait(gateway: Gateway) -> None:
    await gateway.load_county(waitlist_files(1))
    first, second = await refer_in_order(gateway, 2)
    gateway.clock.move(90)
    figures = (await gateway.parts.metrics.render()).decode()
    assert "lahetti_waiting_referrals 1.0" in figures
    assert "lahetti_longest_wait_seconds 90.0" in figures
    await set_free(gateway, first)
    await give(gateway)
    answer = await gateway.http.get(f"/gateway/trace/{second}", headers=gateway.as_staff())
    what = [step["what"] for step in answer.json()["steps"]]
    assert {"waits in line", "wait: placed", "referral.routed"} <= set(what)
    assert "lahetti_waiting_referrals 0.0" in (await gateway.parts.metrics.render()).decode()
