"""Which committed examples show a profile kept, and which show it broken and the refusal they get."""

import json
import re
from collections.abc import Iterator
from typing import Any

from folder import CLONE, PROFILES

_EXAMPLES = PROFILES / "examples"
_POSTED = {
    "lahetti-service-request": "ServiceRequest",
    "lahetti-patient": "Patient",
    "lahetti-consent": "Consent",
    "lahetti-submitted-task": "Task",
}
_DIRECTORY = {
    "lahetti-organization": "Organization",
    "lahetti-healthcare-service": "HealthcareService",
    "lahetti-endpoint": "Endpoint",
}


def valid(profile: str) -> list[str]:
    """Paths inside the clone of the files that hold a resource of the profile `profile` (its id)."""
    stories = sorted((_EXAMPLES / "stories").glob("*/*.json"))
    held = [file for file in stories if _says(json.loads(file.read_text()), profile)]
    if profile in _POSTED:
        files, kind = [*sorted((_EXAMPLES / "valid").glob("*.json")), *stories], _POSTED[profile]
        held += [file for file in files if kind in _parts(json.loads(file.read_text()))]
    elif profile in _DIRECTORY:
        files, kind = sorted((CLONE / "counties").glob("*/directory/*.json")), _DIRECTORY[profile]
        held += [file for file in files if kind in _parts(json.loads(file.read_text()))]
    return [file.relative_to(CLONE).as_posix() for file in held]


def invalid(profile: str) -> Iterator[tuple[str, str, str]]:
    """(file name, where in the resource, slug of the refusal) of each single-fault example."""
    kind = _POSTED.get(profile)
    for name, fault in sorted(json.loads((_EXAMPLES / "faults.json").read_text()).items()):
        place = re.match(r"Bundle\.entry\[(\d+)\]\.resource(?:\.(.+))?$", fault["expression"] or "")
        if kind is None or place is None:
            continue
        bundle = json.loads((_EXAMPLES / "invalid" / name).read_text())
        resource = bundle["entry"][int(place[1])]["resource"]
        if resource["resourceType"] == kind:
            yield name, f"`{kind}{'.' + place[2] if place[2] else ''}`", f"`{fault['slug']}`"


def _says(document: dict[str, Any], profile: str) -> bool:
    named = document.get("meta", {}).get("profile", ())
    return any(url.rpartition("/")[2] == profile for url in named)


def _parts(document: dict[str, Any]) -> set[str]:
    """The types of the resources in a Bundle; none for another resource."""
    return {entry["resource"]["resourceType"] for entry in document.get("entry", ())}
