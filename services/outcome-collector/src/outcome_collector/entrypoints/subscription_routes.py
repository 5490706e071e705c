"""The FHIR routes of Subscription: made by a record system for itself, read, asked, and ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Depends
from referral_contracts.errors import refuse
from referral_contracts.fhir.reading import parse
from service_runtime.clock import Clock
from service_runtime.ids import new_id
from service_runtime.logs import logger
from service_runtime.public_addresses import NotPublicError, check_public_url
from service_runtime.web.access import Caller, requires
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address
from service_runtime.web.versions import wanted_return
from starlette.requests import Request
from starlette.responses import Response

from outcome_collector.adapters.subscription_rows import SubscriptionRows
from outcome_collector.domain.notification import notification, status_bundle
from outcome_collector.domain.subscription import read_wish, served
from outcome_collector.domain.subscription_query import Asked, read_asked, read_nothing, read_parameters

Maker = Annotated[Caller, Depends(requires("system/Subscription.c", "ehr"))]
Reader = Annotated[Caller, Depends(requires("system/Subscription.r", "ehr"))]
Ender = Annotated[Caller, Depends(requires("system/Subscription.d", "ehr"))]
_PRIVATE = {"Cache-Control": "private, no-store"}
_log = logger()


@dataclass(frozen=True, slots=True)
class SubscriptionApi:
    """What the routes need. `base` is the public FHIR base; `private_addresses` is for development."""

    rows: SubscriptionRows
    clock: Clock
    base: str
    private_addresses: bool


def router(api: SubscriptionApi) -> APIRouter:
    """`/fhir/Subscription`. There is no update: who wants another address makes another subscription."""
    routes = APIRouter()

    @routes.post("/fhir/Subscription")
    async def create(request: Request, caller: Maker) -> FhirResponse:
        if request.headers.get("if-none-exist") is not None:
            raise refuse("condition-unheeded", "Subscription")
        wish = read_wish(parse(await request.body()))
        check_address(wish.address, private=api.private_addresses)
        made = await api.rows.add(caller.client_id, wish)
        _log.info("subscription.created", subscription=made.id, client_id=caller.client_id)
        headers = _PRIVATE | {"Location": f"{api.base}/Subscription/{made.id}"}
        minimal = wanted_return(request.headers.get("prefer", "")) == "minimal"
        body = b"" if minimal else orjson.dumps(served(made))
        return FhirResponse(body, status_code=201, headers=headers)

    @routes.get("/fhir/Subscription/{subscription}")
    async def read(subscription: str, caller: Reader) -> FhirResponse:
        return _told(served(await api.rows.read(caller.client_id, subscription)))

    @routes.delete("/fhir/Subscription/{subscription}")
    async def delete(subscription: str, caller: Ender) -> Response:
        await api.rows.delete(caller.client_id, subscription)
        _log.info("subscription.deleted", subscription=subscription, client_id=caller.client_id)
        return Response(status_code=204)

    _add_operations(routes, api)
    return routes


def _add_operations(routes: APIRouter, api: SubscriptionApi) -> None:
    @routes.get("/fhir/Subscription/{subscription}/$status")
    async def status(subscription: str, caller: Reader) -> FhirResponse:
        return await _status(api, caller, subscription)

    @routes.post("/fhir/Subscription/{subscription}/$status")
    async def posted_status(subscription: str, request: Request, caller: Reader) -> FhirResponse:
        read_nothing(await _posted(request))
        return await _status(api, caller, subscription)

    @routes.get("/fhir/Subscription/{subscription}/$events")
    async def events(subscription: str, request: Request, caller: Reader) -> FhirResponse:
        return await _events(api, caller, subscription, read_asked(in_address(request)))

    @routes.post("/fhir/Subscription/{subscription}/$events")
    async def posted_events(subscription: str, request: Request, caller: Reader) -> FhirResponse:
        given = [*in_address(request), *await _posted(request)]
        return await _events(api, caller, subscription, read_asked(given))


async def _posted(request: Request) -> list[tuple[str, str]]:
    """The parameters of a posted operation; none where there is no body."""
    body = await request.body()
    return read_parameters(parse(body)) if body else []


async def _status(api: SubscriptionApi, caller: Caller, subscription: str) -> FhirResponse:
    found = await api.rows.read(caller.client_id, subscription)
    return _told(status_bundle(found, identifier=new_id(), at=api.clock.now(), base=api.base))


async def _events(api: SubscriptionApi, caller: Caller, subscription: str, asked: Asked) -> FhirResponse:
    found = await api.rows.read(caller.client_id, subscription)
    events = await api.rows.events(found, asked.first, asked.last)
    at = api.clock.now()
    return _told(notification(found, "query-event", events, identifier=new_id(), at=at, base=api.base))


def check_address(address: str, *, private: bool) -> None:
    """Raise `subscription-address` for what is never called. Names are checked when they are resolved."""
    place = "Subscription.channel.endpoint"
    try:
        parts = urlsplit(address)
        plain = parts.username is None and not parts.fragment and parts.port != 0 and address.isprintable()
        if not plain or " " in address or not parts.hostname or parts.scheme not in {"http", "https"}:
            raise refuse("subscription-address", place)
        if not private:
            check_public_url(address)
    except (NotPublicError, ValueError):
        raise refuse("subscription-address", place) from None


def _told(document: Mapping[str, Any]) -> FhirResponse:
    return FhirResponse(orjson.dumps(document), headers=_PRIVATE)
