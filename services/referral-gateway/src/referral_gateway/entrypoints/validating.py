"""`$validate` (https://hl7.org/fhir/R4/resource-operation-validate.html): all that is wrong with a resource,
by R4 and by our profile, before anybody depends on it. Nothing is written, nothing looked up."""

from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts import operation_outcome
from referral_contracts.errors import Issue, LahettiError, refuse
from referral_contracts.fhir import reading
from referral_contracts.fhir.search.definitions import ANSWER
from referral_contracts.fhir.search.reading import invalid, unknown
from referral_contracts.fhir.validation import PROFILES, SUBMITTED, validate
from service_runtime.web.access import requires
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address

TYPES = ("ServiceRequest", "Patient", "Consent")


def router() -> APIRouter:
    """A resource in, or Parameters with `resource` and perhaps `profile`; an OperationOutcome out."""
    routes = APIRouter()

    def add(resource_type: str) -> None:
        may_ask = Depends(requires(f"system/{resource_type}.r", "ehr", "provider"))

        @routes.post(f"/fhir/{resource_type}/$validate", dependencies=[may_ask])
        async def judge(request: Request) -> FhirResponse:
            posted = reading.parse(await request.body())
            resource, profile = _asked(posted, resource_type)
            profile = _in_address(request, resource_type) or profile
            issues = validate(resource, profile, resource_type=resource_type)
            language = preferred(request.headers.get("accept-language", ""))
            if not issues:
                return FhirResponse(orjson.dumps(operation_outcome.information(Issue("valid"), language)))
            return FhirResponse(operation_outcome.render(issues, language))

    for resource_type in TYPES:
        add(resource_type)
    return routes


def _asked(posted: dict[str, Any], resource_type: str) -> tuple[dict[str, Any], str]:
    """What is to be judged, and by which profile: the one that a record system's posts must keep, unless
    another of ours is named."""
    profile = SUBMITTED[resource_type]
    if posted.get("resourceType") != "Parameters":
        if posted.get("resourceType") != resource_type:
            raise refuse("unknown-resource-type", resource_type)
        return posted, profile
    resource: Any = None
    parameters: Any = posted.get("parameter")
    for index, part in enumerate(parameters if isinstance(parameters, list) else ()):  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        match part:
            case {"name": "resource", "resource": dict(given)}:
                resource = given  # pyright: ignore[reportUnknownVariableType]
            case {"name": "profile", "valueUri": str(named)} | {
                "name": "profile",
                "valueCanonical": str(named),
            } if named in _profiles(resource_type):
                profile = named
            case _:
                raise refuse("invalid-value", f"Parameters.parameter[{index}]")
    if resource is None:
        raise LahettiError(Issue("required-element", ("Parameters.parameter",)))
    return resource, profile  # pyright: ignore[reportUnknownVariableType]


def _in_address(request: Request, resource_type: str) -> str | None:
    """The profile that the address names. Raises `invalid-parameter`, as for `mode`: `valid` must not be said
    of what was not looked at."""
    profile: str | None = None
    for name, value in in_address(request):
        if name == "profile" and profile is None and value in _profiles(resource_type):
            profile = value
        elif name not in ANSWER:
            unknown(name, strict=name != "profile")
            raise invalid(name)
    return profile


def _profiles(resource_type: str) -> frozenset[str]:
    return frozenset({SUBMITTED[resource_type], PROFILES[resource_type]})
