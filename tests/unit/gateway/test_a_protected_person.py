"""Turvakielto on the gateway's side: to whom such a referral goes, and what of it is read there (D31)."""

import asyncio
import re
from typing import Any

import orjson
import pytest
from referral_contracts import systems
from referral_contracts.events import WriteBackExhausted, WriteBackSucceeded
from referral_contracts.fhir.hetu import check_character
from referral_gateway.adapters import tables
from support.gateway import Gateway, bundle, issues, moved, referral_id
from support.gateway_county import KOTKA, county_files

MARK = "Piilokatu"
"""Stands in every place of the documents that may tell where the client lives."""
HETU = f"140578-901{check_character('140578', '901')}"
LABEL = {"system": systems.SECURITY_LABELS_FI, "code": systems.PROTECTED}
ADDRESS = {"line": [f"{MARK} 1"], "city": MARK, "postalCode": "48100"}
PERSON = {"identifier": {"system": systems.HETU, "value": HETU}, "display": f"Testinen, {MARK}"}


def _entry(url: str, resource: dict[str, Any]) -> dict[str, Any]:
    kind = resource["resourceType"]
    return {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": kind}}


def _telling() -> dict[str, Any]:
    """A protected person's referral with a place wherever R4 has room for one."""
    posted = bundle(identifier="R-1", municipality=KOTKA, protected=True, hetu=True)
    by_type = {one["resource"]["resourceType"]: one["resource"] for one in posted["entry"]}
    patient, consent, request = by_type["Patient"], by_type["Consent"], by_type["ServiceRequest"]
    patient |= {"address": [ADDRESS], "managingOrganization": {"display": MARK}}
    patient["telecom"] = [
        {"system": "phone", "value": "+358 40 000 0102", "rank": 2, "use": "work"},
        {"system": "phone", "value": "+358 40 000 0101", "rank": 1, "period": {"start": "2020"}},
        {"system": "email", "value": f"aino@{MARK}.example.org"},
    ]
    patient["contact"] = [
        {
            "name": {"family": "Testinen", "given": ["Kaisa"]},
            "telecom": [{"system": "phone", "value": "+358 40 000 0103"}],
            "address": ADDRESS,
            "organization": {"display": MARK},
        }
    ]
    consent["patient"] |= PERSON
    consent["sourceAttachment"] = {"title": MARK, "url": f"https://example.org/{MARK}"}
    consent["verification"] = [{"verified": True, "verifiedWith": PERSON}]
    request["subject"] |= PERSON
    request["contained"] = [{"resourceType": "Location", "id": "home", "name": MARK, "address": ADDRESS}]
    request["locationReference"] = [{"reference": "#home"}]
    request["supportingInfo"] += [{"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"}]
    by_type["PractitionerRole"]["location"] = [{"display": MARK}]
    subject = {"reference": request["subject"]["reference"], **PERSON}
    posted["entry"] += [
        _entry(
            "urn:uuid:00000000-0000-4000-8000-000000000001",
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "Paino"},
                "subject": subject,
                "valueString": "80",
            },
        ),
        _entry(
            "urn:uuid:00000000-0000-4000-8000-000000000002",
            {"resourceType": "RelatedPerson", "patient": subject, "address": [ADDRESS], "birthDate": "1950"},
        ),
        _entry(
            "urn:uuid:00000000-0000-4000-8000-000000000003",
            {"resourceType": "Practitioner", "name": [{"family": "Testaaja"}], "address": [ADDRESS]},
        ),
    ]
    return posted


TYPES = ("Patient", "Consent", "PractitionerRole", "Observation", "RelatedPerson", "Practitioner")


async def _documents(gateway: Gateway, referral: str, headers: dict[str, str]) -> dict[str, str]:
    """The text of every way to read every document that a provider may read."""
    order = (await gateway.routing(referral)).id
    texts: dict[str, str] = {}
    for name in (f"ServiceRequest/{order}", *(f"{kind}/{referral}" for kind in TYPES)):
        for way in ("", "/_history", "/_history/1"):
            answer = await gateway.get(name + way, headers)
            assert answer.status_code == 200, (name, answer.text)
            texts[name + way] = answer.text
    return texts


_A_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _tells(text: str) -> bool:
    text = _A_UUID.sub("", text)  # any digits can stand in one
    return any(found in text for found in (MARK, HETU, "48100", KOTKA + '"', "1978-05-14", "0102"))


@pytest.mark.parametrize("as_page", [False, True])
async def test_no_document_tells_a_provider_where_a_protected_person_lives(
    gateway: Gateway, as_page: bool
) -> None:
    referral = referral_id(await gateway.post(_telling()))
    own = await _documents_of_the_ehr(gateway, referral)
    assert all(_tells(text) for text in own.values()), "what is looked for must be there to be found"
    headers = gateway.as_page_of("kotka") if as_page else gateway.as_provider("kotka")
    for name, text in (await _documents(gateway, referral, headers)).items():
        assert not _tells(text), name


async def _documents_of_the_ehr(gateway: Gateway, referral: str) -> dict[str, str]:
    names = [f"ServiceRequest/{referral}", *(f"{kind}/{referral}" for kind in TYPES)]
    return {name: (await gateway.get(name, gateway.as_ehr())).text for name in names}


async def test_the_name_and_the_phone_ranked_first_are_what_a_provider_needs(gateway: Gateway) -> None:
    referral = referral_id(await gateway.post(_telling()))
    person = (await gateway.get(f"Patient/{referral}", gateway.as_provider("kotka"))).json()
    assert person["telecom"] == [{"system": "phone", "value": "+358 40 000 0101", "rank": 1}]
    assert person["name"][0]["family"] == "Testinen"
    assert set(person["contact"][0]) == {"name", "telecom"}
    order = await gateway.get(
        f"ServiceRequest/{(await gateway.routing(referral)).id}", gateway.as_provider("kotka")
    )
    assert order.json()["note"], "how and when to call is still said"
    assert order.json()["subject"] == {"reference": f"Patient/{referral}"}


@pytest.mark.parametrize("labelled", ["ServiceRequest", "Consent", "PractitionerRole"])
async def test_a_label_on_any_document_protects_the_whole_referral(gateway: Gateway, labelled: str) -> None:
    posted = bundle(identifier="R-1", municipality=KOTKA, hetu=True)
    for entry in posted["entry"]:
        if entry["resource"]["resourceType"] == labelled:
            entry["resource"]["meta"] = {"security": [LABEL]}
    referral = referral_id(await gateway.post(posted))
    (event,) = await gateway.told("referral.routed")
    assert event["protected"] is True
    person = (await gateway.get(f"Patient/{referral}", gateway.as_provider("kotka"))).json()
    assert "birthDate" not in person
    order = await gateway.get(
        f"ServiceRequest/{(await gateway.routing(referral)).id}", gateway.as_provider("kotka")
    )
    assert order.json()["meta"]["security"] == [LABEL]


async def test_a_reroute_passes_over_whoever_is_not_able(gateway: Gateway) -> None:
    """Kotka is able, the association behind it is not: its refusal ends in a case, not at the association."""
    referral = await gateway.refer(municipality=KOTKA, protected=True)
    await gateway.hear(moved(await gateway.routing(referral), "rejected", reroute="automatic"))
    assert (await gateway.routing(referral)).number == 1
    assert await gateway.open_cases(referral) == ["no-candidate"]


async def test_a_reroute_goes_to_the_next_one_that_is_able(gateway: Gateway) -> None:
    await gateway.load_county(county_files(protected=("kotka", "liikkujat")))
    referral = await gateway.refer(municipality=KOTKA, protected=True)
    await gateway.hear(moved(await gateway.routing(referral), "rejected", reroute="automatic"))
    routing = await gateway.routing(referral)
    assert (routing.number, routing.provider) == (2, "liikkujat")
    order = (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_provider("liikkujat"))).json()
    assert order["meta"]["security"] == [LABEL]


async def test_neither_trace_nor_cases_nor_events_say_anything_of_the_person(gateway: Gateway) -> None:
    referral = referral_id(await gateway.post(_telling()))
    await gateway.hear(moved(await gateway.routing(referral), "rejected", reroute="automatic"))
    staff = gateway.as_staff()
    for path in (f"/gateway/trace/{referral}", "/gateway/cases"):
        answer = await gateway.http.get(path, headers=staff)
        assert answer.status_code == 200, answer.text
        assert referral in answer.text
        assert not _tells(answer.text)
        assert "Testinen" not in answer.text
    for row in await gateway.rows(tables.Outbox, key=referral):
        told = orjson.dumps([row.key, row.headers.decode(), row.value.decode()]).decode()
        assert not _tells(told)
        assert "Testinen" not in told


async def test_a_refusal_says_nothing_of_the_person(gateway: Gateway) -> None:
    await gateway.load_county(county_files(protected=()))
    answer = await gateway.post(_telling())
    assert answer.status_code == 422
    assert "not-for-protected" in {slug for slug, _ in issues(answer)}
    assert not _tells(answer.text)


async def _hold(gateway: Gateway, **said: Any) -> str:
    response = await gateway.post(bundle(identifier="R-1", municipality=None, protected=True, **said))
    assert response.status_code == 200, response.text
    return referral_id(response)


async def test_without_municipality_and_chosen_service_a_person_looks_at_it(gateway: Gateway) -> None:
    """Though the association serves all municipalities and is able: where the client lives is nobody's to
    guess."""
    await gateway.load_county(county_files(protected=("kotka", "liikkujat")))
    referral = await _hold(gateway)
    assert await gateway.open_cases(referral) == ["protected-person"]
    assert await gateway.rows(tables.Routing) == []
    (told,) = await gateway.told()
    assert (told["type"], told["referral"], told["protected"]) == ("referral.held", referral, True)
    for provider in ("kotka", "liikkujat"):
        refused = await gateway.get(f"Patient/{referral}", gateway.as_provider(provider))
        assert (refused.status_code, issues(refused)[0][0]) == (404, "not-found")
    assert (await gateway.get(f"Patient/{referral}", gateway.as_ehr())).status_code == 200
    (evidence,) = await gateway.rows(tables.Evidence, referral=referral)
    assert b"TURVAKIELTO" in evidence.body


async def test_the_same_post_again_is_the_same_held_referral(gateway: Gateway) -> None:
    posted = bundle(identifier="R-1", municipality=None, protected=True)
    answers = await asyncio.gather(*(gateway.post(posted) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await gateway.rows(tables.Case)) == len(await gateway.told("referral.held")) == 1
    other = await gateway.post(bundle(identifier="R-1", municipality=None, protected=True, note="Muu."))
    assert (other.status_code, issues(other)[0][0]) == (409, "duplicate")


async def test_with_a_chosen_service_it_goes_there_and_nowhere_else(gateway: Gateway) -> None:
    referral = await _hold(gateway, performer="kotka-neuvonta")
    assert (await gateway.routing(referral)).provider == "kotka"
    assert await gateway.open_cases(referral) == []


async def test_anybody_else_still_has_to_say_the_municipality(gateway: Gateway) -> None:
    response = await gateway.post(bundle(identifier="R-1", municipality=None))
    assert (response.status_code, issues(response)[0][0]) == (422, "municipality-required")


async def test_a_held_referral_without_permission_is_refused_like_any_other(gateway: Gateway) -> None:
    response = await gateway.post(bundle(identifier="R-1", municipality=None, protected=True, consent="none"))
    assert (response.status_code, issues(response)[0][0]) == (422, "consent-missing")
    assert await gateway.rows(tables.Case) == []


PATCH = {"content-type": "application/json-patch+json", "if-match": 'W/"1"'}
REASON = {
    "url": systems.REQUEST_STATUS_REASON_EXTENSION,
    "valueCodeableConcept": {"coding": [{"system": systems.STATUS_REASON, "code": "no-longer-needed"}]},
}
ENDS = {
    "ServiceRequest": [
        {"op": "replace", "path": "/status", "value": "revoked"},
        {"op": "add", "path": "/extension/-", "value": REASON},
    ],
    "Consent": [{"op": "replace", "path": "/status", "value": "inactive"}],
}


@pytest.mark.parametrize(("kind", "by"), [("ServiceRequest", "referrer"), ("Consent", "permission")])
async def test_a_held_referral_ends_when_its_referrer_says_so(gateway: Gateway, kind: str, by: str) -> None:
    referral = await _hold(gateway)
    answer = await gateway.http.patch(
        f"/fhir/{kind}/{referral}", json=ENDS[kind], headers=gateway.as_ehr() | PATCH
    )
    assert answer.status_code == 200, answer.text
    assert await gateway.open_cases(referral) == []
    assert [one["type"] for one in await gateway.told()] == [
        "referral.held",
        "referral.revoked",
        "referral.closed",
    ]
    assert (await gateway.told("referral.revoked"))[0]["by"] == by
    (row,) = await gateway.rows(tables.Referral, id=referral)
    assert row.closed_at is not None


async def test_facts_about_a_held_referral_s_task_a_are_heard(gateway: Gateway) -> None:
    referral = await _hold(gateway)
    await gateway.hear(
        WriteBackExhausted(referral=referral, version=1),
        WriteBackSucceeded(referral=referral, version=1, final=False),
    )
    assert await gateway.open_cases(referral) == ["protected-person", "write-back-exhausted"]
