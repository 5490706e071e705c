"""Referrals that are sound as FHIR and still not taken: by the county's data, by permission, by identity."""

import orjson
import pytest
from support.routes_attempts import MARK, Watch, good
from support.routes_bundles import (
    ROUTE,
    Bundle,
    Spoil,
    coded,
    consent_ended,
    consent_for_others,
    entry,
    municipality,
    put,
    refused,
    resource,
    without,
)
from support.routes_world import OTHER_EHR

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTBOX = frozenset({"gateway.outbox", "gateway.sqlite_sequence"})
"""A referral without permission, or that nobody can take, is told on its topic: `referral.refused`, with
client and code. That is the only row that bad input ever writes."""


NOT_TAKEN: dict[str, tuple[Spoil, str]] = {
    "an unknown municipality": (municipality("091"), "unknown-municipality"),
    "a municipality that is no code": (municipality(MARK), "unknown-municipality"),
    "an unknown service": (
        put("ServiceRequest", performer=[{"reference": f"HealthcareService/{MARK}"}]),
        "unknown-service",
    ),
    "a permission of another kind": (put("Consent", scope=coded(None, MARK)), "unknown-code"),
    "a permission by another rule": (put("Consent", policyRule=coded(None, MARK)), "unknown-code"),
}
NOT_PERMITTED: dict[str, tuple[Spoil, str]] = {
    "no permission": (
        lambda bundle: (without("Consent")(bundle), resource(bundle, "ServiceRequest").pop("supportingInfo")),
        "consent-missing",
    ),
    "a permission that is over": (put("Consent", status="inactive"), "consent-inactive"),
    "a permission whose time is over": (consent_ended, "consent-inactive"),
    "a permission for somebody else": (consent_for_others, "no-candidate"),
}


@pytest.mark.parametrize("fault", NOT_TAKEN)
async def test_what_the_county_does_not_know(watch: Watch, fault: str) -> None:
    spoil, slug = NOT_TAKEN[fault]
    await refused(watch, spoil, 422, slug=slug)


@pytest.mark.parametrize("fault", NOT_PERMITTED)
async def test_what_the_client_did_not_permit(watch: Watch, fault: str) -> None:
    """Refused, and told to nobody but the topic: by client and code."""
    spoil, slug = NOT_PERMITTED[fault]
    before = watch.world.three.stored()["gateway.outbox"][0]
    await refused(watch, spoil, 422, slug=slug, but=OUTBOX)
    assert watch.world.three.stored()["gateway.outbox"][0] == before + 1


async def test_the_same_number_for_another_referral(watch: Watch) -> None:
    referral = watch.world.kept.id
    path = f"/fhir/ServiceRequest/{referral}"
    posted = (await watch.world.three.http.get(path, headers=watch.world.as_ehr())).json()

    def same_number(bundle: Bundle) -> None:
        resource(bundle, "ServiceRequest")["identifier"] = posted["identifier"]

    await refused(watch, same_number, 409, slug="duplicate")


async def test_a_task_whose_address_is_not_the_systems_own(watch: Watch) -> None:
    """An EHR that polls has none here; one that is written to only below its registered base."""

    def with_task(bundle: Bundle) -> None:
        request = entry(bundle, "ServiceRequest")["fullUrl"]
        task = {
            "resourceType": "Task", "status": "requested", "intent": "order", "focus": {"reference": request},
            "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
        }  # fmt: skip
        url = f"https://{MARK}.example/fhir/Task/1"
        bundle["entry"].append({"fullUrl": url, "resource": task, "request": {"method": "PUT", "url": url}})

    await refused(watch, with_task, 422, slug="task-not-written-back")
    attempt = good(ROUTE, watch.world)
    bundle = attempt.body
    with_task(bundle)
    await watch.refused(
        attempt.saying(bundle).bearing(**watch.world.as_ehr(OTHER_EHR)), 422, slug="foreign-address"
    )


async def test_a_record_system_that_the_county_does_not_know(watch: Watch) -> None:
    attempt = good(ROUTE, watch.world).bearing(**watch.world.as_ehr("ehr-elsewhere"))
    await watch.refused(attempt, 403, slug="client-unknown")


async def test_the_bundle_that_all_these_were_made_of_is_taken(watch: Watch) -> None:
    attempt = good(ROUTE, watch.world)
    assert MARK in orjson.loads(attempt.content)["entry"][0]["resource"]["name"][0]["family"]
    assert (await attempt.send(watch.world.three.http)).status_code == 200
