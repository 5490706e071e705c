"""A part of a resource, by `_summary` (https://hl7.org/fhir/R4/search.html#summary)."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from referral_contracts.fhir.references import all_references
from referral_contracts.fhir.search.query import Summary


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SUMMARY: Mapping[str, frozenset[str]] = {
    "Task": _names(
        "instantiatesCanonical instantiatesUri basedOn groupIdentifier partOf status statusReason"
        " businessStatus intent code description focus for encounter executionPeriod lastModified requester"
        " owner location"
    ),
    "ServiceRequest": _names(
        "identifier instantiatesCanonical instantiatesUri basedOn replaces requisition status intent category"
        " priority doNotPerform code orderDetail quantityQuantity quantityRatio quantityRange subject"
        " encounter occurrenceDateTime occurrencePeriod occurrenceTiming asNeededBoolean"
        " asNeededCodeableConcept"
        " authoredOn requester performerType performer locationCode locationReference reasonCode"
        " reasonReference specimen bodySite patientInstruction"
    ),
    "Patient": _names(
        "identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address"
        " managingOrganization link"
    ),
    "Consent": _names(
        "identifier status scope category patient dateTime performer organization sourceAttachment"
        " sourceReference policyRule verification provision"
    ),
    "AuditEvent": _names("type subtype action recorded outcome outcomeDesc purposeOfEvent"),
    "HealthcareService": _names(
        "identifier active providedBy category type specialty location name comment photo"
    ),
    "Organization": _names("identifier active type name partOf"),
    "Endpoint": _names(
        "identifier status connectionType name managingOrganization period payloadType payloadMimeType"
        " address"
    ),
}
"""The elements that R4's definitions mark as summary; a test compares them with the models of R4."""

MANDATORY: Mapping[str, frozenset[str]] = {
    "Task": frozenset({"intent", "status"}),
    "ServiceRequest": frozenset({"intent", "status", "subject"}),
    "Consent": frozenset({"category", "scope", "status"}),
    "AuditEvent": frozenset({"agent", "recorded", "source", "type"}),
    "Endpoint": frozenset({"address", "connectionType", "payloadType", "status"}),
}
"""The elements that a resource cannot be without."""

_ONE_OF: Mapping[str, frozenset[str]] = {
    "Consent": frozenset({"policy", "policyRule"}),
    "Organization": frozenset({"identifier", "name"}),
}
"""Elements of which R4's invariants want one (ppc-1, org-1): no definition calls any of them mandatory."""

_HEAD = frozenset({"resourceType", "id", "meta", "implicitRules"})
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


def summarised(body: bytes, summary: Summary) -> bytes:
    """The resource with the elements that `summary` wants, and a tag that says that it is not whole."""
    resource: dict[str, Any] = orjson.loads(body)
    kind = resource["resourceType"]
    if summary == "data":
        kept = {name: content for name, content in resource.items() if name != "text"}
    else:
        wanted = _HEAD | _least(kind) | (SUMMARY[kind] if summary == "true" else {"text"})
        kept = {name: content for name, content in resource.items() if name.removeprefix("_") in wanted}
        if referred := _referred(kept, resource.get("contained", ())):
            kept["contained"] = referred
    if len(kept) < len(resource):
        meta = resource.get("meta", {})
        kept["meta"] = meta | {"tag": [*meta.get("tag", ()), _SUBSETTED]}
    return orjson.dumps(kept)


def _least(kind: str) -> frozenset[str]:
    """What is told in any case: a part of a resource still keeps R4."""
    return MANDATORY.get(kind, frozenset()) | _ONE_OF.get(kind, frozenset())


def _referred(kept: Mapping[str, Any], contained: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of what is contained, all that the rest of the resource refers to, or one of these."""
    found: list[Mapping[str, Any]] = []
    names = _names_in(kept)
    while more := [one for one in contained if one not in found and f"#{one.get('id')}" in names]:
        found += more
        names = _names_in(more)
    return [one for one in contained if one in found]


def _names_in(value: Any) -> set[str]:
    return {reference for _, reference in all_references(value, "")}
