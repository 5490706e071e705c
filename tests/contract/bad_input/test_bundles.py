"""What can be wrong with the structure of a Bundle: each fault alone in one that is sound otherwise."""

import pytest
from support.routes_attempts import MARK, Watch, good
from support.routes_bundles import (
    ROUTE,
    Spoil,
    again,
    coded,
    drop,
    entry,
    other_entry,
    posting,
    put,
    refused,
    resource,
    unknown_pathway,
    unknown_reason,
    without,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

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


async def test_a_key_that_stands_twice(watch: Watch) -> None:
    attempt = good(ROUTE, watch.world)
    twice = attempt.content.replace(b'"type":"transaction"', b'"type":"batch","type":"transaction"', 1)
    assert twice != attempt.content
    await watch.refused(attempt.saying(twice), 400, slug="malformed-json")
