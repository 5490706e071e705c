"""Search of ServiceRequest, Patient and Consent, with what comes along from here and from the collector."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import Issue, LahettiError
from referral_contracts.fhir.search.bundle import Hit, Page, searchset
from referral_contracts.fhir.search.definitions import REFERRALS, Searchable
from referral_contracts.fhir.search.including import referred
from referral_contracts.fhir.search.query import Query
from referral_contracts.fhir.search.reading import Given, is_strict, read_query
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address, in_body

from referral_gateway.entrypoints.documents import SCOPES
from referral_gateway.ports import Document
from referral_gateway.use_cases.search_documents import SearchDocuments


class Tasks(Protocol):
    """The collector's Tasks."""

    async def focusing(self, requests: Sequence[str], authorization: str) -> Sequence[Hit]: ...


@dataclass(frozen=True, slots=True)
class SearchApi:
    """What the routes need. `base` is the public base, `look` brings the county up to date."""

    search: SearchDocuments
    database: Database
    look: Callable[[], Awaitable[None]]
    tasks: Tasks
    base: str


def router(api: SearchApi) -> APIRouter:
    """`GET` and `POST _search` of each type. The audit rows are committed before anything is answered."""
    routes = APIRouter()

    def add(searchable: Searchable) -> None:
        may_search = Depends(requires(f"system/{searchable.type}.s", "ehr", "provider"))

        @routes.get(f"/fhir/{searchable.type}")
        async def search(request: Request, caller: Caller = may_search) -> FhirResponse:
            return await _answer(api, searchable, request, caller, ())

        @routes.post(f"/fhir/{searchable.type}/_search")
        async def posted_search(request: Request, caller: Caller = may_search) -> FhirResponse:
            return await _answer(api, searchable, request, caller, await in_body(request))

    for searchable in REFERRALS.values():
        add(searchable)
    return routes


async def _answer(
    api: SearchApi, searchable: Searchable, request: Request, caller: Caller, body: Given
) -> FhirResponse:
    strict = is_strict(request.headers.get("prefer", ""))
    query = read_query(searchable, in_address(request), body, strict=strict, base=f"{api.base}/fhir")
    await api.look()
    warnings: list[Issue] = []
    async with api.database.write() as session:
        found = await api.search(session, caller, query)
        hits = [_hit(document) for document in found.documents]
        included: list[Hit] = []
        for kind, ids in referred(hits, query.includes).items():
            if caller.may(SCOPES[kind]):
                included += [_hit(one) for one in await api.search.named(session, caller, kind, ids)]
            else:
                warnings.append(Issue("include-withheld", (), {"type": kind}))
    included += await _tasks(api, query, hits, request, warnings)
    page = Page(hits, found.last, found.total, included, warnings)
    language = preferred(request.headers.get("accept-language", ""))
    return FhirResponse(searchset(page, query, f"{api.base}/fhir", language))


async def _tasks(
    api: SearchApi, query: Query, hits: Sequence[Hit], request: Request, warnings: list[Issue]
) -> Sequence[Hit]:
    """The neighbour is asked when the transaction is over."""
    if not (query.revincludes and hits):
        return ()
    try:
        requests = [hit.id for hit in hits]
        return await api.tasks.focusing(requests, request.headers.get("authorization", ""))
    except LahettiError as withheld:
        warnings += withheld.issues
        return ()


def _hit(document: Document) -> Hit:
    return Hit(document.type, document.id, document.body)
