"""Search of a referral's documents: each finds its own, as it would read it, in pages that stay put."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from referral_contracts import systems
from referral_gateway.adapters import tables
from support.gateway import (
    BASE,
    NOW,
    Gateway,
    gateway,
    gateway_database,
    issues,
    migrated_file,
    migrated_postgres,
)  # fmt: skip
from support.gateway_county import EHR, KOTKA
from support.referrals import IDENTIFIER_SYSTEM
from support.settling import until_settled

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STRICT = {"Prefer": "handling=strict"}


def ids(answer: httpx.Response) -> list[str]:
    """The ids of the matches, in order."""
    assert answer.status_code == 200, answer.text
    entries = answer.json().get("entry", [])
    return [entry["resource"]["id"] for entry in entries if entry["search"]["mode"] == "match"]


async def found(gateway: Gateway, query: str, headers: dict[str, str] | None = None) -> list[str]:
    return ids(await gateway.get(query, (headers or gateway.as_ehr()) | STRICT))


async def test_each_parameter_of_service_request_finds_what_it_names(gateway: Gateway) -> None:
    first = await gateway.refer(identifier="R-1", municipality=KOTKA)
    second = await gateway.refer(
        identifier="R-2", municipality=KOTKA, pathway="exercise", at=NOW.replace(day=1)
    )
    b = (await gateway.routing(first)).id
    both = {first, second}
    everything = both | {b, (await gateway.routing(second)).id}
    requester = (await gateway.get(f"ServiceRequest/{first}", gateway.as_ehr())).json()["requester"][
        "reference"
    ]
    await until_settled(gateway.base.database)
    for query, expected in (
        ("", everything),
        ("intent=order", both),
        (f"identifier={IDENTIFIER_SYSTEM}|R-1", {first}),
        ("identifier=R-2", {second}),
        ("identifier=http://elsewhere|R-1", set()),
        (f"identifier={IDENTIFIER_SYSTEM}|", both),
        ("status=active", everything),
        ("status=revoked", set()),
        (
            "status=http://hl7.org/fhir/request-status|active&intent=http://hl7.org/fhir/request-intent|order",
            both,
        ),
        ("status=http://elsewhere|active", set()),
        ("status=http://hl7.org/fhir/request-status|", everything),
        ("status=active,revoked&intent=filler-order", everything - both),
        (f"category={systems.PATHWAY}|exercise&intent=order", both),
        ("category=rehabilitation", set()),
        (f"code={systems.SERVICE_TYPE}|exercise-counselling&intent=order", both),
        (f"patient=Patient/{first}", {first, b}),
        (f"subject={first}&intent=order", {first}),
        (f"patient={first},{second}&intent=order", both),
        (f"patient={BASE}/fhir/Patient/{first}&intent=order", {first}),
        (f"subject:Patient={first}&intent=order", {first}),
        ("patient=Patient/nobody", set()),
        ("patient=https://ehr.example.org/fhir/Patient/1", set()),
        (f"requester={requester}", {first}),
        ("requester:identifier=x|y", set()),
        ("performer=Organization/kotka&intent=filler-order", everything - both),
        (f"based-on={first}", {b}),
        ("authored=2026-03-02&intent=order", {first}),
        ("authored=lt2026-03-02&intent=order", {second}),
        ("authored=sa2026-03-02", set()),
        (f"_id={first},{b}", {first, b}),
        ("_id=nobody", set()),
        ("_lastUpdated=ge2026-03-02&intent=order", both),
        ("_lastUpdated=gt2026-03-03", set()),
    ):
        assert set(await found(gateway, f"ServiceRequest?{query}")) == expected, query


async def test_patients_and_permissions_are_found(gateway: Gateway) -> None:
    first, second = await gateway.refer(), await gateway.refer()
    assert await found(gateway, "Patient") == [first, second]
    assert await found(gateway, f"Patient?_id={second}") == [second]
    assert await found(gateway, f"Consent?patient={first}") == [first]
    assert await found(gateway, f"Consent?status=active&category={systems.ACT_CODE}|IDSCL") == [first, second]
    assert await found(gateway, "Consent?status=inactive") == []


async def test_a_client_is_found_by_identity_code_in_a_posted_search_only(gateway: Gateway) -> None:
    """INVARIANT: no identity code stands in an address, neither in what is asked nor in a link told."""
    known, _ = await gateway.refer(hetu=True), await gateway.refer()
    patient = (await gateway.get(f"Patient/{known}", gateway.as_ehr())).json()
    code = patient["identifier"][0]["value"]
    asked = f"identifier={systems.HETU}|{code}"
    for address in (
        f"Patient?{asked}",
        f"Patient?identifier={code}",
        f"ServiceRequest?patient.identifier={code}",
    ):
        refused = await gateway.get(address, gateway.as_ehr())
        assert (refused.status_code, issues(refused)) == (400, [("hetu-in-address", "http")])
        assert code not in refused.text
    posted = await gateway.http.post("/fhir/Patient/_search", content=asked, headers=gateway.as_ehr() | FORM)
    assert ids(posted) == [known]
    assert posted.json()["link"] == [{"relation": "self", "url": f"{BASE}/fhir/Patient"}]
    assert (
        ids(
            await gateway.http.post(
                "/fhir/Patient/_search", content="identifier=010190-901X", headers=gateway.as_ehr() | FORM
            )
        )
        == []
    )


async def test_each_finds_its_own_and_nothing_else(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    b = (await gateway.routing(referral)).id
    provider = gateway.as_provider("kotka")
    assert await found(gateway, "ServiceRequest", provider) == [b], (
        "the order to it, and not what the EHR asked"
    )
    assert await found(gateway, "Patient", provider) == [referral]
    for stranger in (gateway.as_ehr(EHR), gateway.as_provider("liikkujat")):
        for kind in ("ServiceRequest", "Patient", "Consent"):
            assert await found(gateway, f"{kind}?_id={referral},{b}", stranger) == []
    for nobody in (gateway.as_staff(), gateway.as_service()):
        assert (await gateway.get("ServiceRequest", nobody)).status_code == 403


async def test_what_a_search_gives_is_written_down_and_what_it_does_not_is_not(gateway: Gateway) -> None:
    first, second = await gateway.refer(), await gateway.refer()
    before = len(await gateway.rows(tables.Audit))
    await found(gateway, f"Patient?_id={first}")
    await found(gateway, "Patient?_summary=count")
    audited = (await gateway.rows(tables.Audit))[before:]
    assert [(row.action, row.type, row.resource, row.outcome) for row in audited] == [
        ("search", "Patient", first, "given")
    ]
    assert second not in {row.resource for row in audited}


async def test_without_permission_nothing_is_found_any_more(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    provider = gateway.as_provider("kotka")
    assert await found(gateway, "Patient", provider) == [referral]
    withdrawn = await gateway.http.patch(
        f"/fhir/Consent/{referral}",
        json=[{"op": "replace", "path": "/status", "value": "inactive"}],
        headers=gateway.as_ehr() | {"If-Match": 'W/"1"', "Content-Type": "application/json-patch+json"},
    )
    assert withdrawn.status_code == 200
    for kind in ("Patient", "ServiceRequest", "Consent"):
        assert await found(gateway, kind, provider) == []
    counted = await gateway.get("Patient?_summary=count", provider)
    assert counted.json()["total"] == 0
    assert await found(gateway, "Consent?status=inactive") == [referral]


async def test_what_turvakielto_hides_cannot_be_guessed_at(gateway: Gateway) -> None:
    """INVARIANT: conditions see what the reader sees; else a search for a code would tell it."""
    referral = await gateway.refer(municipality=KOTKA, protected=True, hetu=True)
    code = (await gateway.get(f"Patient/{referral}", gateway.as_ehr())).json()["identifier"][0]["value"]
    asked = f"identifier={systems.HETU}|{code}"
    provider = gateway.as_provider("kotka")
    assert await found(gateway, "Patient", provider) == [referral]
    for caller, expected in ((provider, []), (gateway.as_ehr(), [referral])):
        posted = await gateway.http.post("/fhir/Patient/_search", content=asked, headers=caller | FORM)
        assert ids(posted) == expected


@pytest.mark.parametrize("sort", ["_id", "-_id", "_lastUpdated", "-_lastUpdated"])
async def test_pages_follow_each_other_without_a_gap_while_referrals_come_in(
    gateway: Gateway, sort: str
) -> None:
    there: list[str] = []
    for _ in range(5):
        there.append(await gateway.refer())
        gateway.clock.move(1)
    seen: list[str] = []
    address = f"Patient?_count=2&_sort={sort}"
    while address:
        page = (await gateway.get(address, gateway.as_ehr())).json()
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        following = urlsplit(links.get("next", ""))
        address = f"Patient?{following.query}" if following.query else ""
        if len(seen) == 2 and sort.startswith("-"):
            await gateway.refer()
    assert seen == sorted(there, reverse=sort.startswith("-"))


async def test_patients_come_along_and_what_the_token_does_not_allow_is_named(gateway: Gateway) -> None:
    referral = await gateway.refer()
    answer = await gateway.get(
        "ServiceRequest?intent=order&_include=ServiceRequest:subject&_include=ServiceRequest:requester",
        gateway.as_ehr(),
    )
    modes = [(entry["search"]["mode"], entry["resource"]["resourceType"]) for entry in answer.json()["entry"]]
    assert modes == [("match", "ServiceRequest"), ("include", "Patient"), ("include", "PractitionerRole")]
    audited: list[Any] = await gateway.rows(tables.Audit, type="Patient", referral=referral)
    assert [row.action for row in audited] == ["search"]
    narrow = gateway.only("system/ServiceRequest.s")
    answer = await gateway.get("ServiceRequest?intent=order&_include=ServiceRequest:subject", narrow)
    entries = answer.json()["entry"]
    assert [entry["search"]["mode"] for entry in entries] == ["match", "outcome"]
    assert entries[1]["resource"]["issue"][0]["details"]["coding"][0]["code"] == "include-withheld"


async def test_while_the_collector_is_away_requests_are_found_without_their_tasks(gateway: Gateway) -> None:
    await gateway.refer()
    answer = await gateway.get("ServiceRequest?intent=order&_revinclude=Task:focus", gateway.as_ehr())
    entries = answer.json()["entry"]
    assert [entry["search"]["mode"] for entry in entries] == ["match", "outcome"]
    assert entries[1]["resource"]["issue"][0]["details"]["coding"][0]["code"] == "include-unavailable"


async def test_the_directory_is_found_by_its_facts_and_in_pages(gateway: Gateway) -> None:
    everyone = await found(gateway, "Organization")
    assert "kotka" in everyone
    assert await found(gateway, "Organization?_id=kotka&active=true") == ["kotka"]
    assert await found(gateway, "Organization?active=false") == []
    page = await gateway.get("Organization?_count=1&_sort=-_id", gateway.as_ehr())
    assert ids(page) == [max(everyone)]
    assert {link["relation"] for link in page.json()["link"]} == {"self", "next"}
    scope = gateway.only("system/HealthcareService.s system/Organization.r")
    answer = await gateway.get(
        "HealthcareService?organization=kotka&_include=HealthcareService:organization", scope
    )
    kinds = {entry["resource"]["resourceType"] for entry in answer.json()["entry"]}
    assert kinds == {"HealthcareService", "Organization"}
