"""A referral that is acknowledged is kept, whole, and told once."""

import asyncio
from typing import Any

import orjson
from referral_contracts.fhir import consents
from referral_gateway.adapters import tables
from support.gateway import BASE, Gateway, bundle, issues, moved, referral_id
from support.gateway_county import EHR, EHR_BASE, HAMINA, KOTKA, county_files


async def test_an_accepted_referral_is_kept_with_its_evidence_and_told_to_the_collector(
    gateway: Gateway,
) -> None:
    posted = bundle(identifier="R-1", municipality=KOTKA)
    response = await gateway.post(posted)

    assert response.status_code == 200
    referral = referral_id(response)
    evidence = await gateway.rows(tables.Evidence, referral=referral)
    assert orjson.loads(evidence[0].body) == posted
    assert {row.type for row in await gateway.rows(tables.Resource, referral=referral)} == {
        "Patient", "Consent", "ServiceRequest", "PractitionerRole",
    }  # fmt: skip
    routing = await gateway.routing(referral)
    (event,) = await gateway.told("referral.routed")
    assert event["event"] == routing.event
    assert event["key"] == event["referral"] == referral
    assert event["service_request"] == routing.id
    assert (event["provider"], event["client"], event["mode"]) == ("kotka", "ehr-polling", "poll")
    assert (event["test"], event["protected"], event["urgent"], event["return_permitted"]) == (
        False, False, False, True,
    )  # fmt: skip
    assert event["remind_at"] < event["accept_by"] < event["contact_by"]


async def test_the_answer_says_where_each_entry_is_in_the_bundles_order_and_where_task_a_can_be_read(
    gateway: Gateway,
) -> None:
    response = await gateway.post(bundle(identifier="R-1"))

    answer = response.json()
    referral = referral_id(response)
    assert answer["type"] == "transaction-response"
    assert [entry["response"]["location"] for entry in answer["entry"]] == [
        f"{name}/{referral}/_history/1"
        for name in ("Patient", "Consent", "ServiceRequest", "PractitionerRole")
    ]
    assert {entry["response"]["status"] for entry in answer["entry"]} == {"201 Created"}
    assert {entry["response"]["etag"] for entry in answer["entry"]} == {'W/"1"'}
    assert answer["link"] == [{"relation": "status", "url": f"{BASE}/fhir/Task/{referral}"}]


async def test_what_is_served_has_our_ids_and_references_and_nothing_else_changed(gateway: Gateway) -> None:
    posted = bundle(identifier="R-1")
    referral = referral_id(await gateway.post(posted))

    served = (await gateway.get(f"ServiceRequest/{referral}", gateway.as_ehr())).json()
    assert served["subject"] == {"reference": f"Patient/{referral}"}
    assert served["supportingInfo"] == [{"reference": f"Consent/{referral}"}]
    assert served["requester"] == {"reference": f"PractitionerRole/{referral}"}
    original = next(
        e["resource"] for e in posted["entry"] if e["resource"]["resourceType"] == "ServiceRequest"
    )
    rewritten = {"id", "meta", "subject", "supportingInfo", "requester"}
    assert {k: v for k, v in served.items() if k not in rewritten} == {
        k: v for k, v in original.items() if k not in rewritten
    }


async def test_the_order_to_the_provider_is_based_on_the_request_and_names_who_referred(
    gateway: Gateway,
) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)

    order = (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_provider("kotka"))).json()
    assert (order["status"], order["intent"]) == ("active", "filler-order")
    assert order["basedOn"] == [{"reference": f"ServiceRequest/{referral}"}]
    assert order["performer"][0] == {"reference": "HealthcareService/kotka-neuvonta"}
    assert order["requester"]["reference"] == "#practitionerrole"
    (role,) = order["contained"]
    assert role["practitioner"]["display"] == "Terveydenhoitaja Tarja Testaaja"
    assert role["telecom"][0]["value"] == "+358 5 000 0200"
    assert order["note"]
    assert order["reasonCode"]
    assert "identifier" not in order


async def test_the_ehrs_own_task_and_request_are_told_by_their_absolute_addresses(gateway: Gateway) -> None:
    posted = bundle(
        identifier="R-1", task_a_url=f"{EHR_BASE}/Task/77", request_url=f"{EHR_BASE}/ServiceRequest/5"
    )
    response = await gateway.post(posted, EHR)

    assert response.status_code == 200, response.text
    (event,) = await gateway.told("referral.routed")
    assert (event["mode"], event["task_a"]) == ("write", f"{EHR_BASE}/Task/77")
    assert event["ehr_request"] == f"{EHR_BASE}/ServiceRequest/5"
    assert response.json()["entry"][-1]["response"] == {
        "status": "201 Created",
        "location": f"Task/{referral_id(response)}",
    }


async def test_the_same_request_with_fresh_urns_and_other_key_order_is_answered_with_the_original(
    gateway: Gateway,
) -> None:
    first = await gateway.post(bundle(identifier="R-1"))
    before = await gateway.counts()

    again = await gateway.post(_turned_around(bundle(identifier="R-1")))

    assert again.status_code == 200
    assert again.content == first.content
    assert await gateway.counts() == before


async def test_other_content_under_the_same_identifier_is_a_duplicate(gateway: Gateway) -> None:
    await gateway.refer(identifier="R-1", note="Soita aamulla.")
    before = await gateway.counts()

    response = await gateway.post(bundle(identifier="R-1", note="Soita illalla."))

    assert response.status_code == 409
    assert response.json()["issue"][0]["code"] == "duplicate"
    assert await gateway.counts() == before


async def test_two_ehrs_may_use_the_same_identifier(gateway: Gateway) -> None:
    first = await gateway.refer(identifier="R-1")
    second = await gateway.refer(EHR, identifier="R-1")
    assert first != second


async def test_a_repeat_is_answered_though_the_permission_has_ended_meanwhile(gateway: Gateway) -> None:
    first = await gateway.post(bundle(identifier="R-1"))
    gateway.clock.move(400 * 24 * 3600)

    again = await gateway.post(bundle(identifier="R-1"))

    assert again.status_code == 200
    assert again.content == first.content


async def test_invariant_sixty_four_identical_posts_at_the_same_moment_make_one_referral(
    gateway: Gateway,
) -> None:
    """INVARIANT: one identity, one referral. A SELECT before the INSERT for the unique key breaks it."""
    await gateway.load_county(county_files(numbers={"kotka": 1}, backup=False))
    answers = await asyncio.gather(
        *(gateway.post(bundle(identifier="R-1", municipality=KOTKA)) for _ in range(64))
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await gateway.rows(tables.Referral)) == 1
    assert len(await gateway.rows(tables.Evidence)) == 1
    assert [row.used for row in await gateway.rows(tables.Quota)] == [1], "repeats take no place"
    assert len(await gateway.told("referral.routed")) == 1


async def test_of_sixty_four_posts_of_one_identity_with_two_contents_only_one_content_is_kept(
    gateway: Gateway,
) -> None:
    """INVARIANT: the duplicate rule is the database's, so two contents cannot both come to be first."""
    posts = [bundle(identifier="R-1", note="Soita aamulla."), bundle(identifier="R-1", note="Soita illalla.")]
    answers = await asyncio.gather(*(gateway.post(posts[number % 2]) for number in range(64)))

    assert sorted(answer.status_code for answer in answers) == [200] * 32 + [409] * 32
    assert {issues(answer)[0][0] for answer in answers if answer.status_code == 409} == {"duplicate"}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert len(await gateway.rows(tables.Routing)) == 1


async def test_the_duplicate_rule_outlives_the_referral(gateway: Gateway) -> None:
    first = await gateway.post(bundle(identifier="R-1"))
    referral = referral_id(first)
    await gateway.hear(moved(await gateway.routing(referral), "completed"))
    gateway.clock.move(20 * 365 * 86_400)
    again = await gateway.post(bundle(identifier="R-1"))
    assert (again.status_code, again.content) == (200, first.content)
    other = await gateway.post(bundle(identifier="R-1", note="Toinen sisältö."))
    assert (other.status_code, issues(other)[0][0]) == (409, "duplicate")


async def test_a_referral_goes_to_the_counselling_of_the_clients_own_municipality(gateway: Gateway) -> None:
    for municipality, provider in ((KOTKA, "kotka"), (HAMINA, "hamina")):
        referral = await gateway.refer(municipality=municipality)
        assert (await gateway.routing(referral)).provider == provider


async def test_only_recipients_that_the_permission_names_are_candidates(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA, recipients=["liikkujat"])
    assert (await gateway.routing(referral)).provider == "liikkujat"


async def test_a_childs_referral_is_accepted_with_the_guardian_as_the_one_to_call(gateway: Gateway) -> None:
    referral = await gateway.refer(child=True, phone="+358 40 000 0199")
    patient = (await gateway.get(f"Patient/{referral}", gateway.as_provider("kotka"))).json()
    assert patient["contact"][0]["telecom"][0]["value"] == "+358 40 000 0199"


def _turned_around(value: Any) -> Any:
    """The same JSON with the keys of each object in the opposite order."""
    if isinstance(value, dict):
        return {name: _turned_around(value[name]) for name in reversed(value)}
    return [_turned_around(item) for item in value] if isinstance(value, list) else value


async def test_a_guardian_that_is_an_entry_of_its_own_is_kept_and_known_as_the_giver(
    gateway: Gateway,
) -> None:
    posted = bundle(identifier="R-1", child=True)
    consent = next(e["resource"] for e in posted["entry"] if e["resource"]["resourceType"] == "Consent")
    (guardian,) = consent.pop("contained")
    address = "urn:uuid:7f0c0c53-5a57-4c4e-9f4c-0f8f0f6f0f01"
    consent["performer"] = [{"reference": address}]
    del guardian["id"]
    posted["entry"].append(
        {"fullUrl": address, "resource": guardian, "request": {"method": "POST", "url": "RelatedPerson"}}
    )

    response = await gateway.post(posted)

    assert response.status_code == 200, response.text
    referral = referral_id(response)
    served = (await gateway.get(f"Consent/{referral}", gateway.as_provider("kotka"))).json()
    assert served["performer"] == [{"reference": f"RelatedPerson/{referral}"}]
    assert not consents.giver(served).is_client
    person = (await gateway.get(f"RelatedPerson/{referral}", gateway.as_provider("kotka"))).json()
    assert person["patient"] == {"reference": f"Patient/{referral}"}
