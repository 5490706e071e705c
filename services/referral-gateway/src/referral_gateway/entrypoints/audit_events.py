"""`GET /fhir/AuditEvent` and its `_search`: who read whose data, for the county's officer only."""

from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts.fhir.audit_events import AuditFilter, AuditRows, audit_event
from referral_contracts.fhir.search.bundle import Hit, Page, searchset
from referral_contracts.fhir.search.definitions import AUDIT_EVENT
from referral_contracts.fhir.search.query import Cursor
from referral_contracts.fhir.search.reading import Given, is_strict, read_query
from service_runtime.caller import Caller
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address, in_body

from referral_gateway.ports import AuditTrail, Reading

ReadAudits = Callable[[AuditFilter], Awaitable[AuditRows]]
_MAY_SEARCH = Depends(requires("system/AuditEvent.s", "staff"))


def router(read: ReadAudits, trail: AuditTrail, database: Database, clock: Clock, base: str) -> APIRouter:
    """The events of both vaults as one searchset. Each search is an audit row itself: about the one referral
    that it names, where it names one.
    """
    routes = APIRouter()

    async def answer(request: Request, caller: Caller, body: Given) -> FhirResponse:
        strict = is_strict(request.headers.get("prefer", ""))
        query = read_query(AUDIT_EVENT, in_address(request), body, strict=strict, base=f"{base}/fhir")
        asked = AuditFilter.of(query)
        found = await read(asked)
        async with database.write() as session:
            await trail.write(session, [_of_search(caller, asked, clock)])
        rows = () if query.summary == "count" else found.rows[: query.count]
        last = Cursor(rows[-1].at, rows[-1].id) if rows and len(found.rows) > len(rows) else None
        hits = [Hit("AuditEvent", row.id, orjson.dumps(audit_event(row))) for row in rows]
        language = preferred(request.headers.get("accept-language", ""))
        return FhirResponse(searchset(Page(hits, last, found.total), query, f"{base}/fhir", language))

    @routes.get("/fhir/AuditEvent")
    async def search(request: Request, caller: Caller = _MAY_SEARCH) -> FhirResponse:
        return await answer(request, caller, ())

    @routes.post("/fhir/AuditEvent/_search")
    async def posted_search(request: Request, caller: Caller = _MAY_SEARCH) -> FhirResponse:
        return await answer(request, caller, await in_body(request))

    return routes


def _of_search(caller: Caller, asked: AuditFilter, clock: Clock) -> Reading:
    named = {one for alternatives in asked.referrals for one in alternatives}
    return Reading(
        at=clock.now(),
        client=caller.client_id,
        kind=caller.kind,
        action="search",
        type="AuditEvent",
        resource="",
        outcome="given",
        referral=named.pop() if len(named) == 1 else None,
    )
