"""The CapabilityStatement: what this server can do, and nothing else
(https://hl7.org/fhir/R4/capabilitystatement.html).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from referral_contracts import systems
from referral_contracts.fhir.capability import COLLECTOR
from referral_contracts.fhir.search.definitions import COMMON, SEARCHES, definition
from referral_contracts.fhir.validation import PROFILES

SOFTWARE = {"name": "Lähetti", "version": "0.1.0"}
PUBLISHED = "2026-11-22"

SERVER = f"{systems.CANONICAL}/CapabilityStatement/lahetti-server"
"""The published statement, of which each installation is an instance; a test compares the two."""

_READ = ("read", "vread", "history-instance")
_UPDATE = ("update", "patch")
GATEWAY: Mapping[str, tuple[str, ...]] = {
    "ServiceRequest": ("create", *_READ, *_UPDATE, "search-type"),
    "Consent": (*_READ, *_UPDATE, "search-type"),
    "Patient": (*_READ, "search-type"),
    "Organization": (*_READ, "search-type"),
    "HealthcareService": (*_READ, "search-type"),
    "Endpoint": (*_READ, "search-type"),
    "PractitionerRole": _READ,
    "Practitioner": _READ,
    "RelatedPerson": _READ,
    "Observation": _READ,
    "RiskAssessment": _READ,
    "Provenance": _READ,
    "CodeSystem": ("read",),
    "ConceptMap": ("read",),
    "AuditEvent": ("search-type",),
}
"""Interactions by type, as the gateway serves them; a test walks its routes both ways."""

_CONDITIONAL = frozenset({"ServiceRequest"})
"""Types with conditional create and update."""

_STRUCTURE = f"{systems.CANONICAL}/StructureDefinition/lahetti-"
_VALIDATE = f"{systems.CANONICAL}/OperationDefinition/validate"
"""A subset of R4's own operation, so by R4's rule a definition of ours, with that one as its base."""
OPERATIONS: Mapping[str, Mapping[str, str]] = {
    "ServiceRequest": {
        "route": f"{systems.CANONICAL}/OperationDefinition/route",
        "validate": _VALIDATE,
    },
    "Patient": {"validate": _VALIDATE},
    "Consent": {"validate": _VALIDATE},
    "Subscription": {
        "status": f"{systems.BACKPORT}/OperationDefinition/backport-subscription-status",
        "events": f"{systems.BACKPORT}/OperationDefinition/backport-subscription-events",
    },
}
"""Operations by type, with their definitions."""


_MADE: Mapping[str, tuple[str, ...]] = {
    "ServiceRequest": (f"{_STRUCTURE}filler-order",),
    "Task": (f"{_STRUCTURE}abort-task", f"{_STRUCTURE}submitted-task"),
}
"""Profiles beside the one that a type is kept by."""


_SECURITY: Mapping[str, Any] = {
    "service": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                }
            ],
            "text": "SMART Backend Services: bearer tokens with system scopes",
        }
    ],
    "description": "Read [base]/.well-known/smart-configuration: a token is given for a client assertion"
    " (private_key_jwt) that is signed with RS384 or ES384.",
}


def capability_statement(base: str) -> dict[str, Any]:
    """The statement of the server at `base`, where gateway and collector answer as one."""
    offered = {**GATEWAY, **COLLECTOR}
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base}/fhir/metadata",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "instantiates": [SERVER],
        "software": dict(SOFTWARE),
        "implementation": {"description": "Lähetti", "url": f"{base}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "patchFormat": ["application/json-patch+json", "application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": _SECURITY,
                "resource": [_resource(name, codes) for name, codes in sorted(offered.items())],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _versioning(codes: Iterable[str]) -> str:
    if "vread" not in codes:
        return "no-version"
    return "versioned-update" if "update" in codes or "patch" in codes else "versioned"


def _resource(name: str, codes: Iterable[str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": code} for code in codes],
        "versioning": _versioning(codes),
        "readHistory": "vread" in codes,
    }
    if name in PROFILES:
        described["supportedProfile"] = [PROFILES[name], *_MADE.get(name, ())]
    if name == "Subscription":
        described["supportedProfile"] = [f"{systems.BACKPORT}/StructureDefinition/backport-subscription"]
    if "vread" in codes:
        described["conditionalRead"] = "not-match"
    if name in _CONDITIONAL:
        described |= {"conditionalCreate": True, "conditionalUpdate": "update" in codes}
    if operations := OPERATIONS.get(name):
        described["operation"] = [
            {"name": code, "definition": definition} for code, definition in operations.items()
        ]
    if searchable := SEARCHES.get(name):
        described["searchParam"] = [
            {"name": one.name, "definition": definition(name, one.name), "type": one.kind}
            for one in (*COMMON, *searchable.parameters)
        ]
        for member, includes in (
            ("searchInclude", searchable.includes),
            ("searchRevInclude", searchable.revincludes),
        ):
            if includes:
                described[member] = [one.text for one in includes]
    return described
