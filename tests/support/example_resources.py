"""The committed examples one by one, each with the profile that it shows."""

import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from support.examples import EXAMPLES, ROOT, VALID

POSTED = {
    "ServiceRequest": "lahetti-service-request",
    "Patient": "lahetti-patient",
    "Consent": "lahetti-consent",
    "Task": "lahetti-submitted-task",
}
"""The profiles that the parts of a posted Bundle keep."""
STORIES = sorted((EXAMPLES / "stories").glob("*/*.json"))
OFFICIAL_TYPES = (
    "ServiceRequest",
    "Task",
    "Patient",
    "Consent",
    "Organization",
    "HealthcareService",
    "Endpoint",
    "Provenance",
    "AuditEvent",
)


def whole_examples() -> dict[str, dict[str, Any]]:
    """Every valid example as it is committed, by its path inside `examples`."""
    return {
        path.relative_to(EXAMPLES).as_posix(): json.loads(path.read_text()) for path in [*VALID, *STORIES]
    }


@cache
def profiled() -> Mapping[str, tuple[dict[str, Any], ...]]:
    """By profile, all example resources that show it; those of a Bundle with references as a server would
    have them, so that each stands alone."""
    found: dict[str, list[dict[str, Any]]] = {}
    for document in whole_examples().values():
        for profile, resource in _parts(document):
            found.setdefault(profile, []).append(resource)
    for path in sorted((ROOT / "counties").glob("*/directory/*.json")):
        for profile, resource in _directory(json.loads(path.read_text())):
            found.setdefault(profile, []).append(resource)
    return {profile: tuple(resources) for profile, resources in found.items()}


def official_examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """(file name, resource) of R4's own examples of the types that we use."""
    with tarfile.open(Path(os.environ["LAHETTI_R4_EXAMPLES"])) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            if name.endswith(".json") and name.split("-")[0] in OFFICIAL_TYPES:
                content = archive.extractfile(member)
                assert content is not None
                yield name, json.loads(content.read())


def _parts(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if document["resourceType"] != "Bundle":
        yield document["meta"]["profile"][0].rpartition("/")[2], document
        return
    urls = {
        entry["fullUrl"]: f"{entry['resource']['resourceType']}/part-{index}"
        for index, entry in enumerate(document["entry"])
    }
    for entry in document["entry"]:
        if profile := POSTED.get(entry["resource"]["resourceType"]):
            yield profile, _pointing(entry["resource"], urls)


def _pointing(value: Any, urls: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: urls.get(part, part)
            if key == "reference" and isinstance(part, str)
            else _pointing(part, urls)
            for key, part in value.items()
        }
    return [_pointing(part, urls) for part in value] if isinstance(value, list) else value


def _directory(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    profiles = {
        "Organization": "lahetti-organization",
        "HealthcareService": "lahetti-healthcare-service",
        "Endpoint": "lahetti-endpoint",
    }
    for entry in document.get("entry", ()):
        if profile := profiles.get(entry["resource"]["resourceType"]):
            yield profile, entry["resource"]
