"""Conditions on what is there: `ifNoneExist` in a transaction, and the conditional update of a referral."""

from typing import Any

import httpx
import pytest
from referral_contracts.systems import REQUEST_STATUS_REASON_EXTENSION, STATUS_REASON
from referral_gateway.adapters import tables
from support.gateway import (
    Gateway,
    bundle,
    gateway,
    gateway_database,
    issues,
    migrated_file,
    migrated_postgres,
    referral_id,
)
from support.gateway_county import KOTKA
from support.referrals import IDENTIFIER_SYSTEM, standing_alone

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

CONDITION = f"identifier={IDENTIFIER_SYSTEM}|R-1"
REASON = {
    "url": REQUEST_STATUS_REASON_EXTENSION,
    "valueCodeableConcept": {"coding": [{"system": STATUS_REASON, "code": "no-longer-needed"}]},
}


def conditional(kind: str = "ServiceRequest", *, said: str = "ifNoneExist", **facts: Any) -> dict[str, Any]:
    posted = bundle(**{"identifier": "R-1", "municipality": KOTKA} | facts)
    entry = next(one for one in posted["entry"] if one["resource"]["resourceType"] == kind)
    entry["request"][said] = CONDITION
    return posted


async def put(gateway: Gateway, body: Any, condition: str = CONDITION, **headers: str) -> httpx.Response:
    given = gateway.as_ehr() | {name.replace("_", "-"): value for name, value in headers.items()}
    return await gateway.http.put(f"/fhir/ServiceRequest?{condition}", json=body, headers=given)


async def test_a_transaction_whose_referral_is_there_makes_nothing(gateway: Gateway) -> None:
    first = await gateway.post(conditional())
    assert first.status_code == 200
    made, before = referral_id(first), await gateway.counts("audit")
    again = await gateway.post(conditional(note="Soita iltaisin."))
    assert (again.status_code, again.json()["type"]) == (200, "transaction-response")
    responses = [entry["response"] for entry in again.json()["entry"]]
    assert {one["status"] for one in responses} == {"200 OK"}
    told = {one["location"] for one in responses if "location" in one}
    assert {f"{kind}/{made}" for kind in ("ServiceRequest", "Patient", "Consent")} <= told
    assert len(responses) == len(first.json()["entry"])
    assert await gateway.counts("audit") == before


async def test_without_the_condition_the_same_would_be_a_conflict(gateway: Gateway) -> None:
    await gateway.post(bundle(identifier="R-1", municipality=KOTKA))
    plain = await gateway.post(bundle(identifier="R-1", municipality=KOTKA, note="Soita iltaisin."))
    assert (plain.status_code, issues(plain)[0][0]) == (409, "duplicate")


@pytest.mark.parametrize(
    ("kind", "said"),
    [("Patient", "ifNoneExist"), ("Consent", "ifNoneExist"), ("ServiceRequest", "ifMatch"),
     ("Patient", "ifNoneMatch"), ("ServiceRequest", "ifModifiedSince")],
)  # fmt: skip
async def test_a_condition_that_would_not_be_heeded_is_refused(
    gateway: Gateway, kind: str, said: str
) -> None:
    """Whoever sends it would take for granted what does not happen: each referral keeps its own Patient."""
    answer = await gateway.post(conditional(kind, said=said))
    assert answer.status_code == 422
    assert [slug for slug, _ in issues(answer)] == ["condition-unheeded"]
    assert (issues(answer)[0][1] or "").endswith(f".request.{said}")
    assert await gateway.rows(tables.Referral) == []


async def test_a_conditional_reference_is_refused_with_its_place(gateway: Gateway) -> None:
    """Not listed in /metadata: a referral's documents are in its own Bundle."""
    posted = bundle(identifier="R-1", municipality=KOTKA)
    request = next(
        one["resource"] for one in posted["entry"] if one["resource"]["resourceType"] == "ServiceRequest"
    )
    request["subject"] = {"reference": "Patient?identifier=a|b"}
    answer = await gateway.post(posted)
    assert answer.status_code == 422
    assert any((place or "").split(".resource.")[-1].startswith("subject") for _, place in issues(answer))


async def test_a_conditional_update_makes_what_is_not_there_and_updates_what_is(gateway: Gateway) -> None:
    body = standing_alone(bundle(identifier="R-1", municipality=KOTKA))
    made = await put(gateway, body)
    assert (made.status_code, made.headers["etag"]) == (201, 'W/"1"'), made.text
    assert made.headers["location"].endswith(f"/ServiceRequest/{made.json()['id']}/_history/1")
    revoked = made.json() | {"status": "revoked", "extension": [*made.json().get("extension", []), REASON]}
    assert (await put(gateway, revoked, If_Match='W/"9"')).status_code == 412
    missing = await put(gateway, revoked)
    assert (missing.status_code, issues(missing)) == (412, [("version-required", None)])
    none_match = await put(gateway, revoked, If_Match='W/"1"', If_None_Match="*")
    assert (none_match.status_code, issues(none_match)) == (412, [("version-conflict", None)])
    without_id = {name: value for name, value in revoked.items() if name != "id"}
    done = await put(gateway, without_id, If_Match='W/"1"')
    assert (done.status_code, done.json()["id"], done.json()["status"]) == (200, made.json()["id"], "revoked")
    assert len(await gateway.rows(tables.Referral)) == 1


async def test_what_a_conditional_update_refuses(gateway: Gateway) -> None:
    body = standing_alone(bundle(identifier="R-1", municipality=KOTKA))
    for useless in ("", "identifier=R-1", "status=active", f"{CONDITION}&status=active", "name=x"):
        assert (await put(gateway, body, useless)).status_code == 400, useless
    other = await put(gateway, body, f"identifier={IDENTIFIER_SYSTEM}|R-2")
    assert (other.status_code, issues(other)) == (422, [("invalid-value", "ServiceRequest.identifier")])
    stale = await put(gateway, body, If_Match='W/"1"')
    assert (stale.status_code, issues(stale)) == (412, [("version-conflict", None)])
    narrow = gateway.only("system/ServiceRequest.u")
    answer = await gateway.http.put(f"/fhir/ServiceRequest?{CONDITION}", json=body, headers=narrow)
    assert (answer.status_code, issues(answer)) == (403, [("scope-missing", None)])
    assert await gateway.rows(tables.Referral) == []
    await put(gateway, body)
    foreign = await put(gateway, body | {"id": "other"}, If_Match='W/"1"')
    assert (foreign.status_code, issues(foreign)) == (422, [("invalid-value", "ServiceRequest.id")])
