"""Each thing that a profile demands, broken alone: exactly one refusal, with its slug, at its place.

The list is read from the committed snapshots; a demand that cannot be broken, or is not refused, fails here.
"""

import json

import pytest
from referral_contracts import systems
from referral_contracts.error_catalogue import CATALOGUE
from referral_contracts.fhir.table import row
from referral_contracts.fhir.validation import validate
from support.broken_rules import BROKEN
from support.profile_demands import RESOURCES, STRUCTURES, Demand, demands
from support.single_faults import fault

DEMANDS = list(demands())
USUAL = {
    "min": {"required-element", "wrong-cardinality"},
    "max": {"wrong-cardinality"},
    "value": {"invalid-value", "unknown-code"},
    "binding": {"unknown-code"},
    "target": {"wrong-target"},
    "type": {"invalid-value"},
}
REQUEST, CONSENT = "lahetti-service-request ServiceRequest", "lahetti-consent Consent"
SAID_OTHERWISE = {
    f"{REQUEST}.status value": "not-an-order",
    f"{REQUEST}.intent value": "not-an-order",
    f"{REQUEST}.category:pathway binding": "unknown-pathway",
    f"{REQUEST}.supportingInfo min": "consent-missing",
    f"{REQUEST}.supportingInfo:consent min": "consent-missing",
    f"{REQUEST}.supportingInfo:consent target": "consent-missing",
    f"{CONSENT}.status value": "consent-inactive",
    f"{CONSENT}.category:disclosure min": "unknown-code",
    f"{CONSENT}.provision.provision min": "consent-names-nobody",
}
"""The refusals that the guides name by a word of their own."""
RULES = {
    "lsr-identifier": ("required-element", "ServiceRequest.identifier"),
    "lsr-pathway": ("wrong-cardinality", "ServiceRequest.category"),
    "lsr-contact": ("contact-prohibited", "ServiceRequest.orderDetail"),
    "lsr-requester": ("required-element", "ServiceRequest.requester.identifier"),
    "lsr-requester-name": ("required-element", "ServiceRequest.requester.display"),
    "lsr-other": ("reason-text-required", "ServiceRequest.reasonCode[0].text"),
    "lpa-name": ("required-element", "Patient.name"),
    "lpa-phone": ("phone-required", "Patient.telecom"),
    "lpa-hetu": ("invalid-value", "Patient.identifier[0].value"),
    "lco-disclosure": ("consent-names-nobody", "Consent.provision.provision"),
    "lco-rule": ("invariant", "Consent.provision.provision[2]"),
    "ldi-id": ("invalid-value", "{type}.id"),
    "lor-kind": ("required-element", "Organization.type"),
    "lhs-capacity": ("invalid-value", "HealthcareService.extension"),
    "lae-caller": ("invariant", "AuditEvent"),
    "lae-refused": ("invariant", "AuditEvent"),
    "len-address": ("invalid-value", "Endpoint.address"),
    "lta-reason": ("invariant", "Task"),
    "lta-attempts": ("invariant", "Task.statusReason"),
}
"""Where each invariant of ours is told, and how."""


@pytest.mark.parametrize("demand", DEMANDS, ids=str)
def test_it_is_refused_alone_and_at_its_place(demand: Demand) -> None:
    broken = fault(demand)
    issues = validate(broken.resource, f"{systems.CANONICAL}/StructureDefinition/{broken.profile}")
    assert len(issues) == 1, issues
    [issue] = issues
    assert issue.slug in CATALOGUE
    if demand.kind in RULES:
        slug, place = RULES[demand.kind]
        expected = (slug, place.format(type=broken.resource["resourceType"]))
        assert (issue.slug, issue.expression[0]) == expected
        return
    said = SAID_OTHERWISE.get(str(demand))
    assert issue.slug in ({said} if said else USUAL[demand.kind])
    assert issue.expression == (broken.place,)


def test_the_list_is_whole() -> None:
    """INVARIANT: no profile is left out, and no kind of demand; a profile without demands would be a mistake
    in reading it."""
    assert {demand.profile for demand in DEMANDS} == set(STRUCTURES)
    assert {demand.kind for demand in DEMANDS} == {*USUAL, *BROKEN}
    assert len(DEMANDS) > 150
    assert set(RULES) == set(BROKEN)
    assert {str(demand) for demand in DEMANDS} >= set(SAID_OTHERWISE)


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_table_has_the_profile_as_it_is_committed(name: str) -> None:
    """The table's root invariants and type are the snapshot's: an old table fails here, without SUSHI."""
    structure = STRUCTURES[name]
    told = row(structure["url"])
    assert told is not None
    assert told["type"] == structure["type"]
    root = structure["differential"]["element"][0]
    expected = [[one["key"], one["expression"]] for one in root.get("constraint", ())]
    assert told["tree"].get("rules", []) == expected


def test_the_table_has_the_codes_of_our_value_sets_as_they_are_committed() -> None:
    bound = {demand.told for demand in DEMANDS if demand.kind == "binding"}
    ours = [json.loads(file.read_text()) for file in RESOURCES.glob("ValueSet-*.json")]
    systems_of_ours = {
        one["url"]: {concept["code"] for concept in one["concept"]}
        for one in (json.loads(file.read_text()) for file in RESOURCES.glob("CodeSystem-*.json"))
    }
    checked = [one for one in ours if one["url"] in bound]
    assert {one["url"] for one in checked} == bound
    for value_set in checked:
        expected: set[str] = set()
        for include in value_set["compose"]["include"]:
            if "concept" in include:
                expected |= {concept["code"] for concept in include["concept"]}
            elif "system" in include:
                expected |= systems_of_ours[include["system"]]
        told = row(value_set["url"]) or {}
        if expected:
            assert {code for codes in told.values() for code in codes} >= expected
