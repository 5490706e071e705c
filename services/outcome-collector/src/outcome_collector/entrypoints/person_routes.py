"""What the gateway and the county's officer ask about a person: the audit of this vault, a copy, erasure."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import refuse
from referral_contracts.fhir.audit_events import AuditFilter, AuditRows, parse_filter
from referral_contracts.person_requests import referrals_in
from service_runtime import logs
from service_runtime.caller import Caller
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from outcome_collector.ports import Author

_MAY_READ_AUDIT = Depends(requires("lahetti/audit.r", "service"))
_MAY_READ = Depends(requires("lahetti/person.r", "staff"))
_MAY_ERASE = Depends(requires("lahetti/person.w", "staff"))
_NO_STORE = {"Cache-Control": "no-store"}
_log = logs.logger()


@dataclass(frozen=True, slots=True)
class PersonApi:
    """What the routes need."""

    read_audit: Callable[[AuditFilter], Awaitable[AuditRows]]
    export: Callable[[Author, Sequence[str]], Awaitable[Mapping[str, Any]]]
    erase: Callable[[Author, Sequence[str]], Awaitable[Mapping[str, int]]]


def router(api: PersonApi) -> APIRouter:
    """`POST /collector/audit`, by which the gateway answers searches for AuditEvents, and
    `/collector/person/export` and `/erase`.
    """
    routes = APIRouter()

    @routes.post("/collector/audit", dependencies=[_MAY_READ_AUDIT])
    async def audit(request: Request) -> JsonResponse:
        asked = parse_filter(await request.body())
        if asked is None:
            raise refuse("malformed-json")
        answer = await api.read_audit(asked)
        return JsonResponse(answer.model_dump(mode="json"), headers=_NO_STORE)

    @routes.post("/collector/person/export")
    async def export(request: Request, caller: Caller = _MAY_READ) -> JsonResponse:
        referrals = referrals_in(await request.body())
        return JsonResponse(dict(await api.export(_officer(caller), referrals)), headers=_NO_STORE)

    @routes.post("/collector/person/erase")
    async def erase(request: Request, caller: Caller = _MAY_ERASE) -> JsonResponse:
        referrals = referrals_in(await request.body())
        counts = await api.erase(_officer(caller), referrals)
        _log.info("person.erased", count=len(referrals))
        return JsonResponse(dict(counts))

    return routes


def _officer(caller: Caller) -> Author:
    return Author(caller.client_id, caller.kind)
