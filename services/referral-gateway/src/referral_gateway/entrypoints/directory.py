"""Search of the directory: organisations, their services, and for those concerned their addresses."""

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import refuse
from referral_contracts.fhir.search.bundle import Hit, Page, searchset
from referral_contracts.fhir.search.definitions import DIRECTORY, Searchable
from referral_contracts.fhir.search.including import referred
from referral_contracts.fhir.search.matching import matches
from referral_contracts.fhir.search.query import Condition, Cursor, Query, Token
from referral_contracts.fhir.search.reading import Given, is_strict, read_query
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address, in_body

from referral_gateway.ports import Document, Session, Vault
from referral_gateway.use_cases.read_resource import owner_of

_OF_ADDRESSES = ("service", "staff", "provider")
_STATUSES = frozenset({"active", "suspended", "error", "off", "entered-in-error", "test"})


def router(vault: Vault, database: Database, base: str) -> APIRouter:
    """`GET` and `POST _search` of each type of the directory; a provider finds its own addresses only."""
    routes = APIRouter()

    def add(searchable: Searchable) -> None:
        kinds = _OF_ADDRESSES if searchable.type == "Endpoint" else ()
        may_search = Depends(requires(f"system/{searchable.type}.s", *kinds))

        async def answer(request: Request, caller: Caller, body: Given) -> FhirResponse:
            strict = is_strict(request.headers.get("prefer", ""))
            query = read_query(searchable, in_address(request), body, strict=strict, base=f"{base}/fhir")
            async with database.read() as session:
                page = await _page(vault, session, query, caller)
            language = preferred(request.headers.get("accept-language", ""))
            return FhirResponse(searchset(page, query, f"{base}/fhir", language))

        @routes.get(f"/fhir/{searchable.type}")
        async def search(request: Request, caller: Caller = may_search) -> FhirResponse:
            return await answer(request, caller, ())

        @routes.post(f"/fhir/{searchable.type}/_search")
        async def posted_search(request: Request, caller: Caller = may_search) -> FhirResponse:
            return await answer(request, caller, await in_body(request))

    for searchable in DIRECTORY.values():
        add(searchable)
    return routes


async def _page(vault: Vault, session: Session, query: Query, caller: Caller) -> Page:
    """The directory is small: all of a type is read, and what is asked for chosen here."""
    for condition in query.conditions:
        _check_status(query.type, condition)
    found = [
        document
        for document in await vault.newest_of_type(session, query.type)
        if _may_see(document, caller) and matches(orjson.loads(document.body), query.conditions)
    ]
    ordered = sorted(found, key=lambda one: _key(query, one), reverse=query.descending)
    here = [one for one in ordered if _is_behind(query, one)]
    chosen = [] if query.summary == "count" else here[: query.count]
    last = Cursor(chosen[-1].last_updated, chosen[-1].id) if chosen and len(here) > len(chosen) else None
    hits = [_hit(one) for one in chosen]
    included = [
        _hit(one)
        for kind, ids in referred(hits, query.includes).items()
        for one in await vault.newest_of_type(session, kind)
        if one.id in ids
    ]
    return Page(hits, last, len(found), included)


def _check_status(kind: str, condition: Condition) -> None:
    if kind == "Endpoint" and condition.parameter.name == "status":
        codes = {value.code for value in condition.values if isinstance(value, Token)}
        if not codes <= _STATUSES:
            raise refuse("invalid-parameter", "http.status", name="status")


def _may_see(document: Document, caller: Caller) -> bool:
    return document.type != "Endpoint" or caller.kind != "provider" or owner_of(document) == caller.client_id


def _key(query: Query, document: Document) -> tuple[object, ...]:
    return (document.last_updated, document.id) if query.order == "_lastUpdated" else (document.id,)


def _is_behind(query: Query, document: Document) -> bool:
    if query.cursor is None:
        return True
    mine, last = (document.last_updated, document.id), (query.cursor.last_updated, query.cursor.id)
    if query.order == "_id":
        mine, last = mine[1:], last[1:]
    return mine < last if query.descending else mine > last


def _hit(document: Document) -> Hit:
    return Hit(document.type, document.id, document.body)
