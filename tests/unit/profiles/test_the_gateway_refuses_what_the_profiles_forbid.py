"""Generated from the committed profiles: each single fault against one that a record system could post, and
whether the gateway refuses it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.examples import ROOT, VALID, issues_of, kymenlaakso

RESOURCES = ROOT / "fhir-profiles" / "resources"
POSTED = {
    "ServiceRequest": "lahetti-service-request",
    "Patient": "lahetti-patient",
    "Consent": "lahetti-consent",
    "Task": "lahetti-submitted-task",
}
COUNTY = kymenlaakso()
BUNDLE = next(
    bundle
    for bundle in (json.loads(path.read_text()) for path in VALID)
    if any(entry["resource"]["resourceType"] == "Task" for entry in bundle["entry"])
)
Resource = dict[str, Any]


def faults() -> Iterator[tuple[str, str, str]]:
    """(type, id of the element, kind of fault) of every fault that the profiles let us make."""
    for kind, profile in POSTED.items():
        structure = json.loads((RESOURCES / f"StructureDefinition-{profile}.json").read_text())
        whole = {one["id"]: one for one in structure["snapshot"]["element"]}
        for element in structure["differential"]["element"]:
            result = whole[element["id"]]
            if element["id"] == kind:
                continue
            if result["min"] > 0:
                yield kind, element["id"], "absent"
            if result["max"] == "1" and result["base"]["max"] == "*" and ":" not in element["id"]:
                yield kind, element["id"], "twice"
            if any(name.startswith(("fixed", "pattern")) for name in element):
                yield kind, element["id"], "other"
            if element.get("binding", {}).get("strength") == "required":
                yield kind, element["id"], "bound"
            if any(one.get("targetProfile") for one in element.get("type", ())):
                yield kind, element["id"], "target"
    yield "ServiceRequest", "ServiceRequest.extension:initiative.value[x]", "bound"


ANOTHER: dict[str, Any] = {
    "ServiceRequest.status": "revoked",
    "ServiceRequest.intent": "plan",
    "Consent.status": "inactive",
    "Task.status": "accepted",
    "ServiceRequest.priority": "stat",
}
"""Codes that R4 knows and the profile does not."""
PLAIN = {"text": "jotakin muuta"}


def spoilt(kind: str, element: str, fault: str) -> bytes:
    """A good Bundle with that one fault."""
    bundle = copy.deepcopy(BUNDLE)
    resource = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)
    steps = element.removeprefix(f"{kind}.").split(".")
    if element.endswith("value[x]"):
        resource["extension"][0]["valueCode"] = "nobody"
        return json.dumps(bundle).encode()
    holder: Any = resource
    for step in steps[:-1]:
        holder = holder[step][-1] if isinstance(holder[step], list) else holder[step]
    name = steps[-1].split(":")[0]
    if fault == "absent" and ":" not in steps[-1]:
        del holder[name]
    elif fault == "twice":
        holder[name] = [{"reference": "HealthcareService/kotka-liikuntaneuvonta"}] * 2
    elif fault == "target":
        wrong = {"reference": "Practitioner/1", "display": "Tarja Testaaja"}
        holder[name] = [wrong] if isinstance(holder.get(name), list) or name == "performer" else wrong
    else:
        value = ANOTHER.get(element, PLAIN)
        if name == "supportingInfo":
            value = {"display": "jotakin muuta"}
        many = isinstance(holder.get(name), list)
        holder[name] = [value] if many else value
    return json.dumps(bundle).encode()


def test_the_bundle_without_a_fault_is_taken() -> None:
    assert issues_of(json.dumps(BUNDLE).encode(), COUNTY) == []


@pytest.mark.parametrize(("kind", "element", "fault"), list(faults()))
def test_what_a_profile_forbids_is_refused(kind: str, element: str, fault: str) -> None:
    assert issues_of(spoilt(kind, element, fault), COUNTY)
