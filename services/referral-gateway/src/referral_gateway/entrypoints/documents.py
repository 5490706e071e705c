"""Documents over FHIR's REST: read, vread, history, and the two updates that an author may make."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import jsonpatch
import orjson
from fastapi import APIRouter, Depends, Request
from jsonpointer import JsonPointerException
from referral_contracts import operation_outcome
from referral_contracts.errors import Issue, refuse
from referral_contracts.fhir import reading
from referral_contracts.fhir.fhirpath_patch import json_patch
from referral_contracts.fhir.search.reading import is_strict
from referral_contracts.fhir.search.versions import HistoryQuery, Version, history_bundle, read_history_query
from service_runtime import logs
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.languages import preferred
from service_runtime.web.media_types import is_fhir_json
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address
from service_runtime.web.versions import expected_version, has_already, version_headers, wanted_return

from referral_gateway.ports import Document, Session
from referral_gateway.use_cases.read_resource import Action, ReadResource
from referral_gateway.use_cases.update_document import Change

SCOPES = {
    "ServiceRequest": "system/ServiceRequest.r",
    "Patient": "system/Patient.r",
    "Consent": "system/Consent.r",
    "Organization": "system/Organization.r",
    "HealthcareService": "system/HealthcareService.r",
    "Endpoint": "system/Endpoint.r",
    # What a referral brings along is read with the right to read the referral.
    "PractitionerRole": "system/ServiceRequest.r",
    "Practitioner": "system/ServiceRequest.r",
    "RelatedPerson": "system/ServiceRequest.r",
    "Observation": "system/ServiceRequest.r",
    "RiskAssessment": "system/ServiceRequest.r",
    # Which rule routed it.
    "Provenance": "system/ServiceRequest.r",
}
_log = logs.logger()


class Update(Protocol):
    """Revoking, or withdrawing."""

    async def __call__(
        self, session: Session, client: str, resource_id: str, version: int | None, change: Change
    ) -> Document: ...


def read_router(
    read: ReadResource, database: Database, look: Callable[[], Awaitable[None]], base: str
) -> APIRouter:
    """read, vread and history of each type. The audit row is committed before anything is answered."""
    routes = APIRouter()

    def add(resource_type: str, scope: str) -> None:
        may_read = Depends(requires(scope))

        async def find(
            caller: Caller, resource_id: str, action: Action, version: int | None = None
        ) -> Sequence[Document]:
            await look()
            async with database.write() as session:
                answer = await read(
                    session, caller, resource_type, resource_id, action=action, version=version
                )
            return answer.given()

        @routes.get(f"/fhir/{resource_type}/{{resource_id}}")
        async def read_newest(request: Request, resource_id: str, caller: Caller = may_read) -> FhirResponse:
            return read_response(request, (await find(caller, resource_id, "read"))[0])

        @routes.get(f"/fhir/{resource_type}/{{resource_id}}/_history")
        async def read_history(request: Request, resource_id: str, caller: Caller = may_read) -> FhirResponse:
            strict = is_strict(request.headers.get("prefer", ""))
            query = read_history_query(in_address(request), strict=strict)
            documents = await find(caller, resource_id, "history")
            address = f"{base}/fhir/{resource_type}/{resource_id}/_history"
            return FhirResponse(history(documents, query, base, address))

        @routes.get(f"/fhir/{resource_type}/{{resource_id}}/_history/{{version}}")
        async def read_version(
            request: Request, resource_id: str, version: str, caller: Caller = may_read
        ) -> FhirResponse:
            if not (version.isascii() and version.isdigit() and len(version) < 10):
                raise refuse("not-found")
            return read_response(request, (await find(caller, resource_id, "vread", int(version)))[0])

    for resource_type, scope in SCOPES.items():
        add(resource_type, scope)
    return routes


def update_router(revoke: Update, withdraw: Update, database: Database) -> APIRouter:
    """PUT and PATCH of ServiceRequest A and Consent, by the EHR that posted them."""
    routes = APIRouter()

    def add(resource_type: str, update: Update) -> None:
        may_update = Depends(requires(f"system/{resource_type}.u", "ehr"))

        apply = Updating(update, database).apply

        @routes.put(f"/fhir/{resource_type}/{{resource_id}}")
        async def put(request: Request, resource_id: str, caller: Caller = may_update) -> FhirResponse:
            sent = reading.parse(await request.body())
            return await apply(request, caller, resource_id, lambda _: sent)

        @routes.patch(f"/fhir/{resource_type}/{{resource_id}}")
        async def patch(request: Request, resource_id: str, caller: Caller = may_update) -> FhirResponse:
            body = await request.body()
            by_path = is_fhir_json(request.headers.get("content-type", ""))
            return await apply(request, caller, resource_id, path_patched(body) if by_path else patched(body))

    add("ServiceRequest", revoke)
    add("Consent", withdraw)
    return routes


class Updating:
    """The transaction around an update, and its answer."""

    def __init__(self, update: Update, database: Database) -> None:
        self._update = update
        self._database = database

    async def apply(self, request: Request, caller: Caller, resource_id: str, change: Change) -> FhirResponse:
        """Make the change on the version that the request names."""
        version = expected_version(request)
        async with self._database.write() as session:
            written = await self._update(session, caller.client_id, resource_id, version, change)
        _log.info(
            "referral.updated", kind=written.type, referral=written.referral, client_id=caller.client_id
        )
        return changed_response(request, written)


def read_response(request: Request, document: Document) -> FhirResponse:
    """One resource with its version; 304 without it where the caller has that version."""
    headers = version_headers(document.version, document.last_updated)
    if has_already(request, document.version):
        return FhirResponse(status_code=304, headers=headers)
    return FhirResponse(document.body, headers=headers)


def changed_response(request: Request, document: Document) -> FhirResponse:
    """The resource as it now is, or what the Prefer header asks for in its place."""
    headers = version_headers(document.version, document.last_updated)
    wish = wanted_return(request.headers.get("prefer", ""))
    if wish == "minimal":
        return FhirResponse(headers=headers)
    if wish == "OperationOutcome":
        language = preferred(request.headers.get("accept-language", ""))
        told = operation_outcome.information(Issue("changed"), language)
        return FhirResponse(orjson.dumps(told), headers=headers)
    return FhirResponse(document.body, headers=headers)


def history(documents: Sequence[Document], query: HistoryQuery, base: str, address: str) -> bytes:
    """A history Bundle of those of `documents`, the newest first, that are asked for."""
    versions = [Version(one.type, one.id, one.version, one.last_updated, one.body) for one in documents]
    return history_bundle(versions, query, f"{base}/fhir", address)


def path_patched(body: bytes) -> Change:
    """A FHIRPath Patch as a change. Raises `malformed-json` now, and `patch-malformed` or
    `patch-inapplicable` when it is applied.
    """
    parameters = reading.parse(body)
    return lambda before: patched(orjson.dumps(json_patch(parameters, before)))(before)


def patched(body: bytes) -> Change:
    """A JSON Patch (RFC 6902) as a change. Raises `patch-malformed` now, and `patch-inapplicable` when it
    is applied.
    """
    try:
        operations = orjson.loads(body)
        patch = jsonpatch.JsonPatch(operations)
    except (ValueError, TypeError, jsonpatch.InvalidJsonPatch, JsonPointerException):
        raise refuse("patch-malformed") from None

    def change(before: dict[str, Any]) -> dict[str, Any]:
        try:
            return patch.apply(before)
        except (
            jsonpatch.JsonPatchException,
            JsonPointerException,
            TypeError,
            KeyError,
            IndexError,
            ValueError,
        ):
            raise refuse("patch-inapplicable") from None

    return change
