"""What Lähetti asks of a referral beyond R4's own structure (fhir.md, "ServiceRequest (referral)").

Works on a Bundle that `reading.check` found sound. What depends on a county (its pathways, municipalities
and services) is the gateway's to check.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_contracts import systems
from referral_contracts.errors import Issue
from referral_contracts.fhir import consents, hetu, patients, service_requests
from referral_contracts.fhir.references import all_references, entries_by_url

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


@dataclass(frozen=True, slots=True)
class Part:
    """An entry of the Bundle. `url` is its fullUrl."""

    index: int
    resource: dict[str, Any]
    url: str | None

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


def find_parts(bundle: Mapping[str, Any]) -> tuple[Referral | None, list[Issue]]:
    """The parts of the transaction `bundle`, or None and what keeps it from being one referral."""
    issues: list[Issue] = []
    if bundle.get("type") != "transaction":
        issues.append(Issue("invalid-value", ("Bundle.type",)))
    by_type: dict[str, list[Part]] = {}
    urls: set[str] = set()
    for index, entry in enumerate(bundle.get("entry", [])):
        resource = entry.get("resource")
        if resource is None:
            issues.append(Issue("required-element", (f"Bundle.entry[{index}].resource",)))
            continue
        part = Part(index, resource, entry.get("fullUrl"))
        by_type.setdefault(resource["resourceType"], []).append(part)
        issues += _entry_issues(part, entry)
        if part.url in urls:
            issues.append(Issue("invalid-value", (f"Bundle.entry[{index}].fullUrl",)))
        urls.add(part.url or "")
    one = {name: _single(by_type, name, issues) for name in ("ServiceRequest", "Patient", "Consent", "Task")}
    request, patient = one["ServiceRequest"], one["Patient"]
    if issues or request is None or patient is None:
        return None, issues
    rest = tuple(part for name, parts in by_type.items() if name not in one for part in parts)
    return Referral(request, patient, one["Consent"], one["Task"], rest), []


def profile_issues(referral: Referral, bundle: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with the referral's content, permission and county data aside."""
    return [
        *_dangling(referral, bundle),
        *_request_issues(referral, bundle),
        *_patient_issues(referral),
        *(_task_issues(referral.task, referral) if referral.task else ()),
    ]


def permission_issues(referral: Referral, at: datetime) -> list[Issue]:
    """Why the client's permission does not let the referral go anywhere at the aware time `at` (D2)."""
    consent = referral.consent
    if consent is None:
        return [Issue("consent-missing", (f"{referral.request.path}.supportingInfo",))]
    issues = list(_consent_issues(consent, referral.patient))
    if issues:
        return issues
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


def _entry_issues(part: Part, entry: Mapping[str, Any]) -> Iterator[Issue]:
    name = part.resource["resourceType"]
    place = f"Bundle.entry[{part.index}]"
    if name not in ACCEPTED_TYPES:
        yield Issue("unknown-resource-type", (part.path,))
    if part.url is None:
        yield Issue("required-element", (f"{place}.fullUrl",))
    request = entry.get("request")
    if request is None:
        yield Issue("required-element", (f"{place}.request",))
    elif request["method"] not in ({"POST", "PUT"} if name == "Task" else {"POST"}):
        yield Issue("invalid-value", (f"{place}.request.method",))
    elif request["method"] == "POST" and request["url"] != name:
        yield Issue("invalid-value", (f"{place}.request.url",))


def _single(by_type: Mapping[str, list[Part]], name: str, issues: list[Issue]) -> Part | None:
    parts = by_type.get(name, [])
    if not parts and name in {"ServiceRequest", "Patient"}:
        issues.append(Issue("required-element", ("Bundle.entry",)))
    issues.extend(Issue("wrong-cardinality", (f"Bundle.entry[{extra.index}]",)) for extra in parts[1:])
    return parts[0] if parts else None


def _dangling(referral: Referral, bundle: Mapping[str, Any]) -> Iterator[Issue]:
    """References that promise an entry or a contained resource and point to none."""
    urls = entries_by_url(bundle)
    parts = [referral.request, referral.patient, referral.consent, referral.task, *referral.others]
    for part in parts:
        if part is None:
            continue
        contained = {f"#{one.get('id')}" for one in part.resource.get("contained", [])}
        for expression, reference in all_references(part.resource, part.path):
            if (reference.startswith("urn:") and reference not in urls) or (
                reference.startswith("#") and reference != "#" and reference not in contained
            ):
                yield Issue("dangling-reference", (expression,))


def _request_issues(referral: Referral, bundle: Mapping[str, Any]) -> Iterator[Issue]:
    request, path = referral.request.resource, referral.request.path
    if request["status"] != "active":
        yield Issue("not-an-order", (f"{path}.status",))
    if request["intent"] != "order":
        yield Issue("not-an-order", (f"{path}.intent",))
    for name in ("authoredOn", "reasonCode", "requester", "code"):
        if name not in request:
            yield Issue("required-element", (f"{path}.{name}",))
    if service_requests.identifier(request) is None:
        yield Issue("required-element", (f"{path}.identifier",))
    if len(service_requests.pathways(request)) != 1:
        yield Issue(
            "wrong-cardinality" if service_requests.pathways(request) else "required-element",
            (f"{path}.category",),
        )
    if request.get("priority", "routine") not in {"routine", "urgent"}:
        yield Issue("unknown-code", (f"{path}.priority",))
    if request["subject"].get("reference") != referral.patient.url:
        yield Issue("invalid-value", (f"{path}.subject",))
    yield from _performer_issues(request, path)
    yield from _requester_issues(request, path, bundle)
    if referral.consent is not None and referral.consent.url not in {
        info.get("reference") for info in request.get("supportingInfo", [])
    }:
        yield Issue("consent-missing", (f"{path}.supportingInfo",))


def _performer_issues(request: Mapping[str, Any], path: str) -> Iterator[Issue]:
    performers = request.get("performer", [])
    if len(performers) > 1:
        yield Issue("wrong-cardinality", (f"{path}.performer",))
    elif performers and service_requests.chosen_service(request) is None:
        yield Issue("invalid-value", (f"{path}.performer[0]",))


def _requester_issues(request: Mapping[str, Any], path: str, bundle: Mapping[str, Any]) -> Iterator[Issue]:
    """The provider must see who referred, and their number where it is not a logical reference (D21)."""
    given = request.get("requester")
    if given is None:
        return
    shown = service_requests.requester(request, bundle)
    if not (shown.name or shown.unit):
        yield Issue("required-element", (f"{path}.requester.display",))
    if "reference" not in given and "identifier" not in given:
        yield Issue("required-element", (f"{path}.requester.identifier",))


def _patient_issues(referral: Referral) -> Iterator[Issue]:
    patient, path = referral.patient.resource, referral.patient.path
    if not patients.display_name(patient):
        yield Issue("required-element", (f"{path}.name",))
    if not patients.phones(patient) and not patients.contacts(patient):
        yield Issue("phone-required", (f"{path}.telecom",))
    for index, identifier in enumerate(patient.get("identifier", [])):
        if identifier.get("system") == systems.HETU and not hetu.is_valid(identifier.get("value", "")):
            yield Issue("invalid-value", (f"{path}.identifier[{index}].value",))


def _consent_issues(consent: Part, patient: Part) -> Iterator[Issue]:
    """Permission in the one shape that is read: an opt-in of the client's, for disclosing information."""
    resource, path = consent.resource, consent.path
    if not _has(resource.get("scope", {}), systems.CONSENT_SCOPE, "patient-privacy"):
        yield Issue("unknown-code", (f"{path}.scope",))
    if not any(_has(category, systems.ACT_CODE, "IDSCL") for category in resource.get("category", [])):
        yield Issue("unknown-code", (f"{path}.category",))
    if "policyRule" not in resource:
        yield Issue("required-element", (f"{path}.policyRule",))
    elif not _has(resource["policyRule"], systems.ACT_CODE, "OPTIN"):
        yield Issue("unknown-code", (f"{path}.policyRule",))
    for name in ("patient", "dateTime", "performer", "provision"):
        if name not in resource:
            yield Issue("required-element", (f"{path}.{name}",))
    if "patient" in resource and resource["patient"].get("reference") != patient.url:
        yield Issue("invalid-value", (f"{path}.patient",))


def _task_issues(task: Part, referral: Referral) -> Iterator[Issue]:
    """Task A as its EHR made it: requested, to fulfil this request."""
    resource, path = task.resource, task.path
    if resource["status"] != "requested":
        yield Issue("invalid-value", (f"{path}.status",))
    if not _has(resource.get("code", {}), systems.TASK_CODE, "fulfill"):
        yield Issue("unknown-code", (f"{path}.code",))
    if resource.get("focus", {}).get("reference") != referral.request.url:
        yield Issue("invalid-value", (f"{path}.focus",))


def _has(concept: Mapping[str, Any], system: str, code: str) -> bool:
    return any(
        coding.get("system") == system and coding.get("code") == code for coding in concept.get("coding", [])
    )
