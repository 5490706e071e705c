"""Reads the FHIR directory of a county's folder: Organizations, HealthcareServices and Endpoints."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from referral_contracts import systems
from referral_contracts.fhir.patients import is_test
from referral_contracts.fhir.validation import PROFILES, validate

from referral_gateway.adapters.county_documents import CountyFile, Place, digest
from referral_gateway.domain.county import (
    Counterpart,
    CountyProblem,
    DirectoryItem,
    Endpoint,
    Provider,
    Service,
)

_ID = re.compile(r"[a-z0-9-]{1,40}")
_ORDER = ("Organization", "HealthcareService", "Endpoint")
_CHANNELS = {"rest-hook": ("https://", "http://"), "email": ("mailto:",)}


@dataclass
class Directory:
    """What was read, and where each item stood."""

    providers: dict[str, Provider] = field(default_factory=dict[str, Provider])
    services: dict[str, Service] = field(default_factory=dict[str, Service])
    endpoints: dict[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    items: list[DirectoryItem] = field(default_factory=list[DirectoryItem])
    problems: list[CountyProblem] = field(default_factory=list[CountyProblem])


def read_directory(directory_files: list[CountyFile]) -> Directory:
    """Everything in the files; an item with a problem is left out and told of."""
    read = Directory()
    found = [one for file in directory_files for one in _resources(file, read.problems)]
    found.sort(key=lambda one: (_ORDER.index(one[2]["resourceType"]), one[2].get("id", "")))
    seen: set[tuple[str, str]] = set()
    for file, place, resource in found:
        problems = list(_item_problems(file, place, resource, seen))
        if not problems:
            problems = list(_take(file, place, resource, read)) or list(
                _profile_problems(file, place, resource)
            )
        read.problems += problems
    return read


def _resources(
    file: CountyFile, problems: list[CountyProblem]
) -> Iterator[tuple[CountyFile, Place, dict[str, Any]]]:
    """The resources of a file: one alone, or the entries of a collection Bundle."""
    content = file.content
    if not isinstance(content, dict) or content.get("resourceType") not in {"Bundle", *_ORDER}:
        problems.append(
            file.problem(
                (),
                "This is not a directory resource.",
                f"Write one of {', '.join(_ORDER)}, or a Bundle of them.",
            )
        )
        return
    name = content["resourceType"]
    issues = validate(content, resource_type=name)
    for issue in issues:
        place = _place(issue.expression[0])
        problems.append(file.problem(place, _SAID[issue.slug], "Mend it as FHIR R4 says."))
    if issues:
        return
    if name != "Bundle":
        yield file, (), content
        return
    for index, entry in enumerate(content.get("entry", [])):
        place = ("entry", index, "resource")
        resource = entry.get("resource")
        if resource is None or resource["resourceType"] not in _ORDER:
            problems.append(
                file.problem(place, "This is not a directory resource.", f"Allowed: {', '.join(_ORDER)}.")
            )
        else:
            yield file, place, resource


_SAID = {
    "unknown-resource-type": "This resource type is not known.",
    "unknown-element": "There is an element here that FHIR R4 does not know.",
    "required-element": "A required element is missing.",
    "wrong-cardinality": "This element occurs the wrong number of times.",
    "invalid-value": "This value is not what FHIR R4 allows here.",
    "unknown-code": "This code is not one of those allowed.",
    "dangling-reference": "This reference points to nothing in the file.",
    "wrong-target": "This reference points to a resource of a type that is not allowed here.",
    "misplaced-extension": "This extension does not belong here.",
    "invariant": "A rule of FHIR R4 is not met here.",
}


def _place(expression: str) -> Place:
    """The place inside a file that a FHIRPath expression names."""
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", expression)
    return tuple(name or int(index) for name, index in steps)


def _profile_problems(file: CountyFile, place: Place, resource: dict[str, Any]) -> Iterator[CountyProblem]:
    """What the item's profile asks beyond R4 and is not told with a remedy of its own."""
    kind = resource["resourceType"]
    for issue in validate(resource, PROFILES[kind]):
        within = (*place, *_place(issue.expression[0]))
        yield file.problem(
            within, _SAID[issue.slug], f"Mend it as the profile of {kind} says (docs/profiles)."
        )


def _item_problems(
    file: CountyFile, place: Place, resource: Mapping[str, Any], seen: set[tuple[str, str]]
) -> Iterator[CountyProblem]:
    kind, name = resource["resourceType"], resource.get("id", "")
    if not _ID.fullmatch(name):
        yield file.problem(
            (*place, "id"),
            "The id is missing or not allowed.",
            "Use a-z, 0-9 and hyphens, at most forty characters.",
        )
    elif (kind, name) in seen:
        yield file.problem((*place, "id"), f"{kind}/{name} stands twice.", "Give each its own id.")
    if "header" in resource:
        yield file.problem(
            (*place, "header"),
            "Headers may hold secrets.",
            "Take them out: webhooks are signed, not authorised.",
        )
    seen.add((kind, name))


def _take(
    file: CountyFile, place: Place, resource: dict[str, Any], read: Directory
) -> Iterator[CountyProblem]:
    """Takes a sound resource in, unless what it points to is missing."""
    kind, name = resource["resourceType"], resource["id"]
    if kind == "Organization":
        provider = _provider(resource)
        if provider.kind == "":
            yield file.problem(
                (*place, "type"),
                "The kind of provider is missing.",
                f"Add a type with system {systems.PROVIDER_KIND}.",
            )
            return
        read.providers[name], owner = provider, name
    else:
        element = "providedBy" if kind == "HealthcareService" else "managingOrganization"
        owner = resource.get(element, {}).get("reference", "").removeprefix("Organization/")
        if owner not in read.providers:
            yield file.problem(
                (*place, element),
                "It belongs to no Organization of this folder.",
                "Name one as Organization/<id>.",
            )
            return
        if kind == "HealthcareService":
            active = resource.get("active", True)
            read.services[name] = Service(
                name,
                owner,
                frozenset(_codings(resource.get("category", []), systems.PATHWAY)),
                active,
                _codings(resource.get("type", []), systems.SERVICE_TYPE),
                _has_room(resource),
            )
        else:
            wrong = list(_address_problems(file, place, resource))
            yield from wrong
            if wrong:
                return
            read.endpoints[name] = Endpoint(name, owner, resource["status"] == "active", is_test(resource))
    read.items.append(DirectoryItem(kind, name, owner, resource, digest(resource)))


def _address_problems(file: CountyFile, place: Place, resource: Mapping[str, Any]) -> Iterator[CountyProblem]:
    connection = resource["connectionType"]
    schemes = (
        _CHANNELS.get(connection.get("code", ""))
        if connection.get("system") == systems.CHANNEL_TYPE
        else None
    )
    if schemes is None:
        yield file.problem(
            (*place, "connectionType"),
            "This kind of connection is not known.",
            f"Use {' or '.join(_CHANNELS)} of {systems.CHANNEL_TYPE}.",
        )
    elif not resource["address"].startswith(schemes):
        yield file.problem(
            (*place, "address"),
            "The address does not fit the kind of connection.",
            f"It begins with {schemes[0]}.",
        )


def _provider(resource: Mapping[str, Any]) -> Provider:
    kinds = [
        coding.get("code", "")
        for concept in resource.get("type", [])
        for coding in concept.get("coding", [])
        if coding.get("system") == systems.PROVIDER_KIND
    ]
    able = any(
        extension.get("url") == systems.ABLE_PROTECTED_EXTENSION and extension.get("valueBoolean") is True
        for extension in resource.get("extension", [])
    )
    return Provider(
        resource["id"],
        resource.get("name", resource["id"]),
        kinds[0] if kinds else "",
        resource.get("active", True),
        able,
        tuple(_counterpart(contact) for contact in resource.get("contact", [])),
    )


def _has_room(service: Mapping[str, Any]) -> bool:
    """Whether its capacity signal lets referrals come: there is none, or it says `capacity`."""
    said = [
        part.get("valueCodeableConcept", {})
        for extension in service.get("extension", [])
        if extension.get("url") == systems.CAPACITY_EXTENSION
        for part in extension.get("extension", [])
        if part.get("url") == "capacityStatus"
    ]
    return not said or "capacity" in _codings(said, systems.GRAVITY_CODES)


def _counterpart(contact: Mapping[str, Any]) -> Counterpart:
    name = contact.get("name", {})
    spoken = " ".join((*name.get("given", []), name.get("family", ""))).strip() or name.get("text", "")
    telecom = contact.get("telecom", [])
    return Counterpart(spoken, _first(telecom, "phone"), _first(telecom, "email"))


def _first(telecom: list[dict[str, Any]], system: str) -> str | None:
    return next((point.get("value") for point in telecom if point.get("system") == system), None)


def _codings(concepts: list[dict[str, Any]], system: str) -> dict[str, dict[str, Any]]:
    """The codings of that system by their code."""
    return {
        coding["code"]: coding
        for concept in concepts
        for coding in concept.get("coding", [])
        if coding.get("system") == system and "code" in coding
    }
