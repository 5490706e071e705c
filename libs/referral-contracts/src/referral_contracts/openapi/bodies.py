"""What a route takes in its body."""

from collections.abc import Mapping
from typing import Any

from referral_contracts.openapi.answers import FHIR, JSON
from referral_contracts.openapi.kinds import Kind

PATCH, FORM = "application/json-patch+json", "application/x-www-form-urlencoded"
_TEXT: Mapping[str, Any] = {"type": "string"}
_ID: Mapping[str, Any] = {"type": "string", "format": "uuid"}
_IDS: Mapping[str, Any] = {"type": "array", "items": _ID, "minItems": 1}


def _object(needed: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    told = {"type": "object", "properties": {**needed, **more}, "additionalProperties": False}
    return told | ({"required": list(needed)} if needed else {})


_REFERRALS = _object({"referrals": _IDS})
_OWN: Mapping[str, Any] = {
    "/p/links": _object({"task": _ID}),
    "/collector/providers/{provider}/pin": _object({}, pin={"type": "string", "pattern": "^[0-9]{6,12}$"}),
    "/notifier/endpoints/{endpoint}/secret": _object({}, secret=_TEXT),
    "/gateway/county": _object({"files": {"type": "object", "additionalProperties": _TEXT}}),
    "/gateway/clients": _object({"client": {"type": "object"}}),
    "/gateway/clients/{client}": _object(
        {"change": {"enum": ["rotate", "revoke", "disable", "enable"]}},
        jwks={"type": "object"},
        jwks_url=_TEXT,
        kind={"enum": ["ehr", "provider"]},
    ),
    "/gateway/person": {
        "oneOf": [
            _object({"referral": _ID}),
            _object({"hetu": _TEXT}),
            _object({"client": _TEXT, "system": _TEXT, "value": _TEXT}),
        ]
    },
    "/gateway/person/export": _REFERRALS,
    "/gateway/person/erase": _REFERRALS,
    "/collector/person/export": _REFERRALS,
    "/collector/person/erase": _REFERRALS,
    "/notifier/person/erase": _REFERRALS,
    "/collector/audit": {"type": "object"},
}
"""Of our own routes."""

SCHEMAS: Mapping[str, Any] = {
    "Resource": {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": _TEXT, "id": _TEXT, "meta": {"type": "object"}},
    },
    "Bundle": {
        "type": "object",
        "required": ["resourceType", "type", "entry"],
        "properties": {
            "resourceType": {"const": "Bundle"},
            "type": {"enum": ["transaction", "batch"]},
            "entry": {"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
        },
    },
    "Entry": {
        "type": "object",
        "required": ["request"],
        "properties": {
            "fullUrl": _TEXT,
            "resource": {"$ref": "#/components/schemas/Resource"},
            "request": {
                "type": "object",
                "required": ["method", "url"],
                "properties": {
                    "method": {"enum": ["GET", "POST", "PUT", "PATCH"]},
                    "url": {"type": "string", "pattern": "^[A-Z][A-Za-z]+(/[A-Za-z0-9-]+)?$"},
                    "ifMatch": _TEXT,
                    "ifNoneMatch": _TEXT,
                    "ifNoneExist": _TEXT,
                },
            },
        },
    },
    "OperationOutcome": {
        "type": "object",
        "required": ["resourceType", "issue"],
        "properties": {
            "resourceType": {"const": "OperationOutcome"},
            "issue": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["severity", "code", "details"],
                    "properties": {"severity": _TEXT, "code": _TEXT, "details": {"type": "object"}},
                },
            },
        },
    },
    "Change": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string", "pattern": "^(/[^/]*)*$"},
            "from": {"type": "string"},
            "value": {},
        },
    },
    "Problems": {
        "type": "object",
        "required": ["problems"],
        "properties": {"problems": {"type": "array", "minItems": 1}},
    },
}


def body_of(method: str, path: str, kind: Kind) -> dict[str, Any] | None:
    """The `requestBody` of an operation, None where it takes none."""
    if method not in {"POST", "PUT", "PATCH"}:
        return None
    if kind in {Kind.PAGE, Kind.OAUTH} or (kind is Kind.SEARCH and method == "POST"):
        return {"content": {FORM: {"schema": {"type": "object", "additionalProperties": _TEXT}}}}
    if kind is Kind.OWN:
        schema = _OWN.get(path, {"type": "object"})
        optional = not schema.get("required") and "oneOf" not in schema
        return {"content": {JSON: {"schema": schema}}, "required": not optional}
    # An operation on one resource has parameters or none; one on a type is about what is sent.
    return {"content": _of_fhir(path, kind), "required": not (kind is Kind.OPERATION and "{" in path)}


def _of_fhir(path: str, kind: Kind) -> dict[str, Any]:
    if kind is Kind.PATCH:
        change = {"$ref": "#/components/schemas/Change"}
        return {
            PATCH: {"schema": {"type": "array", "items": change, "minItems": 1}},
            FHIR: {"schema": _typed("Parameters")},
        }
    if kind is Kind.TRANSACTION:
        return {FHIR: {"schema": {"$ref": "#/components/schemas/Bundle"}}}
    of_type = _typed(path.split("/")[2])
    if kind is Kind.OPERATION and "{" in path:
        return {FHIR: {"schema": _typed("Parameters")}}
    if kind is Kind.OPERATION:
        return {FHIR: {"schema": {"anyOf": [of_type, _typed("Parameters")]}}}
    return {FHIR: {"schema": of_type}}


def _typed(name: str) -> dict[str, Any]:
    return {
        "allOf": [
            {"$ref": "#/components/schemas/Resource"},
            {"type": "object", "properties": {"resourceType": {"const": name}}},
        ]
    }
