"""`/gateway/person`: what the county's officer does for a person who asks. No identifier is in an address."""

from typing import Any, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts import systems
from referral_contracts.errors import refuse
from referral_contracts.fhir import hetu as hetu_codes
from referral_contracts.person_requests import referrals_in
from service_runtime import logs
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from referral_gateway.domain.persons import Identity, identity
from referral_gateway.use_cases.serve_person import ServePerson

_MAY_READ = Depends(requires("lahetti/person.r", "staff"))
_MAY_ERASE = Depends(requires("lahetti/person.w", "staff"))
_NO_STORE = {"Cache-Control": "no-store"}
_LONGEST = 300
_log = logs.logger()


def router(serve: ServePerson, database: Database) -> APIRouter:
    """Find by `referral`, by `hetu`, or by `client`, `system` and `value`; export and erase by referrals."""
    routes = APIRouter()

    @routes.post("/gateway/person")
    async def find(request: Request, caller: Caller = _MAY_READ) -> JsonResponse:
        referral, known = _asked(await request.body())
        async with database.write() as session:
            found = await serve.find(session, caller, referral, known)
        return JsonResponse({"referrals": [dict(one) for one in found]}, headers=_NO_STORE)

    @routes.post("/gateway/person/export")
    async def export(request: Request, caller: Caller = _MAY_READ) -> JsonResponse:
        referrals = referrals_in(await request.body())
        async with database.write() as session:
            bundle = await serve.export(session, caller, referrals)
        return JsonResponse(dict(bundle), headers=_NO_STORE)

    @routes.post("/gateway/person/erase")
    async def erase(request: Request, caller: Caller = _MAY_ERASE) -> JsonResponse:
        referrals = referrals_in(await request.body())
        async with database.write() as session:
            counts = await serve.erase(session, caller, referrals)
        _log.info("person.erased", count=counts["referrals"])
        return JsonResponse(dict(counts))

    return routes


def _asked(body: bytes) -> tuple[str | None, Identity | None]:
    """Whom the body names: a referral, or an identity."""
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("malformed-json") from None
    if not isinstance(said, dict):
        raise refuse("malformed-json")
    texts = cast(dict[str, Any], said)
    if not all(isinstance(one, str) and 0 < len(one) <= _LONGEST for one in texts.values()):
        raise refuse("invalid-value")
    if set(texts) == {"referral"}:
        return _referral(texts["referral"]), None
    if set(texts) == {"hetu"}:
        if not hetu_codes.is_valid(texts["hetu"].upper()):
            raise refuse("invalid-value", "hetu")
        return None, identity("", systems.HETU, texts["hetu"])
    if set(texts) == {"client", "system", "value"}:
        return None, identity(texts["client"], texts["system"], texts["value"])
    raise refuse("invalid-value")


def _referral(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise refuse("invalid-value", "referral") from None
