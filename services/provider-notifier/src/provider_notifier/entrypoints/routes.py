"""The notifier's admin routes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends
from referral_contracts.errors import refuse
from referral_contracts.person_requests import referrals_in
from service_runtime.web.access import Caller, requires
from service_runtime.web.responses import JsonResponse
from starlette.requests import Request

from provider_notifier.use_cases.give_secret import GiveSecret
from provider_notifier.use_cases.trace_referral import TraceReferral

Erase = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]


def router(give_secret: GiveSecret, trace_referral: TraceReferral, erase_person: Erase) -> APIRouter:
    """`POST /notifier/endpoints/{endpoint}/secret`, `GET /notifier/trace/{referral}` and
    `POST /notifier/person/erase`, for staff."""
    routes = APIRouter()

    @routes.post("/notifier/endpoints/{endpoint}/secret")
    async def secret(
        endpoint: str, request: Request, _: Annotated[Caller, Depends(requires("lahetti/secrets.w", "staff"))]
    ) -> JsonResponse:
        given = _secret_in(await request.body())
        kept = await give_secret(endpoint, given)
        return JsonResponse({"endpoint": endpoint, "secret": kept}, 201, {"Cache-Control": "no-store"})

    @routes.get("/notifier/trace/{referral}")
    async def trace(
        referral: str, _: Annotated[Caller, Depends(requires("lahetti/trace.r", "staff"))]
    ) -> JsonResponse:
        return JsonResponse({"steps": await trace_referral(referral)})

    @routes.post("/notifier/person/erase")
    async def erase(
        request: Request, _: Annotated[Caller, Depends(requires("lahetti/person.w", "staff"))]
    ) -> JsonResponse:
        return JsonResponse(dict(await erase_person(referrals_in(await request.body()))))

    return routes


def _secret_in(body: bytes) -> str | None:
    """The secret that the body gives, None where it gives none and one is to be made."""
    if not body.strip():
        return None
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("malformed-json") from None
    if not isinstance(document, dict) or not isinstance(document.get("secret"), str | None):
        raise refuse("invalid-value", "secret")
    if set(document) - {"secret"}:
        raise refuse("unknown-element")
    return document.get("secret")
