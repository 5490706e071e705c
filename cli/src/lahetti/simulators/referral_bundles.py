"""The transaction Bundles that a patient record system posts. All people in them are invented."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from referral_contracts import systems
from referral_contracts.fhir.hetu import check_character

IDENTIFIER_SYSTEM = "https://ehr.example.org/referral-number"
EHR_UNIT = "https://ehr.example.org/unit"
ConsentChoice = Literal["both", "none", "no-return"]
ASKED_FOR = {
    "exercise": ("exercise-counselling", "Liikuntaneuvonta"),
    "wellbeing": ("wellbeing-activity", "Hyvinvointia edistävä toiminta"),
    "lifestyle": ("lifestyle-counselling", "Elintapaohjaus"),
    "rehabilitation": ("rehabilitation-service", "Kuntoutuspalvelu"),
}
"""The kind of service that a referral of each pathway asks for; the county's rules may lead to another."""
INSTRUCTIONS = {"exercise": "Liikuntaneuvoja soittaa sinulle. Neuvonta on maksutonta."}


def referral_bundle(
    *,
    identifier: str,
    municipality: str | None = "285",
    client_name: str = "Testinen, Aino Esimerkki",
    phone: str = "+358 40 000 0101",
    task_a_url: str | None = None,
    request_url: str | None = None,
    reasons: Sequence[str] = ("physical-inactivity",),
    other_reason: str | None = None,
    consent: ConsentChoice = "both",
    recipients: Sequence[str] = (),
    recipient_kinds: Sequence[str] = ("municipality", "association"),
    child: bool = False,
    performer: str | None = None,
    pathway: str = "exercise",
    priority: Literal["routine", "urgent"] = "routine",
    identifier_system: str = IDENTIFIER_SYSTEM,
    protected: bool = False,
    test: bool = False,
    interpreter: bool = False,
    hetu: bool = False,
    note: str = "Soita mieluiten arkisin kello 12 jälkeen.",
    at: datetime | None = None,
) -> dict[str, Any]:
    """A transaction Bundle of one referral: Patient, Consent, ServiceRequest, requester and, in mode
    `write`, Task A.

    `client_name` is "Family, Given Second". `phone` is the guardian's where `child` is set (a child of nine).
    `task_a_url` is the absolute URL of the EHR's own Task, `request_url` that of its own ServiceRequest;
    without them entries get fresh `urn:uuid`s. `reasons` are codes of the pathway's value set. `recipients`
    are provider ids that the permission names; without any it names `recipient_kinds`. `consent="none"`
    leaves the Consent out. `performer` is the id of the HealthcareService that the professional chose. `at`
    is when all was recorded.
    """
    now = (at or datetime.now(UTC)).replace(microsecond=0)
    urls = {name: f"urn:uuid:{uuid4()}" for name in ("patient", "consent", "request", "requester", "task")}
    urls |= {"request": request_url} if request_url else {}
    urls |= {"task": task_a_url} if task_a_url else {}
    patient = _patient(client_name, phone, municipality, now, child=child, interpreter=interpreter, hetu=hetu)
    request = _service_request(
        urls, now, identifier=(identifier_system, identifier), pathway=pathway, priority=priority, note=note
    )
    request["reasonCode"] = _reasons(reasons, other_reason)
    if performer:
        request["performer"] = [{"reference": f"HealthcareService/{performer}"}]
    entries = [("patient", patient)]
    if consent == "none":
        del request["supportingInfo"]
    else:
        actors = _named(recipients) or _kinds(recipient_kinds)
        rules = [_permit(actors, systems.DISCLOSURE)]
        if consent == "both":
            rules.append(_permit([{"reference": urls["requester"]}], systems.RETURN))
        entries.append(("consent", _consent(urls, now, rules, client_name, child=child)))
    entries += [("request", request), ("requester", _requester())]
    if task_a_url:
        entries.append(("task", _task(urls, now)))
    _label(entries, protected=protected, test=test)
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [_entry(urls[name], resource) for name, resource in entries],
    }


def _entry(url: str, resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "fullUrl": url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def _concept(system: str, code: str, display: str | None = None) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def _patient(
    client_name: str,
    phone: str,
    municipality: str | None,
    now: datetime,
    *,
    child: bool,
    interpreter: bool,
    hetu: bool,
) -> dict[str, Any]:
    family, _, given = client_name.partition(", ")
    born = f"{now.year - 10}-12-31" if child else "1978-05-14"
    telecom = [{"system": "phone", "value": phone, "use": "mobile"}]
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": family, "given": given.split() or ["Esimerkki"]}],
        "birthDate": born,
        "communication": [
            {"language": _concept("urn:ietf:bcp:47", "ar" if interpreter else "fi"), "preferred": True}
        ],
    }
    if hetu:
        patient["identifier"] = [{"system": systems.HETU, "value": _artificial_hetu(born)}]
    if child:
        patient["contact"] = [
            {
                "relationship": [_concept(systems.ROLE_CODE, "MTH", "mother")],
                "name": {"family": family, "given": ["Huoltaja"]},
                "telecom": telecom,
            }
        ]
    else:
        patient["telecom"] = telecom
    if municipality:
        code = {"system": systems.MUNICIPALITY_CODES, "code": municipality}
        patient["extension"] = [{"url": systems.MUNICIPALITY_EXTENSION, "valueCoding": code}]
    if interpreter:
        patient.setdefault("extension", []).append(
            {"url": systems.INTERPRETER_EXTENSION, "valueBoolean": True}
        )
    return patient


def _artificial_hetu(born: str) -> str:
    year, month, day = born.split("-")
    digits = day + month + year[2:]
    return f"{digits}{'-' if year < '2000' else 'A'}901{check_character(digits, '901')}"


def _consent(
    urls: Mapping[str, str], now: datetime, rules: list[dict[str, Any]], client_name: str, *, child: bool
) -> dict[str, Any]:
    giver = {"reference": "#guardian"} if child else {"reference": urls["patient"]}
    consent: dict[str, Any] = {
        "resourceType": "Consent",
        "status": "active",
        "scope": _concept(systems.CONSENT_SCOPE, "patient-privacy"),
        "category": [_concept(systems.ACT_CODE, "IDSCL")],
        "patient": {"reference": urls["patient"]},
        "dateTime": now.isoformat(),
        "performer": [giver],
        "organization": [
            {"identifier": {"system": EHR_UNIT, "value": "101"}, "display": "Esimerkin sote-keskus"}
        ],
        "policyRule": _concept(systems.ACT_CODE, "OPTIN"),
        "provision": {
            "period": {
                "start": (now - timedelta(minutes=1)).isoformat(),
                "end": (now + timedelta(days=365)).isoformat(),
            },
            "provision": rules,
        },
    }
    if child:
        guardian = {
            "resourceType": "RelatedPerson",
            "id": "guardian",
            "patient": {"reference": urls["patient"]},
            "relationship": [_concept(systems.ROLE_CODE, "MTH", "mother")],
            "name": [{"family": client_name.partition(",")[0], "given": ["Huoltaja"]}],
        }
        consent["contained"] = [guardian]
    return consent


def _named(recipients: Sequence[str]) -> list[dict[str, Any]]:
    return [{"reference": f"Organization/{provider}"} for provider in recipients]


def _kinds(kinds: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"type": "Organization", "identifier": {"system": systems.PROVIDER_KIND, "value": kind}}
        for kind in kinds
    ]


def _permit(actors: list[dict[str, Any]], purpose: str) -> dict[str, Any]:
    role = _concept(systems.PARTICIPATION_TYPE, "IRCP")
    return {
        "type": "permit",
        "actor": [{"role": role, "reference": actor} for actor in actors],
        "purpose": [{"system": systems.CONSENT_PURPOSE, "code": purpose}],
    }


def _service_request(
    urls: Mapping[str, str],
    now: datetime,
    *,
    identifier: tuple[str, str],
    pathway: str,
    priority: str,
    note: str,
) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "extension": [
            {"url": systems.INITIATIVE_EXTENSION, "valueCode": "professional"},
            {"url": systems.CHANNEL_EXTENSION, "valueCode": "ehr"},
        ],
        "identifier": [{"system": identifier[0], "value": identifier[1]}],
        "status": "active",
        "intent": "order",
        "category": [_concept(systems.PATHWAY, pathway)],
        "priority": priority,
        "code": _concept(systems.SERVICE_TYPE, *ASKED_FOR[pathway]),
        "subject": {"reference": urls["patient"]},
        "authoredOn": now.isoformat(),
        "requester": {"reference": urls["requester"]},
        "supportingInfo": [{"reference": urls["consent"]}],
        "note": [{"text": note}],
        "patientInstruction": INSTRUCTIONS.get(pathway, "Sinulle soitetaan. Palvelu on maksuton."),
    }


def _reasons(codes: Sequence[str], other: str | None) -> list[dict[str, Any]]:
    reasons = [_concept(systems.REFERRAL_REASON, code) for code in codes]
    if other is not None:
        reasons.append(_concept(systems.REFERRAL_REASON, "other") | {"text": other})
    return reasons


def _requester() -> dict[str, Any]:
    return {
        "resourceType": "PractitionerRole",
        "active": True,
        "practitioner": {"display": "Terveydenhoitaja Tarja Testaaja"},
        "organization": {
            "identifier": {"system": EHR_UNIT, "value": "101"},
            "display": "Esimerkin sote-keskus, avovastaanotto",
        },
        "telecom": [{"system": "phone", "value": "+358 5 000 0200", "use": "work"}],
    }


def _task(urls: Mapping[str, str], now: datetime) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": _concept(systems.TASK_CODE, "fulfill"),
        "focus": {"reference": urls["request"]},
        "for": {"reference": urls["patient"]},
        "authoredOn": now.isoformat(),
        "requester": {"reference": urls["requester"]},
    }


def _label(entries: Sequence[tuple[str, dict[str, Any]]], *, protected: bool, test: bool) -> None:
    for name, resource in entries:
        labels: list[dict[str, str]] = []
        if protected and name == "patient":
            labels.append({"system": systems.SECURITY_LABELS_FI, "code": systems.PROTECTED})
        if test and name in {"patient", "request"}:
            labels.append({"system": systems.ACT_REASON, "code": systems.TEST})
        if labels:
            resource["meta"] = {"security": labels}
