"""The profiles' own invariants, evaluated by a FHIRPath engine that is not ours: good examples keep them, and
each is broken by a resource with one fault."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhirpathpy import evaluate
from fhirpathpy.models import models
from referral_contracts import systems
from referral_contracts.fhir.hetu import is_valid
from support.broken_rules import BROKEN

ROOT = Path(__file__).resolve().parents[3]
RESOURCES = ROOT / "fhir-profiles" / "resources"
PROFILES = {
    "ServiceRequest": "lahetti-service-request",
    "Patient": "lahetti-patient",
    "Consent": "lahetti-consent",
    "Organization": "lahetti-organization",
    "HealthcareService": "lahetti-healthcare-service",
    "Endpoint": "lahetti-endpoint",
    "Task": "lahetti-task",
    "AuditEvent": "lahetti-audit-event",
}
Resource = dict[str, Any]


def rules(profile: str) -> list[tuple[str, str, str]]:
    """(key, element, FHIRPath) of each invariant that the profile adds."""
    structure = json.loads((RESOURCES / f"StructureDefinition-{profile}.json").read_text())
    elements = structure["differential"]["element"]
    return [
        (c["key"], element["id"], c["expression"])
        for element in elements
        for c in element.get("constraint", ())
    ]


def broken(resource: Resource) -> set[str]:
    kind = resource["resourceType"]
    keys: set[str] = set()
    for key, element, expression in rules(PROFILES[kind]):
        places = [resource] if element == kind else evaluate(resource, element, {}, models["r4"])
        if any(evaluate(place, expression, {}, models["r4"]) != [True] for place in places):
            keys.add(key)
    return keys


def resources_of(file: Path) -> Iterator[Resource]:
    document = json.loads(file.read_text())
    for entry in document["entry"] if document["resourceType"] == "Bundle" else [{"resource": document}]:
        if entry["resource"]["resourceType"] in PROFILES:
            yield entry["resource"]


EXAMPLES = sorted((ROOT / "fhir-profiles" / "examples" / "valid").glob("*.json"))
RECORDS = sorted((ROOT / "fhir-profiles" / "examples" / "stories" / "kainuu").glob("*read*.json"))
DIRECTORIES = sorted((ROOT / "counties").glob("*/directory/*.json"))


@pytest.mark.parametrize("file", [*EXAMPLES, *RECORDS, *DIRECTORIES], ids=lambda file: file.stem)
def test_what_is_good_keeps_every_invariant(file: Path) -> None:
    assert {resource["resourceType"]: broken(resource) for resource in resources_of(file)} == {
        resource["resourceType"]: set() for resource in resources_of(file)
    }


def first(kind: str) -> Resource:
    """A good resource of that type, to put one fault into."""
    if kind == "Task":
        reason = {"coding": [{"system": systems.STATUS_REASON, "code": "client-not-reached"}]}
        tries = [{"url": systems.CONTACT_ATTEMPTS_EXTENSION, "valueInteger": 3}]
        return {"resourceType": "Task", "status": "failed", "statusReason": {"extension": tries, **reason}}
    adult = ROOT / "fhir-profiles" / "examples" / "valid" / "adult-exercise-referral.json"
    found = (one for file in [adult, *RECORDS, *DIRECTORIES] for one in resources_of(file))
    return copy.deepcopy(next(one for one in found if one["resourceType"] == kind))


@pytest.mark.parametrize("key", BROKEN)
def test_one_fault_breaks_its_invariant_and_no_other(key: str) -> None:
    kind, spoil = BROKEN[key]
    resource = first(kind)
    assert broken(resource) == set()
    spoil(resource)
    assert broken(resource) == {key}


def test_every_invariant_has_its_fault() -> None:
    assert {key for profile in PROFILES.values() for key, _, _ in rules(profile)} == set(BROKEN)


@pytest.mark.parametrize("hetu", ["010190-999W", "311299Y9008", "010101B902T", "010190-999A", "010190/999W"])
def test_the_check_character_is_that_of_the_code(hetu: str) -> None:
    patient = first("Patient")
    patient["identifier"] = [{"system": systems.HETU, "value": hetu}]
    assert ("lpa-hetu" not in broken(patient)) == is_valid(hetu)
