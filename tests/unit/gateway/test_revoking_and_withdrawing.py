"""An author may end what it asked for, from the version that it read; nothing else may change."""

from typing import Any

import httpx
import pytest
from referral_contracts import systems
from referral_gateway.adapters import tables
from support.gateway import Gateway, issues, moved
from support.gateway_county import EHR, KOTKA

PATCH = {"content-type": "application/json-patch+json"}


def reason(code: str, text: str | None = None) -> dict[str, Any]:
    concept: dict[str, Any] = {"coding": [{"system": systems.STATUS_REASON, "code": code}]}
    concept |= {"text": text} if text else {}
    return {"url": systems.REQUEST_STATUS_REASON_EXTENSION, "valueCodeableConcept": concept}


def revocation(code: str = "no-longer-needed") -> list[dict[str, Any]]:
    return [
        {"op": "replace", "path": "/status", "value": "revoked"},
        {"op": "add", "path": "/extension/-", "value": reason(code)},
    ]


async def patch(
    gateway: Gateway,
    path: str,
    operations: Any,
    *,
    version: str | None = 'W/"1"',
    client: str = "ehr-polling",
) -> httpx.Response:
    headers = gateway.as_ehr(client) | PATCH | ({"if-match": version} if version else {})
    return await gateway.http.patch(f"/fhir/{path}", json=operations, headers=headers)


async def test_revoking_ends_the_request_and_the_order_and_tells_without_the_reason(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)

    response = await patch(gateway, f"ServiceRequest/{referral}", revocation())

    assert response.status_code == 200, response.text
    assert response.headers["etag"] == 'W/"2"'
    assert response.json()["status"] == "revoked"
    order = (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_service())).json()
    assert order["status"] == "revoked"
    assert reason("no-longer-needed") in order["extension"]
    assert order["meta"]["versionId"] == "2"
    (event,) = await gateway.told("referral.revoked")
    told = {name: event[name] for name in ("referral", "service_request", "by", "key")}
    assert told == {"referral": referral, "service_request": routing.id, "by": "referrer", "key": referral}
    assert "no-longer-needed" not in str(event)


async def test_revoking_by_put_of_the_whole_resource_is_the_same(gateway: Gateway) -> None:
    referral = await gateway.refer()
    request = (await gateway.get(f"ServiceRequest/{referral}", gateway.as_ehr())).json()
    request |= {"status": "revoked", "extension": [*request["extension"], reason("raised-in-error")]}

    headers = gateway.as_ehr() | {"if-match": 'W/"1"'}
    response = await gateway.http.put(f"/fhir/ServiceRequest/{referral}", json=request, headers=headers)

    assert response.status_code == 200, response.text
    assert len(await gateway.told("referral.revoked")) == 1


async def test_without_a_version_or_with_a_stale_one_nothing_changes(gateway: Gateway) -> None:
    referral = await gateway.refer()
    before = await gateway.counts()
    for version, slug, status in (
        (None, "version-required", 412),
        ('W/"7"', "version-conflict", 412),
        ("nonsense", "version-malformed", 400),
        ('"1', "version-malformed", 400),
        ('W/"1", W/"2"', "version-malformed", 400),
    ):
        response = await patch(gateway, f"ServiceRequest/{referral}", revocation(), version=version)
        assert response.status_code == status
        assert issues(response)[0][0] == slug
    assert await gateway.counts() == before


@pytest.mark.parametrize(
    ("operations", "slug", "place"),
    [
        (
            [{"op": "replace", "path": "/priority", "value": "urgent"}],
            "element-not-yours",
            "ServiceRequest.priority",
        ),
        ([{"op": "remove", "path": "/reasonCode"}], "element-not-yours", "ServiceRequest.reasonCode"),
        ([{"op": "remove", "path": "/note"}], "element-not-yours", "ServiceRequest.note"),
        ([{"op": "remove", "path": "/extension/0"}], "element-not-yours", "ServiceRequest.extension"),
        (
            [{"op": "replace", "path": "/status", "value": "completed"}],
            "illegal-change",
            "ServiceRequest.status",
        ),
        (
            [{"op": "replace", "path": "/status", "value": "revoked"}],
            "status-reason-required",
            "ServiceRequest.extension",
        ),
        (revocation("no-capacity"), "status-reason-unusable", "ServiceRequest.extension"),
        ([{"op": "replace", "path": "/status", "value": "hoping"}], "unknown-code", "ServiceRequest.status"),
        ([{"op": "add", "path": "/shoeSize", "value": 43}], "unknown-element", "ServiceRequest.shoeSize"),
        ([{"op": "replace", "path": "/id", "value": "other"}], "invalid-value", "ServiceRequest.id"),
        ([{"op": "remove", "path": "/nowhere"}], "patch-inapplicable", None),
        ([{"op": "replace", "path": "", "value": []}], "malformed-json", None),
    ],
)
async def test_what_may_not_change_is_named_and_nothing_changes(
    gateway: Gateway, operations: Any, slug: str, place: str | None
) -> None:
    referral = await gateway.refer()
    before = await gateway.counts()
    response = await patch(gateway, f"ServiceRequest/{referral}", operations)
    assert response.status_code in {400, 422}
    assert (slug, place) in issues(response)
    assert await gateway.counts() == before


@pytest.mark.parametrize(
    "operations", [{}, "x", [1], [{"op": "jump", "path": "/status"}], [{"path": "/status"}]]
)
async def test_a_patch_that_is_none_is_refused(gateway: Gateway, operations: Any) -> None:
    referral = await gateway.refer()
    response = await patch(gateway, f"ServiceRequest/{referral}", operations)
    assert response.status_code == 400, response.text
    assert issues(response)[0][0] == "patch-malformed"


async def test_labels_are_not_the_authors_to_take_away(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA, test=False, protected=True)
    request = (await gateway.get(f"ServiceRequest/{referral}", gateway.as_ehr())).json()
    request["note"].append({"text": "Lisäys."})
    del request["meta"]
    headers = gateway.as_ehr() | {"if-match": 'W/"1"'}

    response = await gateway.http.put(f"/fhir/ServiceRequest/{referral}", json=request, headers=headers)

    assert response.status_code == 200, response.text
    routing = await gateway.routing(referral)
    order = (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_provider("kotka"))).json()
    assert order["meta"]["security"][0]["code"] == "TURVAKIELTO"
    assert len(order["note"]) == 2
    assert await gateway.told("referral.revoked") == []


async def test_the_same_once_more_is_answered_and_changes_nothing(gateway: Gateway) -> None:
    referral = await gateway.refer()
    revoked = (await patch(gateway, f"ServiceRequest/{referral}", revocation())).json()
    before = await gateway.counts()
    headers = gateway.as_ehr() | {"if-match": 'W/"2"'}
    again = await gateway.http.put(f"/fhir/ServiceRequest/{referral}", json=revoked, headers=headers)
    assert again.status_code == 200
    assert again.headers["etag"] == 'W/"2"'
    assert await gateway.counts() == before


async def test_another_ehr_and_a_provider_can_change_nothing(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    assert (await patch(gateway, f"ServiceRequest/{referral}", revocation(), client=EHR)).status_code == 404
    assert (await patch(gateway, f"Consent/{referral}", [], client=EHR)).status_code == 404
    routing = await gateway.routing(referral)
    assert (await patch(gateway, f"ServiceRequest/{routing.id}", revocation())).status_code == 404
    headers = gateway.as_provider("kotka") | PATCH | {"if-match": 'W/"1"'}
    refused = await gateway.http.patch(f"/fhir/ServiceRequest/{routing.id}", json=[], headers=headers)
    assert refused.status_code == 403


async def test_what_has_ended_cannot_be_revoked(gateway: Gateway) -> None:
    referral = await gateway.refer()
    await gateway.hear(moved(await gateway.routing(referral), "completed"))
    response = await patch(gateway, f"ServiceRequest/{referral}", revocation())
    assert response.status_code == 422
    assert issues(response)[0][0] == "referral-ended"


WITHDRAW = [{"op": "replace", "path": "/status", "value": "inactive"}]


async def test_withdrawing_the_permission_stops_every_reading_at_once(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)

    response = await patch(gateway, f"Consent/{referral}", WITHDRAW)

    assert response.status_code == 200, response.text
    for headers in (gateway.as_provider("kotka"), gateway.as_page_of("kotka")):
        for path in (f"ServiceRequest/{routing.id}", f"Patient/{referral}", f"Consent/{referral}"):
            refused = await gateway.get(path, headers)
            assert refused.status_code == 403
            assert issues(refused)[0][0] == "permission-inactive"
    (event,) = await gateway.told("referral.revoked")
    assert (event["by"], event["service_request"]) == ("permission", routing.id)
    order = (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_service())).json()
    assert order["status"] == "revoked"
    assert reason("permission-withdrawn") in order["extension"]


async def test_a_permission_withdrawn_after_the_end_is_told_too(gateway: Gateway) -> None:
    """What was answered lies with the collector, which must show it to nobody any more."""
    referral = await gateway.refer()
    routing = await gateway.routing(referral)
    await gateway.hear(moved(routing, "completed"))
    assert (await patch(gateway, f"Consent/{referral}", WITHDRAW)).status_code == 200
    (event,) = await gateway.told("referral.revoked")
    assert (event["by"], event["service_request"]) == ("permission", routing.id)
    assert (await gateway.routing(referral)).revoke_event is None, "an end is not waited for again"


async def test_a_permission_cannot_be_widened_or_given_again(gateway: Gateway) -> None:
    referral = await gateway.refer()
    wider = [{"op": "remove", "path": "/provision/period"}]
    assert issues(await patch(gateway, f"Consent/{referral}", wider)) == [
        ("element-not-yours", "Consent.provision")
    ]
    await patch(gateway, f"Consent/{referral}", WITHDRAW)
    again = [{"op": "replace", "path": "/status", "value": "active"}]
    response = await patch(gateway, f"Consent/{referral}", again, version='W/"2"')
    assert issues(response) == [("illegal-change", "Consent.status")]


async def test_a_revoked_request_may_still_lose_its_permission(gateway: Gateway) -> None:
    referral = await gateway.refer()
    await patch(gateway, f"ServiceRequest/{referral}", revocation())
    assert (await patch(gateway, f"Consent/{referral}", WITHDRAW)).status_code == 200
    assert [event["by"] for event in await gateway.told("referral.revoked")] == ["referrer", "permission"]


async def test_who_changed_what_is_written_down(gateway: Gateway) -> None:
    referral = await gateway.refer()
    await patch(gateway, f"ServiceRequest/{referral}", revocation())
    (line,) = await gateway.rows(tables.Audit, referral=referral)
    assert (line.client, line.action, line.type, line.version) == (
        "ehr-polling",
        "update",
        "ServiceRequest",
        2,
    )
