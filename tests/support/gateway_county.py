"""A small county for the gateway's tests: two towns, three providers, two patient record systems."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import orjson

EHR, OTHER_EHR = "ehr-writing", "ehr-polling"
EHR_BASE = "https://ehr.example.org/fhir"
KOTKA, HAMINA = "285", "075"


def county_files(
    *,
    numbers: Mapping[str, int] | None = None,
    protected: Sequence[str] = ("kotka",),
    backup: bool = True,
    kinds: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """A small county: exercise counselling in Kotka and Hamina, and an association that serves all.

    `numbers` gives a party a number a year; `backup=False` leaves the association's agreement out.
    `kinds` says what kind of service a provider's is.
    """
    numbers = numbers or {}
    parties = [
        ("kotka", [KOTKA], "exercise"),
        ("hamina", [HAMINA], "exercise"),
        ("liikkujat", "all", "backup"),
    ]
    files = {
        "county.yaml": _json(
            {
                "id": "esimerkki",
                "names": _texts("Esimerkkialue"),
                "municipalities": [
                    {"code": KOTKA, "names": _texts("Kotka")},
                    {"code": HAMINA, "names": _texts("Hamina")},
                ],
            }
        ),
        "clients.yaml": _json(
            {
                "clients": [
                    {"id": EHR, "name": "Kirjoittava", "mode": "write", "base": EHR_BASE},
                    {"id": OTHER_EHR, "name": "Lukeva", "mode": "poll"},
                ]
            }
        ),
        "pathways/exercise.yaml": _json(_pathway()),
    }
    for number, agreement in enumerate(("exercise", "backup")):
        if agreement == "backup" and not backup:
            continue
        files[f"agreements/{agreement}.yaml"] = _json(
            {
                "id": agreement,
                "pathway": "exercise",
                "valid": {"from": "2023-09-01"},
                "priority": 10 * (number + 1),
                "parties": [
                    _party(provider, served, numbers.get(provider))
                    for provider, served, owner in parties
                    if owner == agreement
                ],
            }
        )
    for provider, _, _ in parties:
        files[f"directory/{provider}.json"] = _json(
            _directory(provider, able=provider in protected, kind=(kinds or {}).get(provider))
        )
    return files


def with_courses(files: dict[str, str], *places: int, starts: str = "2026-04-01") -> dict[str, str]:
    """`files`, whose party in Kotka gives courses with so many places: `course-1` first, each a day later
    than the one before it."""
    agreement = orjson.loads(files["agreements/exercise.yaml"])
    first = date.fromisoformat(starts)
    kotka = next(one for one in agreement["parties"] if one["provider"] == "kotka")
    kotka.pop("number", None)
    courses = [
        {
            "id": f"course-{number + 1}",
            "starts": (first + timedelta(days=number)).isoformat(),
            "ends": (first + timedelta(days=60)).isoformat(),
            "where": {"fi": "Kotkan kuntosali", "sv": "Gymmet i Kotka", "en": "Kotka gym"},
            "places": most,
        }
        for number, most in enumerate(places)
    ]
    others = [one for one in agreement["parties"] if one["provider"] != "kotka"]
    agreement["parties"] = [*others, *({**kotka, "course": one} for one in courses)]
    return files | {"agreements/exercise.yaml": _json(agreement)}


def _json(content: Any) -> str:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _texts(name: str) -> dict[str, str]:
    return {"fi": name, "sv": name, "en": name}


def _party(provider: str, served: Any, number: int | None) -> dict[str, Any]:
    party: dict[str, Any] = {
        "provider": provider,
        "service": f"{provider}-neuvonta",
        "municipalities": served,
    }
    return party | ({"number": {"most": number, "period": "year"}} if number is not None else {})


def _pathway() -> dict[str, Any]:
    clocks = {"accept": 3, "contact": 10, "remind": 2}
    return {
        "id": "exercise",
        "names": _texts("Liikuntalähete"),
        "needs": ["municipality"],
        "reasons": [
            {"code": "physical-inactivity", "names": _texts("liikkumattomuus")},
            {"code": "other", "names": _texts("muu syy"), "needs_text": True},
        ],
        "clocks": {"routine": clocks, "urgent": clocks},
    }


def _directory(provider: str, *, able: bool, kind: str | None) -> dict[str, Any]:
    owner = "association" if provider == "liikkujat" else "municipality"
    system = "https://lahetti.example/fhir/CodeSystem"
    organization: dict[str, Any] = {
        "resourceType": "Organization",
        "id": provider,
        "active": True,
        "type": [{"coding": [{"system": f"{system}/provider-kind", "code": owner}]}],
        "name": provider.capitalize(),
    }
    if able:
        url = "https://lahetti.example/fhir/StructureDefinition/able-to-serve-protected"
        organization["extension"] = [{"url": url, "valueBoolean": True}]
    service: dict[str, Any] = {
        "resourceType": "HealthcareService",
        "id": f"{provider}-neuvonta",
        "active": True,
        "providedBy": {"reference": f"Organization/{provider}"},
        "category": [{"coding": [{"system": f"{system}/pathway", "code": "exercise"}]}],
        "name": f"{provider.capitalize()}, neuvonta",
    }
    if kind is not None:
        service["type"] = [{"coding": [{"system": f"{system}/service-type", "code": kind}]}]
    endpoint = {
        "resourceType": "Endpoint",
        "id": f"{provider}-webhook",
        "status": "active",
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/subscription-channel-type",
            "code": "rest-hook",
        },
        "managingOrganization": {"reference": f"Organization/{provider}"},
        "payloadType": [
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type", "code": "none"}
                ]
            }
        ],
        "payloadMimeType": ["application/fhir+json"],
        "address": f"https://{provider}.example/hook",
    }
    resources = [organization, service, endpoint]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
