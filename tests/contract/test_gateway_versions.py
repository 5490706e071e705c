"""Versions in the gateway's headers: what the caller has is not sent again, what it wants back is."""

from typing import Any

import httpx
import pytest
from referral_contracts.systems import REQUEST_STATUS_REASON_EXTENSION, STATUS_REASON
from support.gateway import Gateway, gateway, gateway_database, issues, migrated_file, migrated_postgres
from support.gateway_county import KOTKA

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

REASON = {"coding": [{"system": STATUS_REASON, "code": "no-longer-needed"}]}
REVOKED = [
    {"op": "replace", "path": "/status", "value": "revoked"},
    {"op": "add", "path": "/extension/-", "value": {
        "url": REQUEST_STATUS_REASON_EXTENSION, "valueCodeableConcept": REASON}},
]  # fmt: skip


async def revoke(gateway: Gateway, referral: str, by: str, **headers: str) -> httpx.Response:
    path = f"/fhir/ServiceRequest/{referral}"
    given = gateway.as_ehr() | {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"If-Match": 'W/"1"'} | given
    if by == "PATCH":
        patch = given | {"Content-Type": "application/json-patch+json"}
        return await gateway.http.patch(path, json=REVOKED, headers=patch)
    resource = (await gateway.http.get(path, headers=gateway.as_ehr())).json()
    resource |= {"status": "revoked"}
    resource["extension"] = [*resource.get("extension", []), REVOKED[1]["value"]]
    return await gateway.http.put(path, json=resource, headers=given)


@pytest.mark.parametrize("kind", ["ServiceRequest", "Patient", "Consent"])
@pytest.mark.parametrize("suffix", ["", "/_history/1"])
async def test_what_the_caller_has_is_not_sent_again_and_its_reading_is_written_down(
    gateway: Gateway, kind: str, suffix: str
) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    path = f"{kind}/{referral}{suffix}"
    before = (await gateway.counts())["audit"]
    for tag in ('W/"1"', '"7", W/"1"', "*"):
        answer = await gateway.get(path, gateway.as_ehr() | {"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert (answer.headers["etag"], "last-modified" in answer.headers) == ('W/"1"', True)
    for tag in ('W/"2"', "1", ""):
        answer = await gateway.get(path, gateway.as_ehr() | {"If-None-Match": tag})
        assert (answer.status_code, answer.json()["resourceType"]) == (200, kind)
    assert (await gateway.counts())["audit"] == before + 6


async def test_a_new_version_is_sent_to_who_has_the_old_one(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    assert (await revoke(gateway, referral, "PATCH")).status_code == 200
    stale = gateway.as_ehr() | {"If-None-Match": 'W/"1"'}
    answer = await gateway.get(f"ServiceRequest/{referral}", stale)
    assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    assert answer.headers["etag"] == 'W/"2"'


async def test_having_a_version_opens_nothing(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    stranger = gateway.as_provider("hamina") | {"If-None-Match": 'W/"1"'}
    answer = await gateway.get(f"Patient/{referral}", stranger)
    assert (answer.status_code, issues(answer)) == (404, [("not-found", None)])


@pytest.mark.parametrize("by", ["PUT", "PATCH"])
async def test_a_change_answers_what_is_preferred(gateway: Gateway, by: str) -> None:
    wishes: dict[str, Any] = {
        "return=minimal": None, "return=representation": "ServiceRequest", "": "ServiceRequest",
        "return=OperationOutcome": "OperationOutcome",
    }  # fmt: skip
    for wish, kind in wishes.items():
        referral = await gateway.refer(municipality=KOTKA)
        answer = await revoke(gateway, referral, by, Prefer=wish, Accept_Language="fi")
        assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"'), answer.text
        assert "last-modified" in answer.headers
        if kind is None:
            assert answer.content == b""
            continue
        assert answer.json()["resourceType"] == kind
        if kind == "OperationOutcome":
            (issue,) = answer.json()["issue"]
            assert (issue["severity"], issue["details"]["text"]) == ("information", "Muutos on tallennettu.")


@pytest.mark.parametrize("by", ["PUT", "PATCH"])
async def test_a_change_that_wants_the_version_not_to_be_there_is_refused(gateway: Gateway, by: str) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    for tag in ("*", 'W/"1"'):
        answer = await revoke(gateway, referral, by, If_None_Match=tag)
        assert (answer.status_code, issues(answer)) == (412, [("version-conflict", None)])
    read = await gateway.get(f"ServiceRequest/{referral}", gateway.as_ehr())
    assert (read.json()["status"], read.headers["etag"]) == ("active", 'W/"1"')
    assert (await revoke(gateway, referral, by, If_None_Match='W/"9"')).status_code == 200
