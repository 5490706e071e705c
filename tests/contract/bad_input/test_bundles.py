"""What can be wrong with a referral's Bundle: each fault alone in a Bundle that is sound otherwise."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
import pytest
from support.routes_attempts import MARK, Watch, good
from support.routes_world import OTHER_EHR

pytestmark = pytest.mark.asyncio(loop_scope="session")

Bundle = dict[str, Any]
Spoil = Callable[[Bundle], Any]
ROUTE = "POST /fhir"
OUTBOX = frozenset({"gateway.outbox", "gateway.sqlite_sequence"})
"""A referral without permission, or that nobody can take, is told on its topic: `referral.refused`, with
client and code. That is the only row that bad input ever writes."""


def resource(bundle: Bundle, name: str) -> dict[str, Any]:
    """The first resource of a type."""
    return next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == name)


def entry(bundle: Bundle, name: str) -> dict[str, Any]:
    return next(one for one in bundle["entry"] if one["resource"]["resourceType"] == name)


def put(kind: str, /, **elements: Any) -> Spoil:
    """Set elements of the first resource of a type."""
    return lambda bundle: resource(bundle, kind).update(elements)


def drop(name: str, *elements: str) -> Spoil:
    return lambda bundle: [resource(bundle, name).pop(element) for element in elements]


def again(name: str) -> Spoil:
    """A second entry of a type, with an address of its own."""

    def spoil(bundle: Bundle) -> None:
        copied = deepcopy(entry(bundle, name))
        copied["fullUrl"] = "urn:uuid:01900000-0000-7000-8000-0000000000aa"
        bundle["entry"].append(copied)

    return spoil


def without(name: str) -> Spoil:
    return lambda bundle: bundle["entry"].remove(entry(bundle, name))


def other_entry(**elements: Any) -> Spoil:
    """One more entry."""
    whole = {"fullUrl": "urn:uuid:01900000-0000-7000-8000-0000000000ab", **elements}
    return lambda bundle: bundle["entry"].append(whole)


def posting(name: str) -> dict[str, str]:
    return {"method": "POST", "url": name}


def coded(system: str | None, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system or f"https://{MARK}.example", "code": code, "display": MARK}]}


def municipality(code: str) -> Spoil:
    def spoil(bundle: Bundle) -> None:
        extension = next(one for one in resource(bundle, "Patient")["extension"] if "valueCoding" in one)
        extension["valueCoding"] = {"system": extension["valueCoding"]["system"], "code": code}

    return spoil


def consent_ended(bundle: Bundle) -> None:
    resource(bundle, "Consent")["provision"]["period"] = {"end": "2020-01-01"}


def consent_for_others(bundle: Bundle) -> None:
    for rule in resource(bundle, "Consent")["provision"]["provision"]:
        rule["actor"][0]["reference"] = {"reference": f"Organization/{MARK}"}


def known(system: str) -> Callable[[Bundle], str]:
    """The system of a resource's first coding, so that only the code is wrong."""
    return lambda bundle: resource(bundle, "ServiceRequest")[system][0]["coding"][0]["system"]


def unknown_reason(bundle: Bundle) -> None:
    concept = coded(known("reasonCode")(bundle), MARK)
    resource(bundle, "ServiceRequest")["reasonCode"] = [concept]


def unknown_pathway(bundle: Bundle) -> None:
    resource(bundle, "ServiceRequest")["category"] = [coded(known("category")(bundle), MARK)]


UNKNOWN_TYPES: dict[str, Spoil] = {
    "the whole is no Bundle": lambda bundle: bundle.update(resourceType=MARK),
    "a resource of no type": lambda bundle: resource(bundle, "Patient").pop("resourceType"),
    "a type that FHIR does not know": other_entry(
        resource={"resourceType": MARK, "name": MARK}, request=posting(MARK)
    ),
    "a type that is not taken here": other_entry(
        resource={"resourceType": "Appointment", "status": "booked", "description": MARK,
                  "participant": [{"status": "accepted"}]},
        request=posting("Appointment"),
    ),
    "a type that is a number": lambda bundle: resource(bundle, "Patient").update(resourceType=5),
    "a Bundle inside": other_entry(
        resource={"resourceType": "Bundle", "type": "collection"}, request=posting("Bundle")
    ),
}  # fmt: skip
UNKNOWN_ELEMENTS: dict[str, Spoil] = {
    "of the Bundle": lambda bundle: bundle.update({MARK: MARK}),
    "of an entry": lambda bundle: entry(bundle, "Patient").update(remark=MARK),
    "of a resource": put("Patient", nickname=MARK),
    "of a resource, named by a person": put("Patient", **{f"{MARK} Aino": MARK}),
    "deep inside": lambda bundle: resource(bundle, "Patient")["name"][0].update(maiden=MARK),
    "of another version of FHIR": put("ServiceRequest", serviceType=coded(None, MARK)),
    "of an extension": lambda bundle: resource(bundle, "Patient")["extension"][0].update(words=MARK),
    "of something contained": put("Consent", contained=[{"resourceType": "Patient", "id": "x", "a": MARK}]),
}  # fmt: skip
WRONG_CARDINALITY: dict[str, Spoil] = {
    "one where many may be": put("Patient", name={"family": MARK}),
    "many where one may be": put("Patient", birthDate=["1978-05-14", MARK]),
    "a list of lists": put("Patient", name=[[{"family": MARK}]]),
    "an empty list": put("Patient", telecom=[]),
    "null": put("Patient", name=None),
    "a list with null": put("Patient", name=[None]),
    "an empty object": put("Patient", name=[{}]),
    "both of a choice": put("Patient", deceasedBoolean=False, deceasedDateTime="2020-01-01"),
    "no status": drop("ServiceRequest", "status"),
    "no subject": drop("ServiceRequest", "subject"),
    "no code": drop("ServiceRequest", "code"),
    "no reason": drop("ServiceRequest", "reasonCode"),
    "no requester": drop("ServiceRequest", "requester"),
    "no identifier": drop("ServiceRequest", "identifier"),
    "no pathway": drop("ServiceRequest", "category"),
    "no name": drop("Patient", "name"),
    "two patients": again("Patient"),
    "two service requests": again("ServiceRequest"),
    "two permissions": again("Consent"),
    "no patient": without("Patient"),
    "no service request": without("ServiceRequest"),
    "no entry": lambda bundle: bundle.update(entry=[]),
    "an entry without its request": lambda bundle: entry(bundle, "Patient").pop("request"),
    "an entry without its address": lambda bundle: entry(bundle, "Patient").pop("fullUrl"),
    "an entry without its resource": lambda bundle: bundle["entry"].append({"fullUrl": "urn:uuid:x"}),
}
DANGLING: dict[str, Spoil] = {
    "the subject": put("ServiceRequest", subject={"reference": f"urn:uuid:{MARK}", "display": MARK}),
    "the requester": put("ServiceRequest", requester={"reference": f"urn:uuid:{MARK}", "display": MARK}),
    "something contained": put("ServiceRequest", requester={"reference": f"#{MARK}", "display": MARK}),
    "the permission's person": put("Consent", patient={"reference": f"urn:uuid:{MARK}"}),
    "a relation's person": put("RelatedPerson", patient={"reference": f"urn:uuid:{MARK}"}),
}
UNKNOWN_CODES: dict[str, Spoil] = {
    "gender": put("Patient", gender=MARK),
    "status of the request": put("ServiceRequest", status=MARK),
    "intent": put("ServiceRequest", intent=MARK),
    "priority": put("ServiceRequest", priority="stat"),
    "status of the permission": put("Consent", status=MARK),
    "kind of phone": lambda bundle: resource(bundle, "Patient")["telecom"][0].update(system=MARK),
    "method of an entry": lambda bundle: entry(bundle, "Patient")["request"].update(method=MARK),
    "type of the Bundle": lambda bundle: bundle.update(type=MARK),
    "reason": unknown_reason,
    "pathway": unknown_pathway,
}
BAD_VALUES: dict[str, Spoil] = {
    "a date that is none": put("Patient", birthDate=MARK),
    "a day that is none": put("Patient", birthDate="1978-02-31"),
    "a time without zone": put("ServiceRequest", authoredOn="2026-03-02T09:00:00"),
    "a number for a text": lambda bundle: resource(bundle, "Patient")["name"][0].update(family=5),
    "a text for a truth": put("Patient", active=MARK),
    "an id with spaces": put("Patient", id=f"{MARK} 1"),
    "a HETU whose check character is wrong": put(
        "Patient", identifier=[{"system": "urn:oid:1.2.246.21", "value": f"140578-901{MARK}"}]
    ),
    "an empty text": lambda bundle: resource(bundle, "Patient")["name"][0].update(family=""),
    "a request that is over": put("ServiceRequest", status="completed"),
    "a plan, not an order": put("ServiceRequest", intent="plan"),
    "somebody else's subject": put("ServiceRequest", subject={"reference": f"Patient/{MARK}"}),
    "an entry that deletes": lambda bundle: entry(bundle, "Patient")["request"].update(method="DELETE"),
    "an entry for another place": lambda bundle: entry(bundle, "Patient")["request"].update(url=MARK),
    "two entries at one address": lambda bundle: entry(bundle, "Consent").update(
        fullUrl=entry(bundle, "Patient")["fullUrl"]
    ),
    "a phone without a number": put("Patient", telecom=[{"system": "phone"}]),
    "no phone": put("Patient", telecom=[{"system": "email", "value": f"{MARK}@example.org"}]),
}  # fmt: skip
NOT_TAKEN: dict[str, tuple[Spoil, str]] = {
    "an unknown municipality": (municipality("091"), "unknown-municipality"),
    "a municipality that is no code": (municipality(MARK), "unknown-municipality"),
    "an unknown service": (
        put("ServiceRequest", performer=[{"reference": f"HealthcareService/{MARK}"}]),
        "unknown-service",
    ),
}
NOT_PERMITTED: dict[str, tuple[Spoil, str]] = {
    "no permission": (
        lambda bundle: (without("Consent")(bundle), resource(bundle, "ServiceRequest").pop("supportingInfo")),
        "consent-missing",
    ),
    "a permission that is over": (put("Consent", status="inactive"), "consent-inactive"),
    "a permission whose time is over": (consent_ended, "consent-inactive"),
    "a permission of another kind": (put("Consent", scope=coded(None, MARK)), "unknown-code"),
    "a permission by another rule": (put("Consent", policyRule=coded(None, MARK)), "unknown-code"),
    "a permission for somebody else": (consent_for_others, "no-candidate"),
}


async def refused(watch: Watch, spoil: Spoil, *statuses: int, **expected: Any) -> None:
    attempt = good(ROUTE, watch.world)
    bundle = attempt.body
    spoil(bundle)
    await watch.refused(attempt.saying(bundle), *statuses, **expected)


@pytest.mark.parametrize("fault", UNKNOWN_TYPES)
async def test_unknown_resource_types(watch: Watch, fault: str) -> None:
    await refused(watch, UNKNOWN_TYPES[fault], 400, 422)


@pytest.mark.parametrize("fault", UNKNOWN_ELEMENTS)
async def test_unknown_elements(watch: Watch, fault: str) -> None:
    await refused(watch, UNKNOWN_ELEMENTS[fault], 422, slug="unknown-element")


@pytest.mark.parametrize("fault", WRONG_CARDINALITY)
async def test_wrong_cardinality(watch: Watch, fault: str) -> None:
    await refused(watch, WRONG_CARDINALITY[fault], 422)


@pytest.mark.parametrize("fault", DANGLING)
async def test_dangling_references(watch: Watch, fault: str) -> None:
    await refused(watch, DANGLING[fault], 422, slug="dangling-reference")


@pytest.mark.parametrize("fault", UNKNOWN_CODES)
async def test_unknown_codes(watch: Watch, fault: str) -> None:
    await refused(watch, UNKNOWN_CODES[fault], 422)


@pytest.mark.parametrize("fault", BAD_VALUES)
async def test_values_that_are_none(watch: Watch, fault: str) -> None:
    await refused(watch, BAD_VALUES[fault], 422)


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


async def test_a_key_that_stands_twice(watch: Watch) -> None:
    attempt = good(ROUTE, watch.world)
    twice = attempt.content.replace(b'"type":"transaction"', b'"type":"batch","type":"transaction"', 1)
    assert twice != attempt.content
    await watch.refused(attempt.saying(twice), 400, slug="malformed-json")


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
