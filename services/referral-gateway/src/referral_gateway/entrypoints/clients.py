"""`/gateway/clients`: staff manage the EHR clients that may call."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal, cast

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import refuse
from service_runtime import logs
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.domain.county import CountyError
from referral_gateway.domain.registered_clients import Registered
from referral_gateway.use_cases.manage_clients import KEYS, Clients, Kind, ManageClients

_MAY_SEE = Depends(requires("lahetti/clients.r", "staff"))
_MAY_MANAGE = Depends(requires("lahetti/clients.w", "staff"))
_KINDS: Mapping[str, Kind] = {"ehr": "ehr", "provider": "provider", "staff": "staff"}
_LONGEST_ID = 200
_log = logs.logger()

Source = Literal["county", "operators"]


def router(
    manage: ManageClients, clients: Clients, counties: CountyStore, database: Database, token_endpoint: str
) -> APIRouter:
    """409 where operators would overwrite the county's data, 422 with each problem of what is given."""
    routes = APIRouter()

    @routes.get("/gateway/clients", dependencies=[_MAY_SEE])
    async def list_clients() -> JsonResponse:
        async with database.read() as session:
            _, loaded = await counties.newest(session)
            registered = {one.id: one for one in await clients.registered(session)}
        counties.look_again()
        await counties.look()
        of_county = set(loaded.clients if loaded else ())
        told = [
            _told(client, registered.get(name), "county" if name in of_county else "operators")
            for name, client in sorted(counties.current().clients.items())
        ]
        return JsonResponse({"clients": told})

    @routes.post("/gateway/clients")
    async def add_client(request: Request, caller: Caller = _MAY_MANAGE) -> JsonResponse:
        said = _object(await request.body())
        content: Any = said.get("client")
        if set(said) - {"client"}:
            raise refuse("unknown-element")
        if not isinstance(content, dict):
            raise refuse("invalid-value", "client")
        given = cast(dict[str, Any], content)
        try:
            async with database.write() as session:
                await manage.add(session, given, caller.client_id)
        except CountyError as refused:
            return _problems(refused)
        counties.look_again()
        _log.info("client.added", client_id=str(given["id"]))
        return JsonResponse({"client": given["id"], "audience": token_endpoint}, 201)

    @routes.post("/gateway/clients/{client}")
    async def change_client(client: str, request: Request, caller: Caller = _MAY_MANAGE) -> JsonResponse:
        said = _object(await request.body())
        try:
            async with database.write() as session:
                await _change(session, manage, client, said, caller.client_id)
        except CountyError as refused:
            return _problems(refused)
        counties.look_again()
        _log.info("client.changed", client_id=client, kind=str(said["change"]))
        return JsonResponse({"client": client, "change": said["change"]})

    return routes


async def _change(session: Any, manage: ManageClients, client: str, said: Mapping[str, Any], by: str) -> None:
    change, rest = said.get("change"), {name: value for name, value in said.items() if name != "change"}
    allowed = {
        "rotate": KEYS,
        "revoke": frozenset({"kind"}),
        "disable": frozenset[str](),
        "enable": frozenset[str](),
    }
    if not isinstance(change, str) or change not in allowed or len(client) > _LONGEST_ID:
        raise refuse("invalid-value", "change")
    if rest.keys() - allowed[change]:
        raise refuse("unknown-element")
    if change == "rotate":
        if len(rest) != 1:
            raise refuse("invalid-value", "jwks_url")
        await manage.rotate(session, client, rest, by)
    elif change == "revoke":
        kind = _KINDS.get(str(rest.get("kind", "ehr")))
        if kind is None:
            raise refuse("invalid-value", "kind")
        await manage.revoke(session, client, kind)
    else:
        await manage.stop(session, client, by, active=change == "enable")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("malformed-json") from None
    if not isinstance(said, dict):
        raise refuse("invalid-value")
    return cast(dict[str, Any], said)


def _problems(refused: CountyError) -> JsonResponse:
    return JsonResponse({"problems": [asdict(problem) for problem in refused.problems]}, 422)


def _told(client: Any, registered: Registered | None, source: Source) -> dict[str, Any]:
    access = client.access
    return {
        "id": client.id,
        "name": client.name,
        "source": source,
        "active": client.active,
        "stopped_by_operators": registered is not None and not registered.active,
        "mode": client.mode,
        "base": client.base,
        "jwks_url": access.jwks_url if access else None,
        "keys": sorted(access.keys) if access else [],
        "scopes": access.scope.split() if access else [],
        "changed_at": registered.changed_at if registered else None,
        "changed_by": registered.changed_by if registered else None,
    }
