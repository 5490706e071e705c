"""Search of Tasks: `GET /fhir/Task` and `POST /fhir/Task/_search`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from referral_contracts.errors import Issue, LahettiError
from referral_contracts.fhir.search.bundle import Hit, Page, searchset
from referral_contracts.fhir.search.definitions import TASK
from referral_contracts.fhir.search.including import referred
from referral_contracts.fhir.search.query import Cursor, Query
from referral_contracts.fhir.search.reading import Given, is_strict, read_query
from service_runtime.web.access import Caller
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address, in_body
from starlette.requests import Request

from outcome_collector.domain.task_search import task_search
from outcome_collector.entrypoints.task_access import Searcher, TaskApi, author
from outcome_collector.entrypoints.task_recorded import recorded_tasks
from outcome_collector.ports import Found
from outcome_collector.use_cases.read_tasks import search_tasks


def add_search(routes: APIRouter, api: TaskApi) -> None:
    """The two spellings of one search."""

    @routes.get("/fhir/Task")
    async def search(request: Request, caller: Searcher) -> FhirResponse:
        return await _Answer(api, request, caller).given(())

    @routes.post("/fhir/Task/_search")
    async def posted_search(request: Request, caller: Searcher) -> FhirResponse:
        return await _Answer(api, request, caller).given(await in_body(request))


@dataclass(frozen=True, slots=True)
class _Answer:
    api: TaskApi
    request: Request
    caller: Caller

    async def given(self, body: Given) -> FhirResponse:
        headers = self.request.headers
        strict = is_strict(headers.get("prefer", ""))
        query = read_query(TASK, in_address(self.request), body, strict=strict, base=self.api.base)
        wanted = task_search(query)
        at = self.api.clock.now()
        async with self.api.units.single() as unit:
            found = await search_tasks(unit, wanted, author(self.caller), at)
        # The neighbour is asked when the transaction is over.
        tasks = await recorded_tasks(self.api.recordings, self.caller, found.tasks, at)
        matches = [Hit("Task", task.id, task.document) for task in tasks]
        included, warnings = await self._included(matches, query)
        page = Page(matches, _last(found), found.total, included, warnings)
        language = preferred(headers.get("accept-language", ""))
        return FhirResponse(searchset(page, query, self.api.base, language), headers=_PRIVATE)

    async def _included(self, matches: Sequence[Hit], query: Query) -> tuple[list[Hit], list[Issue]]:
        """What comes along, and why something of it does not."""
        authorization = self.request.headers.get("authorization", "")
        included: list[Hit] = []
        warnings: list[Issue] = []
        for kind, ids in referred(matches, query.includes).items():
            try:
                included += await self.api.includes.resources(kind, ids, authorization)
            except LahettiError as withheld:
                warnings += withheld.issues
        return included, warnings


_PRIVATE = {"Cache-Control": "private, no-store"}


def _last(found: Found) -> Cursor | None:
    if not (found.more and found.tasks):
        return None
    return Cursor(found.tasks[-1].last_updated, found.tasks[-1].id)
