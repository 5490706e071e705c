"""What a professional says in a referral for the county's rules, added to a Bundle that has none of it."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from referral_contracts import systems

_PERCENT = {"negligible": 0.5, "low": 1, "moderate": 10, "high": 33, "certain": 100}
"""Made up. R4's rule ras-2 holds only where a probability is given."""


def with_facts(
    bundle: dict[str, Any],
    *,
    risk: str | None = None,
    physiotherapist: bool | None = None,
    diagnoses: bool | None = None,
    target_groups: Sequence[str] = (),
    profession: str | None = None,
    override: tuple[str, str] | None = None,
    born: str | None = "1978-05-14",
) -> dict[str, Any]:
    """`bundle`, changed. `risk` is a code of risk-probability, `profession` the referrer's, `override` a kind
    of service and why (empty: not said), `born` the client's birth date, None to say none."""
    by_type = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    request, patient = by_type["ServiceRequest"], by_type["Patient"]
    patient.pop("birthDate", None)
    patient |= {"birthDate": born} if born else {}
    request["extension"] += [
        {"url": url, "valueBoolean": said}
        for url, said in (
            (systems.NEEDS_PHYSIOTHERAPIST_EXTENSION, physiotherapist),
            (systems.HAS_DIAGNOSES_EXTENSION, diagnoses),
        )
        if said is not None
    ]
    request["extension"] += [
        {"url": systems.TARGET_GROUP_EXTENSION, "valueCode": one} for one in target_groups
    ]
    if override is not None:
        kind, why = override
        concept: dict[str, Any] = {"coding": [{"system": systems.SERVICE_TYPE, "code": kind}]}
        concept |= {"text": why} if why else {}
        request["extension"].append(
            {"url": systems.ROUTING_OVERRIDE_EXTENSION, "valueCodeableConcept": concept}
        )
    if profession is not None:
        by_type["PractitionerRole"]["code"] = [
            {"coding": [{"system": systems.PROFESSION, "code": profession}]}
        ]
    if risk is not None:
        _assess(bundle, request, risk)
    return bundle


def _assess(bundle: dict[str, Any], request: dict[str, Any], risk: str) -> None:
    url = f"urn:uuid:{uuid4()}"
    assessment = {
        "resourceType": "RiskAssessment",
        "status": "final",
        "subject": request["subject"],
        "prediction": [
            {
                "probabilityDecimal": _PERCENT[risk],
                "qualitativeRisk": {"coding": [{"system": systems.RISK_PROBABILITY, "code": risk}]},
            }
        ],
    }
    request["supportingInfo"].append({"reference": url})
    bundle["entry"].append(
        {"fullUrl": url, "resource": assessment, "request": {"method": "POST", "url": "RiskAssessment"}}
    )
