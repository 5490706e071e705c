"""The one entry point of validation."""

from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any

from referral_contracts.errors import Issue
from referral_contracts.fhir.validation.findings import EnoughError, Findings
from referral_contracts.fhir.validation.keeping import Keeping
from referral_contracts.fhir.validation.nodes import Profile, profile_of
from referral_contracts.fhir.validation.scope import Found, Resource, Scope, scope_of
from referral_contracts.fhir.validation.shapes import shape_named
from referral_contracts.fhir.validation.walk import Walk
from referral_contracts.systems import CANONICAL

_PROFILE = f"{CANONICAL}/StructureDefinition/lahetti-"
SUBMITTED: Mapping[str, str] = {
    "ServiceRequest": f"{_PROFILE}service-request",
    "Patient": f"{_PROFILE}patient",
    "Consent": f"{_PROFILE}consent",
    "Task": f"{_PROFILE}submitted-task",
}
"""The profile of each type that a record system posts."""
PROFILES: Mapping[str, str] = {
    **SUBMITTED,
    "Task": f"{_PROFILE}task",
    "Organization": f"{_PROFILE}organization",
    "HealthcareService": f"{_PROFILE}healthcare-service",
    "Endpoint": f"{_PROFILE}endpoint",
    "Provenance": f"{_PROFILE}routing-provenance",
    "AuditEvent": f"{_PROFILE}audit-event",
}
"""The profile of each type as it is kept here."""
_NONE: Mapping[str, str] = {}


def validate(
    resource: Resource,
    profile: str | None = None,
    *,
    resource_type: str | None = None,
    entries: Mapping[str, str] = _NONE,
    path: str | None = None,
    judged: Container[str] = (),
) -> list[Issue]:
    """All that is wrong with `resource`, at most fifty issues; an empty list when it is sound.

    It is held against R4's definition of its type (of `resource_type`, where that is given), then against
    `profile`, a canonical address of ours; in a Bundle each entry is held against the profile that `entries`
    has for its type. References are resolved inside the document, and a target must keep its profile too.
    Whether the code systems in `judged` have a code is left to the caller, which has more to say of it.

    Each issue has a slug and, as its expression, the FHIRPath of the place, which starts at `path` (the
    type's name unless given). No issue holds a value of the resource; an unknown element is named only where
    its name looks like one. Raises LookupError for a `profile` that is not ours.
    """
    findings = Findings()
    whole = None if profile is None else _known(profile)
    expected = resource_type or (whole.type_name if whole else None)
    start = path or expected or _type_of(resource)
    with suppress(EnoughError):
        _Validation(findings, entries, judged).run(resource, start, expected, whole)
        findings.settle()
    return findings.issues


class _Validation:
    """Walks by R4, then keeps every profile that is asked of a resource, each once."""

    def __init__(self, findings: Findings, entries: Mapping[str, str], judged: Container[str]) -> None:
        self._walk = Walk(findings, self._extension, self._entry, judged)
        self._keeping = Keeping(findings, self._target)
        self._findings = findings
        self._entries = entries
        self._asked: list[tuple[Resource, Profile, Scope]] = []
        self._known: set[tuple[int, str]] = set()

    def run(self, resource: Resource, path: str, expected: str | None, profile: Profile | None) -> None:
        """Do it all; findings are the result. Raises EnoughError when they are full."""
        self._walk.resource(resource, path, expected)
        if profile is not None and shape_named(_type_of(resource)) is not None:
            self._ask(resource, profile, scope_of(resource, path, None))
        for (
            asked,
            wanted,
            scope,
        ) in self._asked:  # grows while it is walked: a target may have its own targets
            if asked.get("resourceType") == wanted.type_name:
                self._keeping.keep(asked, wanted, scope.path, scope)

    def _entry(self, resource: Resource, scope: Scope) -> None:
        profile = self._entries.get(resource["resourceType"])
        if profile is not None:
            self._ask(resource, _known(profile), scope)

    def _target(self, found: Found, profile: str, scope: Scope) -> None:
        if found.resource is not None:
            inside = found.path.startswith(f"{scope.root_path}.contained[")
            root, place = (scope.root, scope.root_path) if inside else (found.resource, found.path)
            around = Scope(found.resource, found.path, root, place, scope.entries)
            self._ask(found.resource, _known(profile), around)

    def _ask(self, resource: Resource, profile: Profile, scope: Scope) -> None:
        asked = (id(resource), profile.url)
        if asked not in self._known:
            self._known.add(asked)
            self._asked.append((resource, profile, scope))

    def _extension(self, value: Resource, path: str, holder: str, scope: Scope) -> bool:
        url = value.get("url")
        profile = profile_of(url) if isinstance(url, str) else None
        if profile is None or profile.type_name != "Extension":
            return False
        if not profile.context & {holder, "Element", _element_at(path, scope)}:
            self._findings.add("misplaced-extension", path, allowed=", ".join(sorted(profile.context)))
        self._keeping.keep(value, profile, path, scope)
        return True


def _known(url: str) -> Profile:
    profile = profile_of(url)
    if profile is None:
        raise LookupError(url)
    return profile


def _type_of(resource: Any) -> str:
    """The type that a resource says; `Resource` where that is none of R4's."""
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    return name if isinstance(name, str) and shape_named(name) is not None else "Resource"


def _element_at(path: str, scope: Scope) -> str:
    """The path of the element that holds the extension at `path`, as definitions write it
    (`Task.statusReason`)."""
    inside = path.removeprefix(scope.path).rpartition(".")[0]
    steps = [step.partition("[")[0] for step in inside.split(".") if step]
    return ".".join([scope.resource["resourceType"], *steps])
