"""The FHIR routes of Task: read, vread, history, and search, and the patches by which providers report."""

from functools import partial

import orjson
from fastapi import APIRouter
from referral_contracts.errors import Issue
from referral_contracts.fhir.fhirpath_patch import json_patch
from referral_contracts.fhir.reading import parse
from referral_contracts.fhir.search.reading import is_strict
from referral_contracts.fhir.search.versions import Version, history_bundle, read_history_query
from referral_contracts.operation_outcome import information
from service_runtime.logs import logger
from service_runtime.web.access import Caller
from service_runtime.web.languages import preferred
from service_runtime.web.media_types import is_fhir_json
from service_runtime.web.responses import FhirResponse
from service_runtime.web.search_parameters import in_address
from service_runtime.web.versions import wanted_return
from starlette.requests import Request

from outcome_collector.domain.task_patch import read_patch
from outcome_collector.entrypoints.task_access import Reader, TaskApi, Updater, author
from outcome_collector.entrypoints.task_creating import add_create
from outcome_collector.entrypoints.task_recorded import recorded_versions
from outcome_collector.entrypoints.task_resources import (
    read_response,
    task_response,
    version_of,
)
from outcome_collector.entrypoints.task_searching import add_search
from outcome_collector.ports import StoredVersion
from outcome_collector.use_cases.read_tasks import read_history, read_task, read_version
from outcome_collector.use_cases.record_outcome import Recorded, Report, record_outcome, task_to_change

_log = logger()


def router(api: TaskApi) -> APIRouter:
    """`/fhir/Task`: all routes that read and change Tasks."""
    routes = APIRouter()
    add_search(routes, api)
    add_create(routes, api)

    @routes.get("/fhir/Task/{task}")
    async def read(task: str, request: Request, caller: Reader) -> FhirResponse:
        async with api.units.single() as unit:
            version = await read_task(unit, task, author(caller), api.clock.now())
        # The neighbour is asked when the transaction is over.
        [version] = await recorded_versions(api.recordings, caller, [version])
        return read_response(request, version)

    @routes.get("/fhir/Task/{task}/_history")
    async def history(task: str, request: Request, caller: Reader) -> FhirResponse:
        strict = is_strict(request.headers.get("prefer", ""))
        query = read_history_query(in_address(request), strict=strict)
        async with api.units.single() as unit:
            versions = await read_history(unit, task, author(caller), api.clock.now())
        versions = await recorded_versions(api.recordings, caller, versions)
        told = [Version("Task", one.id, one.version, one.last_updated, one.document) for one in versions]
        address = f"{api.base}/Task/{task}/_history"
        return FhirResponse(history_bundle(told, query, api.base, address))

    @routes.get("/fhir/Task/{task}/_history/{version}")
    async def vread(task: str, version: str, request: Request, caller: Reader) -> FhirResponse:
        number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0
        async with api.units.single() as unit:
            found = await read_version(unit, task, number, author(caller), api.clock.now())
        [found] = await recorded_versions(api.recordings, caller, [found])
        return read_response(request, found)

    @routes.patch("/fhir/Task/{task}")
    async def patch(task: str, request: Request, caller: Updater) -> FhirResponse:
        body, by = await request.body(), author(caller)
        version = version_of(request)
        if is_fhir_json(request.headers.get("content-type", "")):
            # Its paths are read on the version that it was made on; any other is refused as stale below.
            parameters = parse(body)
            async with api.units.single() as unit:
                operations = json_patch(parameters, await task_to_change(unit, task, by))
        else:
            operations = read_patch(body)
        report = Report(task, version, operations, by)
        record = partial(record_outcome, report=report, now=api.clock.now, patience=api.patience)
        recorded = await api.units.change(record)
        _log_recorded(recorded, caller)
        return _patched(recorded, request)

    return routes


def _patched(recorded: Recorded, request: Request) -> FhirResponse:
    """The Task as it now is, or what the Prefer header asks for in its place."""
    task = recorded.task
    version = StoredVersion(task.id, task.version, task.last_updated, task.document)
    wish = wanted_return(request.headers.get("prefer", ""))
    if wish == "minimal":
        return task_response(version, b"")
    if wish == "OperationOutcome":
        language = preferred(request.headers.get("accept-language", ""))
        return task_response(version, orjson.dumps(information(_told(recorded), language)))
    return task_response(version)


def _told(recorded: Recorded) -> Issue:
    """That it is done, or why the status is another than the one asked for."""
    if recorded.explanation is None:
        return Issue("changed")
    return Issue(recorded.explanation, ("Task.status",))


def _log_recorded(recorded: Recorded, caller: Caller) -> None:
    task = recorded.task
    _log.info(
        "outcome.recorded",
        referral=task.referral,
        task=task.id,
        version=task.version,
        state=task.state.status,
        client_id=caller.client_id,
        caller_kind=caller.kind,
    )
