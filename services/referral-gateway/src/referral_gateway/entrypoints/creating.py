"""`POST /fhir/ServiceRequest`: a referral from one resource, with client and permission contained in it or
named from an earlier referral of the same author."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import LahettiError, refuse
from referral_contracts.fhir import reading
from referral_contracts.fhir.validation import SUBMITTED, validate
from service_runtime import logs
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.versions import version_headers, wanted_return

from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.domain.assembly import Assembled, assembled, dangling, earlier_documents
from referral_gateway.entrypoints.conditions import Existing
from referral_gateway.entrypoints.decisions import told
from referral_gateway.entrypoints.submit import Submitting
from referral_gateway.ports import Document, Vault
from referral_gateway.use_cases.accept_referral import Accepted, AcceptReferral
from referral_gateway.use_cases.search_documents import SearchDocuments

_MAY_CREATE = Depends(requires("system/ServiceRequest.c", "ehr"))
_log = logs.logger()


@dataclass(frozen=True, slots=True)
class CreateApi:
    """What the route needs. `base` is the public base, without `/fhir`."""

    accept: AcceptReferral
    submitting: Submitting
    search: SearchDocuments
    vault: Vault
    existing: Existing
    database: Database
    counties: CountyStore
    base: str


def router(api: CreateApi) -> APIRouter:
    """The route. It accepts what the transaction with the same content would, and refuses the same."""
    routes = APIRouter()

    @routes.post("/fhir/ServiceRequest")
    async def create(request: Request, caller: Caller = _MAY_CREATE) -> FhirResponse:
        await api.counties.look()
        posted = reading.parse(await request.body())
        condition = request.headers.get("if-none-exist")
        if there := await api.existing(caller, condition):
            return await _answer(api, request, there, 200)
        return await created(api, request, caller, posted)

    return routes


async def created(api: CreateApi, request: Request, caller: Caller, posted: dict[str, Any]) -> FhirResponse:
    """The referral that `posted` alone makes, or its original. Raises all that is wrong with it."""
    if validate(posted, resource_type="ServiceRequest"):
        # What breaks R4 cannot be put together with anything; what else it breaks is told with that.
        raise LahettiError(*validate(posted, SUBMITTED["ServiceRequest"], resource_type="ServiceRequest"))
    whole = await _assembled(api, caller, posted)
    submission = api.accept.read(caller.client_id, orjson.dumps(whole.bundle))
    try:
        # What is kept as evidence are the bytes that came in.
        whole_post = replace(submission, raw=await request.body())
        accepted = await api.submitting.commit(whole_post, request.headers.get("idempotency-key"))
    except LahettiError as refused:
        raise LahettiError(*whole.at_home(refused.issues)) from None
    _log.info(
        "referral.accepted" if accepted.new else "referral.repeated",
        referral=accepted.referral,
        client_id=caller.client_id,
        provider=accepted.provider,
    )
    return await _answer(api, request, accepted.referral, 201 if accepted.new else 200, accepted)


async def _assembled(api: CreateApi, caller: Caller, posted: dict[str, Any]) -> Assembled:
    """With the caller's own earlier documents; their reading is written down, as they are copied. Raises
    `dangling-reference` where there is none."""
    earlier: list[dict[str, Any]] = []
    if named := earlier_documents(posted):
        async with api.database.write() as session:
            for kind, resource_id in named:
                found = await api.search.named(session, caller, kind, [resource_id])
                earlier += [orjson.loads(one.body) for one in found]
        if issues := dangling(posted, earlier):
            raise LahettiError(*issues)
    return assembled(posted, earlier)


async def _answer(
    api: CreateApi, request: Request, referral: str, status: int, accepted: Accepted | None = None
) -> FhirResponse:
    """The resource as it now is, or what the Prefer header asks for in its place."""
    async with api.database.read() as session:
        document = await api.vault.newest(session, "ServiceRequest", referral)
    if document is None:
        raise refuse("not-found")
    return FhirResponse(_body(request, document, accepted), status, _headers(api, document))


def _headers(api: CreateApi, document: Document) -> dict[str, str]:
    location = f"{api.base}/fhir/ServiceRequest/{document.id}/_history/{document.version}"
    return {"Location": location} | version_headers(document.version, document.last_updated)


def _body(request: Request, document: Document, accepted: Accepted | None) -> bytes:
    wish = wanted_return(request.headers.get("prefer", ""))
    if wish == "minimal":
        return b""
    if wish == "OperationOutcome" and accepted is not None:
        language = preferred(request.headers.get("accept-language", ""))
        outcome = told(accepted, language)
        return document.body if outcome is None else orjson.dumps(outcome)
    return document.body
