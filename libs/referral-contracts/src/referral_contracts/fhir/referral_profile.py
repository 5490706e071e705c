"""What makes a transaction one referral: which parts it has, that they speak of one another, and permission.

What each part must hold is asked by its profile (`validation`); what depends on a county (its pathways,
municipalities and services) is the gateway's to check.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_contracts.errors import Issue
from referral_contracts.fhir import consents, patients, service_requests

ACCEPTED_TYPES = frozenset(
    {
        "Patient",
        "Consent",
        "ServiceRequest",
        "Task",
        "PractitionerRole",
        "Practitioner",
        "Organization",
        "RelatedPerson",
        "Observation",
        "RiskAssessment",
    }
)
"""What may be an entry of a referral's transaction."""
_ONCE = ("ServiceRequest", "Patient", "Consent", "Task")
_NEEDED = ("ServiceRequest", "Patient")
_CONDITIONS = ("ifMatch", "ifNoneMatch", "ifModifiedSince")
"""Of entries that make something these say nothing; whoever sends one expects what would not happen."""


@dataclass(frozen=True, slots=True)
class Part:
    """An entry of the Bundle. `url` is its fullUrl."""

    index: int
    resource: dict[str, Any]
    url: str

    @property
    def path(self) -> str:
        """The FHIRPath of the resource."""
        return f"Bundle.entry[{self.index}].resource"


@dataclass(frozen=True, slots=True)
class Referral:
    """The parts of a referral's Bundle. `consent` and `task` may be missing; `others` hold the rest."""

    request: Part
    patient: Part
    consent: Part | None
    task: Part | None
    others: tuple[Part, ...]


def form_issues(bundle: Mapping[str, Any]) -> list[Issue]:
    """What keeps a Bundle from being the transaction of one referral: its type, each entry's type, fullUrl
    and request, and how many there are of each part. Of what is not even R4 nothing is said."""
    issues: list[Issue] = []
    entries = bundle.get("entry", [])
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries, list):
        return issues
    if isinstance(bundle.get("type"), str) and bundle["type"] != "transaction":
        issues.append(Issue("invalid-value", ("Bundle.type",)))
    found: dict[str, int] = dict.fromkeys(_ONCE, 0)
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            return []
        issues += _entry_issues(entry, f"Bundle.entry[{index}]")
        if (name := _type_of(entry)) in found:
            found[name] += 1
            if found[name] > 1:
                issues.append(Issue("wrong-cardinality", (f"Bundle.entry[{index}]",)))
    if any(found[name] == 0 for name in _NEEDED):
        issues.append(Issue("required-element", ("Bundle.entry",)))
    return issues


def none_exist(bundle: Mapping[str, Any]) -> str | None:
    """The `ifNoneExist` of the referral's own entry in a Bundle of sound form; no other may have one."""
    found = (entry["request"].get("ifNoneExist") for entry in bundle["entry"])
    return next((one for one in found if one is not None), None)


def find_parts(bundle: Mapping[str, Any]) -> Referral:
    """The parts of a sound Bundle that has the form of a referral."""
    parts = [Part(index, one["resource"], one["fullUrl"]) for index, one in enumerate(bundle["entry"])]
    once = {part.resource["resourceType"]: part for part in parts if part.resource["resourceType"] in _ONCE}
    rest = tuple(part for part in parts if part.resource["resourceType"] not in _ONCE)
    return Referral(once["ServiceRequest"], once["Patient"], once.get("Consent"), once.get("Task"), rest)


def agreement_issues(referral: Referral, bundle: Mapping[str, Any]) -> list[Issue]:
    """Where the parts, each sound, do not speak of one another."""
    request, path = referral.request.resource, referral.request.path
    issues: list[Issue] = []
    if request["subject"].get("reference") != referral.patient.url:
        issues.append(Issue("invalid-value", (f"{path}.subject",)))
    shown = service_requests.requester(request, bundle)
    if not (shown.name or shown.unit):
        issues.append(Issue("required-element", (f"{path}.requester.display",)))
    if (consent := referral.consent) is not None:
        if consent.url not in {info.get("reference") for info in request.get("supportingInfo", [])}:
            issues.append(Issue("consent-missing", (f"{path}.supportingInfo",)))
        if consent.resource["patient"].get("reference") != referral.patient.url:
            issues.append(Issue("invalid-value", (f"{consent.path}.patient",)))
    if (task := referral.task) is not None and task.resource["focus"].get(
        "reference"
    ) != referral.request.url:
        issues.append(Issue("invalid-value", (f"{task.path}.focus",)))
    return issues


def permission_issues(referral: Referral, at: datetime) -> list[Issue]:
    """Why the client's permission, sound as it is, lets nothing go anywhere at the aware time `at` (D2)."""
    consent = referral.consent
    if consent is None:
        return [Issue("consent-missing", (f"{referral.request.path}.supportingInfo",))]
    if not consents.is_active(consent.resource, at):
        return [Issue("consent-inactive", (consent.path,))]
    if not consents.recipients(consent.resource, at):
        return [Issue("consent-names-nobody", (f"{consent.path}.provision.provision",))]
    return []


def is_test(referral: Referral) -> bool:
    """A referral is a test if any of its documents says so: in doubt it reaches nobody who is real."""
    return any(patients.is_test(part.resource) for part in _parts(referral))


def is_protected(referral: Referral) -> bool:
    """A referral is a protected person's if any of its documents says so: in doubt it is."""
    return any(patients.is_protected(part.resource) for part in _parts(referral))


def _parts(referral: Referral) -> Iterator[Part]:
    known = (referral.request, referral.patient, referral.consent, referral.task, *referral.others)
    return (part for part in known if part is not None)


def _entry_issues(entry: Mapping[str, Any], place: str) -> Iterator[Issue]:
    request, name = entry.get("request"), _type_of(entry)
    if entry.get("resource") is None:
        yield Issue("required-element", (f"{place}.resource",))
    if name is not None and name not in ACCEPTED_TYPES:
        yield Issue("unknown-resource-type", (f"{place}.resource",))
    if "fullUrl" not in entry:
        yield Issue("required-element", (f"{place}.fullUrl",))
    if request is None:
        yield Issue("required-element", (f"{place}.request",))
    elif isinstance(request, dict) and isinstance(method := request.get("method"), str):
        if method not in ({"POST", "PUT"} if name == "Task" else {"POST"}):
            yield Issue("invalid-value", (f"{place}.request.method",))
        elif method == "POST" and request.get("url") != name:
            yield Issue("invalid-value", (f"{place}.request.url",))
        if len(request) > 2:
            unheeded = _CONDITIONS if name == "ServiceRequest" else (*_CONDITIONS, "ifNoneExist")
            yield from (
                Issue("condition-unheeded", (f"{place}.request.{one}",)) for one in unheeded if one in request
            )


def _type_of(entry: Mapping[str, Any]) -> str | None:
    resource = entry.get("resource")
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    return name if isinstance(name, str) else None
