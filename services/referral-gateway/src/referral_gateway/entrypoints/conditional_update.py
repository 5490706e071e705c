"""`PUT /fhir/ServiceRequest?identifier=SYSTEM|VALUE`: the caller's referral with that identifier is updated;
where there is none it is made (https://hl7.org/fhir/R4/http.html#cond-update)."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import refuse
from referral_contracts.fhir import reading
from referral_contracts.fhir.search.query import Token
from service_runtime.caller import Caller
from service_runtime.web.access import requires
from service_runtime.web.problems import Problem
from service_runtime.web.responses import FhirResponse

from referral_gateway.entrypoints.conditions import identifier_in
from referral_gateway.entrypoints.creating import CreateApi, created
from referral_gateway.entrypoints.documents import Update, Updating

_MAY_UPDATE = Depends(requires("system/ServiceRequest.u", "ehr"))
_TO_CREATE = "system/ServiceRequest.c"


def router(api: CreateApi, revoke: Update) -> APIRouter:
    """The route. An identifier is one referral's for ever, so that never more than one is found; an update
    names the version that was read, as every update here does."""
    routes = APIRouter()
    updating = Updating(revoke, api.database)

    @routes.put("/fhir/ServiceRequest")
    async def put(request: Request, caller: Caller = _MAY_UPDATE) -> FhirResponse:
        await api.counties.look()
        condition = request.scope["query_string"].decode("latin-1")
        wanted = identifier_in(condition)
        sent = reading.parse(await request.body())
        there = await api.existing(caller, condition)
        if there is None:
            _check_new(request, caller, sent, wanted)
            return await created(api, request, caller, sent)
        if sent.get("id", there) != there:
            raise refuse("invalid-value", "ServiceRequest.id")
        return await updating.apply(request, caller, there, lambda _: sent | {"id": there})

    return routes


def _check_new(request: Request, caller: Caller, sent: dict[str, Any], wanted: Token) -> None:
    """What keeps it from being made: a version of what is not there, a right that is missing, or another
    identifier than the condition's, with which each repeat would make one more."""
    if "if-match" in request.headers:
        raise refuse("version-conflict")
    if not caller.may(_TO_CREATE):
        raise Problem("scope-missing", scope=_TO_CREATE)
    identifiers: Any = sent.get("identifier")
    for one in identifiers if isinstance(identifiers, list) else ():
        if isinstance(one, dict) and (one.get("system"), one.get("value")) == (wanted.system, wanted.code):
            return
    raise refuse("invalid-value", "ServiceRequest.identifier")
