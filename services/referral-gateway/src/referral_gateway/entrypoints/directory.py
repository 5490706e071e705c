"""Search of the directory: the notifier's cold start asks for all addresses."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import refuse
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.responses import FhirResponse

from referral_gateway.ports import Document, Vault
from referral_gateway.use_cases.read_resource import owner_of

_MAY_SEARCH = Depends(requires("system/Endpoint.s", "service", "staff", "provider"))
_PARAMETERS = frozenset({"organization", "status"})
_STATUSES = frozenset({"active", "suspended", "error", "off", "entered-in-error", "test"})


def router(vault: Vault, database: Database, base: str) -> APIRouter:
    """`GET /fhir/Endpoint?organization=&status=`; a provider finds its own addresses only."""
    routes = APIRouter()

    @routes.get("/fhir/Endpoint")
    async def search(request: Request, caller: Caller = _MAY_SEARCH) -> FhirResponse:
        wanted = _wanted(request)
        async with database.read() as session:
            endpoints = await vault.newest_of_type(session, "Endpoint")
        found = [endpoint for endpoint in endpoints if _matches(endpoint, wanted, caller)]
        return FhirResponse(_searchset(found, base, str(request.url.query)))

    return routes


def _wanted(request: Request) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in _PARAMETERS:
            raise refuse("unknown-parameter", name="?")
        if name in wanted or not value or (name == "status" and value not in _STATUSES):
            raise refuse("invalid-parameter", name=name)
        wanted[name] = value.removeprefix("Organization/")
    return wanted


def _matches(endpoint: Document, wanted: dict[str, str], caller: Caller) -> bool:
    owner = owner_of(endpoint)
    if caller.kind == "provider" and owner != caller.client_id:
        return False
    if "organization" in wanted and owner != wanted["organization"]:
        return False
    return "status" not in wanted or orjson.loads(endpoint.body).get("status") == wanted["status"]


def _searchset(found: Sequence[Document], base: str, query: str) -> bytes:
    address = f"{base}/fhir/Endpoint" + (f"?{query}" if query else "")
    entries: list[dict[str, Any]] = [
        {
            "fullUrl": f"{base}/fhir/Endpoint/{endpoint.id}",
            "resource": orjson.Fragment(endpoint.body),
            "search": {"mode": "match"},
        }
        for endpoint in found
    ]
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "link": [{"relation": "self", "url": address}],
    }
    return orjson.dumps(bundle | ({"entry": entries} if entries else {}))
