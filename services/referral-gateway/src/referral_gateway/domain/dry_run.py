"""What a dry run asks: the documents of a referral that is not made yet, from a Bundle or from Parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from referral_contracts import systems
from referral_contracts.errors import Issue, LahettiError, refuse
from referral_contracts.fhir import patients, reading, service_requests
from referral_contracts.fhir.referral_profile import find_parts, form_issues, is_test
from referral_contracts.fhir.validation import SUBMITTED, validate

from referral_gateway.domain.documents import Resource, unserved
from referral_gateway.domain.submission import PERMISSION

ID = "dry-run"
"""Stands for the id that a referral would get."""
_OLDEST = 130


@dataclass(frozen=True, slots=True)
class Asked:
    """The documents as they would be served; `consent` is None where the permission is not asked yet."""

    pathway: str
    request: Resource
    patient: Resource
    consent: Resource | None
    others: tuple[Resource, ...]
    test: bool = False

    @property
    def urgent(self) -> bool:
        """Whether it would go before what is not, where it waits in a line."""
        return service_requests.is_urgent(self.request)

    @property
    def protected(self) -> bool:
        """Whether the client is under turvakielto."""
        return patients.is_protected(self.patient)


def read_asked(raw: bytes, at: datetime, today: date) -> Asked:
    """What the body of `$route` asks. Raises LahettiError with every fault of it.

    A Bundle is the transaction that would be posted; its Consent may be missing. Parameters: `pathway`, and
    as far as known `reason`, `municipality`, `age` (full years on `today`), `risk`, `needs-physiotherapist`,
    `has-diagnoses`, `target-group`, `profession`, `channel`, `service`, `protected`.
    """
    body = reading.parse(raw)
    name = body.get("resourceType")
    if name not in {"Bundle", "Parameters"}:
        raise refuse("unknown-resource-type", "Bundle")
    if name == "Bundle":
        return _of_bundle(body, at)
    if issues := validate(body, resource_type="Parameters"):
        raise LahettiError(*issues)
    return _of_parameters(body, today)


def _of_bundle(bundle: Resource, at: datetime) -> Asked:
    if issues := form_issues(bundle):
        raise LahettiError(*issues)
    told = validate(bundle, resource_type="Bundle", entries=SUBMITTED)
    if issues := [issue for issue in told if issue.slug not in PERMISSION]:
        raise LahettiError(*issues)
    referral = find_parts(bundle)
    named = service_requests.pathways(referral.request.resource)
    request, patient, consent, others = unserved(referral, ID, at)
    return Asked(named[0], request, patient, consent, others, is_test(referral))


@dataclass(frozen=True, slots=True)
class _Parameter:
    """How one is given, and what it adds to the documents."""

    value: str
    add: Callable[["_Draft", Any], None]
    many: bool = False


class _Draft:
    """The documents while the parameters are read."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.pathway: str | None = None
        self.request: Resource = {
            "resourceType": "ServiceRequest",
            "requester": {"reference": f"PractitionerRole/{ID}"},
            "supportingInfo": [{"reference": f"RiskAssessment/{ID}"}],
            "reasonCode": [],
            "extension": [],
        }
        self.patient: Resource = {"resourceType": "Patient"}
        self.role: Resource = {"resourceType": "PractitionerRole", "id": ID}
        self.risk: Resource = {"resourceType": "RiskAssessment", "id": ID}

    def extend(self, url: str, name: str, value: Any) -> None:
        self.request["extension"].append({"url": url, name: value})


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _pathway(draft: _Draft, code: str) -> None:
    draft.pathway = code


def _reason(draft: _Draft, code: str) -> None:
    draft.request["reasonCode"].append(_concept(systems.REFERRAL_REASON, code))


def _municipality(draft: _Draft, code: str) -> None:
    coding = {"system": systems.MUNICIPALITY_CODES, "code": code}
    draft.patient["extension"] = [{"url": systems.MUNICIPALITY_EXTENSION, "valueCoding": coding}]


def _age(draft: _Draft, years: int) -> None:
    if not 0 <= years <= _OLDEST:
        raise refuse("invalid-value", "Parameters.parameter")
    # Born on the first day of the year: so old on every day of this one.
    draft.patient["birthDate"] = f"{draft.today.year - years}-01-01"


def _risk(draft: _Draft, code: str) -> None:
    draft.risk["prediction"] = [{"qualitativeRisk": _concept(systems.RISK_PROBABILITY, code)}]


def _profession(draft: _Draft, code: str) -> None:
    draft.role["code"] = [_concept(systems.PROFESSION, code)]


def _service(draft: _Draft, name: str) -> None:
    draft.request["performer"] = [{"reference": f"HealthcareService/{name}"}]


def _protected(draft: _Draft, is_so: bool) -> None:
    label = {"system": systems.SECURITY_LABELS_FI, "code": systems.PROTECTED}
    draft.patient["meta"] = {"security": [label] if is_so else []}


def _extension(url: str, name: str) -> Callable[[_Draft, Any], None]:
    return lambda draft, value: draft.extend(url, name, value)


PARAMETERS: Mapping[str, _Parameter] = {
    "pathway": _Parameter("valueCode", _pathway),
    "reason": _Parameter("valueCode", _reason, many=True),
    "municipality": _Parameter("valueCode", _municipality),
    "age": _Parameter("valueInteger", _age),
    "risk": _Parameter("valueCode", _risk),
    "needs-physiotherapist": _Parameter(
        "valueBoolean", _extension(systems.NEEDS_PHYSIOTHERAPIST_EXTENSION, "valueBoolean")
    ),
    "has-diagnoses": _Parameter("valueBoolean", _extension(systems.HAS_DIAGNOSES_EXTENSION, "valueBoolean")),
    "target-group": _Parameter(
        "valueCode", _extension(systems.TARGET_GROUP_EXTENSION, "valueCode"), many=True
    ),
    "profession": _Parameter("valueCode", _profession),
    "channel": _Parameter("valueCode", _extension(systems.CHANNEL_EXTENSION, "valueCode")),
    "service": _Parameter("valueCode", _service),
    "protected": _Parameter("valueBoolean", _protected),
}
"""What may be asked by Parameters; the OperationDefinition lists the same."""


def _of_parameters(body: Resource, today: date) -> Asked:
    draft, seen, issues = _Draft(today), set[str](), list[Issue]()
    for index, one in enumerate(body.get("parameter", [])):
        place, known = f"Parameters.parameter[{index}]", PARAMETERS.get(one["name"])
        if known is None:
            issues.append(Issue("unknown-element", (f"{place}.name",)))
        elif known.value not in one:
            issues.append(Issue("required-element", (f"{place}.{known.value}",)))
        elif one["name"] in seen and not known.many:
            issues.append(Issue("wrong-cardinality", (place,)))
        else:
            seen.add(one["name"])
            known.add(draft, one[known.value])
    if draft.pathway is None and not issues:
        issues.append(Issue("required-element", ("Parameters.parameter.where(name='pathway')",)))
    if issues or draft.pathway is None:
        raise LahettiError(*issues)
    return Asked(draft.pathway, draft.request, draft.patient, None, (draft.role, draft.risk))
