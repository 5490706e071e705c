"""One ServiceRequest with its client and permission inside is a referral, as the transaction would be."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from referral_contracts.fhir.validation import SUBMITTED
from referral_gateway.adapters import tables
from support.gateway import (
    BASE,
    Gateway,
    bundle,
    gateway,
    gateway_database,
    issues,
    migrated_file,
    migrated_postgres,
)  # fmt: skip
from support.gateway_county import EHR, KOTKA
from support.referrals import IDENTIFIER_SYSTEM, standing_alone

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]


def alone(identifier: str = "R-1", **said: Any) -> dict[str, Any]:
    return standing_alone(bundle(identifier=identifier, municipality=KOTKA, **said))


async def create(gateway: Gateway, body: dict[str, Any], **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await gateway.http.post("/fhir/ServiceRequest", json=body, headers=gateway.as_ehr() | given)


def contained(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in body["contained"] if one["resourceType"] == kind)


async def test_it_is_accepted_routed_and_kept_whole(gateway: Gateway) -> None:
    body = alone()
    answer = await create(gateway, body)
    assert answer.status_code == 201, answer.text
    referral = answer.json()["id"]
    assert answer.headers["location"] == f"{BASE}/fhir/ServiceRequest/{referral}/_history/1"
    assert (answer.headers["etag"], "last-modified" in answer.headers) == ('W/"1"', True)
    assert answer.json()["subject"]["reference"] == f"Patient/{referral}"
    assert "contained" not in answer.json()
    for kind in ("Patient", "Consent"):
        assert (await gateway.get(f"{kind}/{referral}", gateway.as_ehr())).status_code == 200
    assert (await gateway.routing(referral)).provider == "kotka"
    (evidence,) = await gateway.rows(tables.Evidence, referral=referral)
    assert orjson.loads(evidence.body) == body, "the bytes as they came"


async def test_a_repeat_is_the_original_and_other_content_a_conflict(gateway: Gateway) -> None:
    first = await create(gateway, alone())
    again = await create(gateway, alone(), Idempotency_Key="k-1")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    other = await create(gateway, alone(note="Soita iltaisin."))
    assert (other.status_code, issues(other)) == (409, [("duplicate", "ServiceRequest.identifier")])
    assert len(await gateway.rows(tables.Referral)) == 1


async def test_a_key_with_other_content_makes_no_second_referral(gateway: Gateway) -> None:
    """INVARIANT: a record system that names each try anew would else have the client called twice."""
    first = await create(gateway, alone("R-1"), Idempotency_Key="k-1")
    assert (first.status_code, (await create(gateway, alone("R-1"), Idempotency_Key="k-1")).status_code) == (
        201,
        200,
    )
    other = await create(gateway, alone("R-2"), Idempotency_Key="k-1")
    assert (other.status_code, issues(other)) == (422, [("idempotency-key-reused", "http.Idempotency-Key")])
    headers = gateway.as_ehr() | {"Idempotency-Key": "k-1"}
    as_bundle = await gateway.http.post("/fhir", json=bundle(identifier="R-3"), headers=headers)
    assert as_bundle.status_code == 422
    assert len(await gateway.rows(tables.Referral)) == 1
    own = gateway.as_ehr(EHR) | {"Idempotency-Key": "k-1"}
    assert (await gateway.http.post("/fhir", json=bundle(identifier="R-4"), headers=own)).status_code == 200
    kept = str(await gateway.rows(tables.Inbox))
    assert "k-1" not in kept.replace("idempotency-key", "")


async def test_a_refused_post_leaves_its_key_free(gateway: Gateway) -> None:
    nowhere = standing_alone(bundle(identifier="R-1", municipality="091"))
    assert (await create(gateway, nowhere, Idempotency_Key="k-1")).status_code == 422
    assert (await create(gateway, alone("R-1"), Idempotency_Key="k-1")).status_code == 201


async def test_of_parallel_posts_with_one_key_one_is_a_referral(gateway: Gateway) -> None:
    posts = [create(gateway, alone(f"R-{number}"), Idempotency_Key="k-1") for number in range(8)]
    answers = await asyncio.gather(*posts)
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    assert len(await gateway.rows(tables.Referral)) == 1


async def test_if_none_exist_gives_the_referral_that_is_there(gateway: Gateway) -> None:
    condition = f"identifier={IDENTIFIER_SYSTEM}|R-1"
    first = await create(gateway, alone(), If_None_Exist=condition)
    assert first.status_code == 201
    other = await create(gateway, alone(note="Soita iltaisin."), If_None_Exist=condition)
    assert (other.status_code, other.json()["id"]) == (200, first.json()["id"])
    headers = gateway.as_ehr(EHR) | {"If-None-Exist": condition}
    foreign = await gateway.http.post("/fhir/ServiceRequest", json={"resourceType": "Basic"}, headers=headers)
    assert foreign.status_code in {400, 422}, "somebody else's referral is no match"
    for useless in ("identifier=R-1", "status=active", "identifier=a|b&status=active", "name=x"):
        refused = await create(gateway, alone("R-2"), If_None_Exist=useless)
        assert refused.status_code == 400, useless
    assert len(await gateway.rows(tables.Referral)) == 1


@pytest.mark.parametrize("wish", ["minimal", "representation", "OperationOutcome"])
async def test_the_answer_is_what_is_preferred(gateway: Gateway, wish: str) -> None:
    answer = await create(gateway, alone(), Prefer=f"return={wish}")
    assert answer.status_code == 201
    if wish == "minimal":
        assert (answer.content, "location" in answer.headers) == (b"", True)
    else:
        assert answer.json()["resourceType"] in {"ServiceRequest", wish}


async def test_what_is_wrong_is_named_by_its_place_in_what_was_posted(gateway: Gateway) -> None:
    body = alone()
    del contained(body, "Patient")["telecom"]
    index = body["contained"].index(contained(body, "Patient"))
    answer = await create(gateway, body)
    assert answer.status_code == 422
    assert all("Bundle" not in (place or "") for _, place in issues(answer)), issues(answer)
    assert ("phone-required", f"ServiceRequest.contained[{index}].telecom") in issues(answer)
    for broken in (alone() | {"status": "draft"}, alone(consent="none"), alone() | {"nonsense": 1}):
        answer = await create(gateway, broken)
        assert answer.status_code == 422
        assert all((place or "ServiceRequest").startswith("ServiceRequest") for _, place in issues(answer))
    assert await gateway.rows(tables.Referral) == []


async def test_what_breaks_r4_and_what_breaks_the_profile_are_told_at_once(gateway: Gateway) -> None:
    body = alone() | {"nonsense": 1, "status": "draft"}
    del contained(body, "Patient")["telecom"]
    index = body["contained"].index(contained(body, "Patient"))
    answer = await create(gateway, body)
    assert answer.status_code == 422
    told = set(issues(answer))
    assert ("unknown-element", "ServiceRequest.nonsense") in told, "what breaks R4"
    assert {place for _, place in told} >= {
        "ServiceRequest.status",
        f"ServiceRequest.contained[{index}].telecom",
    }
    judged = await gateway.http.post("/fhir/ServiceRequest/$validate", json=body, headers=gateway.as_ehr())
    assert told == set(issues(judged)), "as $validate tells it"


async def test_client_and_permission_of_an_earlier_referral_may_be_named_and_are_copied(
    gateway: Gateway,
) -> None:
    earlier = await gateway.refer(municipality=KOTKA, protected=True)
    body = alone("R-2")
    body["subject"] = {"reference": f"Patient/{earlier}"}
    body["supportingInfo"] = [{"reference": f"Consent/{earlier}"}]
    body["contained"] = [contained(body, "PractitionerRole")]
    answer = await create(gateway, body)
    assert answer.status_code == 201, answer.text
    referral = answer.json()["id"]
    assert referral != earlier
    copies = [(await gateway.get(f"Patient/{one}", gateway.as_ehr())).json() for one in (earlier, referral)]
    assert copies[0]["name"] == copies[1]["name"]
    assert copies[0]["meta"]["security"] == copies[1]["meta"]["security"], "turvakielto goes with the copy"
    read = [row for row in await gateway.rows(tables.Audit, referral=earlier) if row.action == "search"]
    assert {row.type for row in read} == {"Patient", "Consent"}, "copying is reading"
    foreign = await gateway.http.post("/fhir/ServiceRequest", json=body, headers=gateway.as_ehr(EHR))
    places = ["ServiceRequest.subject.reference", "ServiceRequest.supportingInfo[0].reference"]
    told = (422, [("dangling-reference", place) for place in places])
    assert (foreign.status_code, issues(foreign)) == told, "somebody else's client is nobody"


async def test_a_resource_is_judged_without_being_kept(gateway: Gateway) -> None:
    patient = contained(alone(), "Patient")
    before = await gateway.counts()
    path = "/fhir/Patient/$validate"
    headers = gateway.as_ehr() | {"Accept-Language": "fi"}
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": patient}]}
    for body in (patient, parameters):
        sound = await gateway.http.post(path, json=body, headers=headers)
        assert sound.status_code == 200
        (issue,) = sound.json()["issue"]
        assert (issue["severity"], issue["details"]["coding"][0]["code"]) == ("information", "valid")
    broken = patient | {"gender": "x", "nonsense": 1, "birthDate": "soon"}
    answer = await gateway.http.post(path, json=broken, headers=headers)
    assert answer.status_code == 200
    assert {place for _, place in issues(answer)} >= {"Patient.gender", "Patient.birthDate"}
    assert len(answer.json()["issue"]) >= 3, "all at once"
    for body, expected in (
        ({"resourceType": "Consent"}, 400),
        ({"resourceType": "Parameters"}, 422),
        ({"resourceType": "Parameters", "parameter": [{"name": "profile", "valueUri": "http://x"}]}, 422),
    ):
        assert (await gateway.http.post(path, json=body, headers=headers)).status_code == expected
    for query, expected in (
        (f"profile={SUBMITTED['Patient']}", 200),
        ("profile=http://x", 400),
        ("mode=delete", 400),
        ("_format=json", 200),
    ):
        answer = await gateway.http.post(f"{path}?{query}", json=patient, headers=headers)
        assert answer.status_code == expected, query
    assert await gateway.counts() == before


@pytest.mark.parametrize("resource_id", ["0-0-0-0-0000000000000000000000000000", "R-1", "é" * 36])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
async def test_what_cannot_be_an_id_is_not_found(gateway: Gateway, method: str, resource_id: str) -> None:
    """PostgreSQL refuses to compare a UUID with anything else: it must not be asked."""
    kind = "application/json-patch+json" if method == "PATCH" else "application/fhir+json"
    sent: Any = [] if method == "PATCH" else {"resourceType": "ServiceRequest", "id": resource_id}
    answer = await gateway.http.request(
        method,
        f"/fhir/ServiceRequest/{resource_id}",
        content=None if method == "GET" else orjson.dumps(sent),
        headers=gateway.as_ehr() | {"Content-Type": kind, "If-Match": 'W/"1"'},
    )
    assert (answer.status_code, issues(answer)[0][0]) == (404, "not-found"), answer.text
