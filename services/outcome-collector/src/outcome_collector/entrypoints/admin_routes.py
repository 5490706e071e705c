"""Routes for staff and for the other services: links to pages, PINs, and one referral's way."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends
from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.web.access import Caller, requires
from service_runtime.web.responses import JsonResponse
from starlette.requests import Request

from outcome_collector.ports import PinHasher, Units
from outcome_collector.use_cases.make_link import make_link
from outcome_collector.use_cases.set_pin import set_pin

_NO_STORE = {"Cache-Control": "no-store"}
Trace = Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]]

Linker = Annotated[Caller, Depends(requires("lahetti/links.c", "service"))]
PinSetter = Annotated[Caller, Depends(requires("lahetti/pins.w", "staff"))]
Tracer = Annotated[Caller, Depends(requires("lahetti/trace.r", "staff"))]


@dataclass(frozen=True, slots=True)
class AdminApi:
    """What the routes need. `page_base` is where pages are found from outside, without a slash at its end;
    `page_days` how long a page of a closed referral can be opened."""

    units: Units
    hasher: PinHasher
    clock: Clock
    trace: Trace
    page_base: str
    page_days: float


def router(api: AdminApi) -> APIRouter:
    """`POST /p/links`, `POST /collector/providers/{provider}/pin`, `GET /collector/trace/{referral}`."""
    routes = APIRouter()

    @routes.post("/p/links")
    async def link(request: Request, _: Linker) -> JsonResponse:
        task = _text_in(await request.body(), "task")
        if task is None:
            raise refuse("required-element", "task")
        async with api.units.write() as unit:
            token = await make_link(unit, task, at=api.clock.now(), page_days=api.page_days)
        return JsonResponse({"url": f"{api.page_base}/p/{token}"}, 201, _NO_STORE)

    @routes.post("/collector/providers/{provider}/pin")
    async def pin(provider: str, request: Request, _: PinSetter) -> JsonResponse:
        given = _text_in(await request.body(), "pin")
        chosen = await set_pin(api.units, api.hasher, provider, given)
        return JsonResponse({"provider": provider, "pin": chosen}, 201, _NO_STORE)

    @routes.get("/collector/trace/{referral}")
    async def trace(referral: str, _: Tracer) -> JsonResponse:
        return JsonResponse({"steps": await api.trace(referral)})

    return routes


def _text_in(body: bytes, name: str) -> str | None:
    """The text `name` of a JSON object that may hold nothing else; None where the body is empty or has it
    not.

    Raises `malformed-json`, `unknown-element` or `invalid-value`."""
    if not body.strip():
        return None
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("malformed-json") from None
    if not isinstance(content, dict):
        raise refuse("malformed-json")
    if set(content) - {name}:  # pyright: ignore[reportUnknownArgumentType]
        raise refuse("unknown-element")
    text: Any = content.get(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if text is not None and not isinstance(text, str):
        raise refuse("invalid-value", name)
    return text
