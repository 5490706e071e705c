"""`Prefer` on a transaction: each entry with what is served of it, with a word about it, or where it is."""

from typing import Any

import httpx
import pytest
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
from support.gateway_county import EHR, EHR_BASE, KOTKA

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]


async def post(gateway: Gateway, wish: str | None, **headers: str) -> httpx.Response:
    given = gateway.as_ehr() | headers | ({"Prefer": wish} if wish else {})
    posted = bundle(identifier="R-1", municipality=KOTKA)
    answer = await gateway.http.post("/fhir", json=posted, headers=given)
    assert answer.status_code == 200, answer.text
    return answer


def entries(answer: httpx.Response) -> list[dict[str, Any]]:
    return answer.json()["entry"]


async def test_a_representation_is_what_a_read_gives_first_and_at_a_repeat(gateway: Gateway) -> None:
    first = await post(gateway, "return=representation")
    for answer in (first, await post(gateway, "return=representation")):
        kinds = [entry["resource"]["resourceType"] for entry in entries(answer)]
        assert kinds == ["Patient", "Consent", "ServiceRequest", "PractitionerRole"], "in the Bundle's order"
        for entry in entries(answer):
            place = entry["response"]["location"].partition("/_history/")[0]
            assert entry["resource"] == (await gateway.get(place, gateway.as_ehr())).json()
        assert answer.json()["link"] == first.json()["link"]
    minimal = await post(gateway, None)
    assert [entry["response"] for entry in entries(first)] == [
        entry["response"] for entry in entries(minimal)
    ]
    reads = await gateway.rows(tables.Audit, referral=referral_id(first))
    assert len([row for row in reads if row.action == "read"]) == 4 * 4, "given twice, and read here twice"


@pytest.mark.parametrize("wish", [None, "return=minimal", "handling=strict", "return=everything"])
async def test_without_the_wish_no_resource_comes_and_none_counts_as_read(
    gateway: Gateway, wish: str | None
) -> None:
    answer = await post(gateway, wish)
    assert all("resource" not in entry for entry in entries(answer))
    assert [row for row in await gateway.rows(tables.Audit) if row.action == "read"] == []


async def test_an_outcome_for_each_entry_in_the_caller_s_language(gateway: Gateway) -> None:
    told = entries(await post(gateway, "return=OperationOutcome", **{"Accept-Language": "fi"}))
    assert len(told) == 4
    for entry in told:
        (issue, *_) = entry["response"]["outcome"]["issue"]
        assert issue["severity"] == "information"
        assert "resource" not in entry
    assert told[0]["response"]["outcome"]["issue"][0]["details"]["text"] == "Muutos on tallennettu."


async def test_a_repeat_gives_the_newest_version_and_says_so(gateway: Gateway) -> None:
    referral = referral_id(await post(gateway, None))
    operations = [{"op": "replace", "path": "/status", "value": "inactive"}]
    headers = gateway.as_ehr() | {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    changed = await gateway.http.patch(f"/fhir/Consent/{referral}", json=operations, headers=headers)
    assert changed.status_code == 200, changed.text
    consent = entries(await post(gateway, "return=representation"))[1]
    assert (consent["resource"]["status"], consent["response"]["etag"]) == ("inactive", 'W/"2"')
    assert consent["response"]["location"] == f"Consent/{referral}/_history/2"


async def test_what_the_token_may_not_read_is_not_given_and_says_why(gateway: Gateway) -> None:
    """INVARIANT: the right to post opens nothing to read."""
    headers = gateway.only("system/Bundle.c system/Patient.r") | {"Prefer": "return=representation"}
    posted = bundle(identifier="R-1", municipality=KOTKA)
    answer = await gateway.http.post("/fhir", json=posted, headers=headers)
    assert answer.status_code == 200
    given = {entry["resource"]["resourceType"] for entry in entries(answer) if "resource" in entry}
    assert given == {"Patient"}
    withheld = entries(answer)[1]["response"]
    assert withheld["status"] == "201 Created", "it was made all the same"
    assert withheld["outcome"]["issue"][0]["details"]["coding"][0]["code"] == "scope-missing"


async def test_a_refused_bundle_is_refused_whatever_is_preferred(gateway: Gateway) -> None:
    posted = bundle(identifier="R-1", municipality=KOTKA, consent="none")
    headers = gateway.as_ehr() | {"Prefer": "return=representation"}
    answer = await gateway.http.post("/fhir", json=posted, headers=headers)
    assert answer.status_code == 422
    assert issues(answer)


async def test_a_task_that_is_not_there_yet_is_left_out_and_told_where_it_will_be(gateway: Gateway) -> None:
    """The collector makes it a moment later, and does not run here at all."""
    posted = bundle(identifier="R-1", municipality=KOTKA, task_a_url=f"{EHR_BASE}/Task/77")
    headers = gateway.as_ehr(EHR) | {"Prefer": "return=representation"}
    answer = await gateway.http.post("/fhir", json=posted, headers=headers)
    assert answer.status_code == 200, answer.text
    (task,) = [one for one in entries(answer) if one["response"]["location"].startswith("Task/")]
    assert task == {"response": {"status": "201 Created", "location": f"Task/{referral_id(answer)}"}}
    assert [one for one in entries(answer) if "resource" not in one] == [task]
