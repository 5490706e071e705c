"""Reads from a referral's documents what a county's rules ask for; what is not said stays unknown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from referral_contracts import systems
from referral_contracts.fhir import patients, service_requests

from referral_gateway.domain.rules import Facts, Referrer, Risk

Resource = Mapping[str, Any]

_RISKS: tuple[Risk, ...] = ("low", "moderate", "high")
_SPOKEN_AS: Mapping[str, Risk] = {"negligible": "low", "certain": "high"}
EHR = "ehr"


def facts_of(request: Resource, patient: Resource, others: Sequence[Resource], on: date) -> Facts:
    """The facts of a referral on that day. `others` are the documents beside it, as they are served.

    The risk is the highest that a RiskAssessment of the request's `supportingInfo` predicts.
    """
    return Facts(
        age=patients.age_on(patient, on),
        reasons=frozenset(service_requests.reasons(request)),
        municipality=patients.municipality(patient),
        risk=_risk(_supporting(request, others)),
        physiotherapist=_extension(request, systems.NEEDS_PHYSIOTHERAPIST_EXTENSION, "valueBoolean"),
        diagnoses=_extension(request, systems.HAS_DIAGNOSES_EXTENSION, "valueBoolean"),
        target_groups=frozenset(_extensions(request, systems.TARGET_GROUP_EXTENSION, "valueCode")),
    )


def referrer_of(request: Resource, others: Sequence[Resource]) -> Referrer:
    """Who made the referral: from its PractitionerRole or Organization, or the identifier it gives."""
    reference = request.get("requester", {})
    known = _known(request, others)
    role = known.get(reference.get("reference", ""), {})
    unit = reference if not role else role if role["resourceType"] == "Organization" else None
    unit = role.get("organization", {}) if unit is None else unit
    named = known.get(unit.get("reference", ""), unit)
    return Referrer(
        professions=frozenset(_codes(role.get("code", []), systems.PROFESSION)),
        units=frozenset(one["value"] for one in _identifiers(named) if "value" in one),
        channel=_extension(request, systems.CHANNEL_EXTENSION, "valueCode") or EHR,
    )


def override_of(request: Resource) -> str | None:
    """The kind of service that the professional asks for against the rule, if they do."""
    concept = _extension(request, systems.ROUTING_OVERRIDE_EXTENSION, "valueCodeableConcept")
    return next(iter(_codes([concept] if concept else [], systems.SERVICE_TYPE)), None)


def _supporting(request: Resource, others: Sequence[Resource]) -> Iterable[Resource]:
    known = _known(request, others)
    for info in request.get("supportingInfo", []):
        resource = known.get(info.get("reference", ""))
        if resource is not None and resource["resourceType"] == "RiskAssessment":
            yield resource


def _known(request: Resource, others: Sequence[Resource]) -> dict[str, Resource]:
    known = {f"{one['resourceType']}/{one.get('id')}": one for one in others}
    return known | {f"#{one.get('id')}": one for one in request.get("contained", [])}


def _risk(assessments: Iterable[Resource]) -> Risk | None:
    codes = [
        _SPOKEN_AS.get(code, code)
        for assessment in assessments
        for prediction in assessment.get("prediction", [])
        for code in _codes([prediction.get("qualitativeRisk", {})], systems.RISK_PROBABILITY)
    ]
    return next((risk for risk in reversed(_RISKS) if risk in codes), None)


def _extension(resource: Resource, url: str, value: str) -> Any:
    return next(iter(_extensions(resource, url, value)), None)


def _extensions(resource: Resource, url: str, value: str) -> list[Any]:
    return [one[value] for one in resource.get("extension", []) if one.get("url") == url and value in one]


def _identifiers(holder: Resource) -> list[Any]:
    """A Reference has one identifier, a resource a list of them."""
    given = holder.get("identifier", [])
    return given if isinstance(given, list) else [given]


def _codes(concepts: Iterable[Resource], system: str) -> list[str]:
    return [
        coding["code"]
        for concept in concepts
        for coding in concept.get("coding", [])
        if coding.get("system") == system and "code" in coding
    ]
