"""What cannot be accepted is refused with everything that is wrong, and nothing of it is kept."""

from collections.abc import Callable
from typing import Any

import pytest
from support.gateway import Gateway, bundle, issues
from support.gateway_county import EHR, EHR_BASE, HAMINA, KOTKA

Change = Callable[[dict[str, Any]], None]


def part(posted: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry["resource"] for entry in posted["entry"] if entry["resource"]["resourceType"] == name)


def _set(name: str, element: str, value: Any) -> Change:
    return lambda posted: part(posted, name).update({element: value})


def _drop(name: str, element: str) -> Change:
    return lambda posted: part(posted, name).pop(element)


def _twice(posted: dict[str, Any]) -> None:
    posted["entry"].append(dict(posted["entry"][0], fullUrl="urn:uuid:0b5fd0e2-6d1c-4a62-9d0e-9a7f4a3f1c11"))


def _reason(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "https://lahetti.example/fhir/CodeSystem/referral-reason", "code": code}]}


def _location() -> dict[str, Any]:
    return {
        "fullUrl": "urn:uuid:0b5fd0e2-6d1c-4a62-9d0e-9a7f4a3f1c12",
        "resource": {"resourceType": "Location", "name": "Sali"},
        "request": {"method": "POST", "url": "Location"},
    }


REFUSED: dict[str, tuple[Change, int, str]] = {
    "an unknown element": (_set("Patient", "shoeSize", 43), 422, "unknown-element"),
    "an unknown resource type": (_set("Patient", "resourceType", "Person2"), 400, "unknown-resource-type"),
    "a type that is no part of a referral": (
        lambda b: b["entry"].append(_location()),
        400,
        "unknown-resource-type",
    ),
    "no patient": (lambda b: b["entry"].pop(0), 422, "required-element"),
    "two patients": (_twice, 422, "wrong-cardinality"),
    "a single value where a list belongs": (
        _set("Patient", "name", {"family": "X"}),
        422,
        "wrong-cardinality",
    ),
    "a dangling reference": (
        _set("ServiceRequest", "requester", {"reference": "urn:uuid:0b5fd0e2-6d1c-4a62-9d0e-9a7f4a3f1c11"}),
        422,
        "dangling-reference",
    ),
    "a status that is no code of R4": (_set("ServiceRequest", "status", "hoping"), 422, "unknown-code"),
    "a request that is not an order": (_set("ServiceRequest", "intent", "plan"), 422, "not-an-order"),
    "an unknown reason": (
        _set("ServiceRequest", "reasonCode", [_reason("boredom")]),
        422,
        "unknown-code",
    ),
    "no reason": (_drop("ServiceRequest", "reasonCode"), 422, "required-element"),
    "no identifier": (_drop("ServiceRequest", "identifier"), 422, "required-element"),
    "an unknown pathway": (
        lambda b: part(b, "ServiceRequest")["category"][0]["coding"][0].update(code="juggling"),
        422,
        "unknown-pathway",
    ),
    "an unknown municipality": (
        lambda b: part(b, "Patient")["extension"][0]["valueCoding"].update(code="999"),
        422,
        "unknown-municipality",
    ),
    "no municipality": (_drop("Patient", "extension"), 422, "municipality-required"),
    "no phone": (_drop("Patient", "telecom"), 422, "phone-required"),
    "a service that does not exist": (
        _set("ServiceRequest", "performer", [{"reference": "HealthcareService/nowhere"}]),
        422,
        "unknown-service",
    ),
    "a batch": (lambda b: b.update(type="collection"), 422, "invalid-value"),
    "a method other than POST": (
        lambda b: b["entry"][0]["request"].update(method="DELETE"),
        422,
        "invalid-value",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_it_is_refused_and_nothing_is_stored(gateway: Gateway, what: str) -> None:
    change, status, slug = REFUSED[what]
    posted = bundle(identifier="R-1")
    change(posted)
    before = await gateway.counts()

    response = await gateway.post(posted)

    assert response.status_code == status, response.text
    assert slug in {one for one, _ in issues(response)}
    assert await gateway.counts() == before


async def test_all_that_is_wrong_is_said_at_once_with_its_place(gateway: Gateway) -> None:
    posted = bundle(identifier="R-1")
    part(posted, "Patient").pop("telecom")
    part(posted, "ServiceRequest").pop("reasonCode")
    part(posted, "ServiceRequest")["intent"] = "plan"

    said = issues(await gateway.post(posted))

    assert {slug for slug, _ in said} == {"phone-required", "required-element", "not-an-order"}
    assert "Bundle.entry[2].resource.reasonCode" in {place for _, place in said}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"resourceType": "Bundle", "resourceType": "Bundle"}',
    ],
)
async def test_what_is_not_json_is_refused(gateway: Gateway, body: bytes) -> None:
    before = await gateway.counts()
    headers = gateway.as_ehr() | {"content-type": "application/fhir+json"}
    response = await gateway.http.post("/fhir", content=body, headers=headers)
    assert response.status_code == 400, response.text
    assert await gateway.counts() == before


async def test_without_a_consent_it_says_what_is_missing_and_tells_client_and_code_only(
    gateway: Gateway,
) -> None:
    before = await gateway.counts("outbox")

    response = await gateway.post(bundle(identifier="R-1", consent="none"))

    assert response.status_code == 422
    assert issues(response) == [("consent-missing", "Bundle.entry[1].resource.supportingInfo")]
    assert await gateway.counts("outbox") == before
    (event,) = await gateway.told()
    told = {name: value for name, value in event.items() if name not in {"event", "key", "topic"}}
    assert told == {"type": "referral.refused", "client": "ehr-polling", "code": "consent-missing"}


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        (_set("Consent", "status", "inactive"), "consent-inactive"),
        (lambda b: part(b, "Consent")["provision"].update(period={"end": "2026-03-01"}), "consent-inactive"),
        (lambda b: part(b, "Consent")["provision"].pop("provision"), "consent-names-nobody"),
    ],
)
async def test_a_permission_that_does_not_hold_is_refused(
    gateway: Gateway, change: Change, slug: str
) -> None:
    posted = bundle(identifier="R-1")
    change(posted)
    before = await gateway.counts("outbox")

    response = await gateway.post(posted)

    assert response.status_code == 422
    assert [one for one, _ in issues(response)] == [slug]
    assert await gateway.counts("outbox") == before


async def test_a_provider_that_the_permission_leaves_out_is_no_candidate(gateway: Gateway) -> None:
    response = await gateway.post(bundle(identifier="R-1", municipality=HAMINA, recipients=["kotka"]))
    assert response.status_code == 422
    assert {slug for slug, _ in issues(response)} >= {"no-candidate", "not-permitted"}


async def test_a_protected_person_goes_only_to_a_provider_that_is_able(gateway: Gateway) -> None:
    response = await gateway.post(bundle(identifier="R-1", municipality=HAMINA, protected=True))
    assert response.status_code == 422
    assert "not-for-protected" in {slug for slug, _ in issues(response)}
    referral = await gateway.refer(municipality=KOTKA, protected=True)
    assert (await gateway.routing(referral)).provider == "kotka"


async def test_a_task_outside_the_registered_base_is_refused(gateway: Gateway) -> None:
    posted = bundle(identifier="R-1", task_a_url="https://elsewhere.example/fhir/Task/1")
    response = await gateway.post(posted, EHR)
    assert issues(response) == [("foreign-address", "Bundle.entry[4].fullUrl")]


async def test_a_task_of_a_system_that_is_not_written_to_is_refused(gateway: Gateway) -> None:
    response = await gateway.post(bundle(identifier="R-1", task_a_url=f"{EHR_BASE}/Task/1"))
    assert issues(response) == [("task-not-written-back", "Bundle.entry[4]")]


async def test_a_system_that_the_county_does_not_know_is_refused(gateway: Gateway) -> None:
    response = await gateway.post(bundle(identifier="R-1"), "ehr-nobody-knows")
    assert response.status_code == 403
    assert issues(response)[0][0] == "client-unknown"


@pytest.mark.parametrize("kind", ["as_staff", "as_service"])
async def test_only_a_patient_record_system_may_post(gateway: Gateway, kind: str) -> None:
    response = await gateway.http.post(
        "/fhir", json=bundle(identifier="R-1"), headers=getattr(gateway, kind)()
    )
    assert response.status_code == 403


async def test_a_refusal_speaks_the_callers_language(gateway: Gateway) -> None:
    headers = gateway.as_ehr() | {"accept-language": "sv"}
    response = await gateway.http.post(
        "/fhir", json=bundle(identifier="R-1", consent="none"), headers=headers
    )
    assert response.json()["issue"][0]["details"]["text"].startswith("Klientens tillstånd")
