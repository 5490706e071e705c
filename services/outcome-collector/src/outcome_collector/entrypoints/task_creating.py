"""`POST /fhir/Task`: the referrer's wish to stop; no other Task is made by anybody but the platform."""

import orjson
from fastapi import APIRouter
from referral_contracts.errors import Issue, refuse
from referral_contracts.fhir.reading import parse
from referral_contracts.operation_outcome import information
from service_runtime.logs import logger
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.versions import wanted_return
from starlette.requests import Request

from outcome_collector.domain.stop_wish import read_wish
from outcome_collector.entrypoints.task_access import Creator, TaskApi, author
from outcome_collector.entrypoints.task_resources import task_response
from outcome_collector.ports import StoredVersion
from outcome_collector.use_cases.ask_to_stop import Asked, ask_to_stop

_log = logger()


def add_create(routes: APIRouter, api: TaskApi) -> None:
    """The one route."""

    @routes.post("/fhir/Task")
    async def create(request: Request, caller: Creator) -> FhirResponse:
        if "if-none-exist" in request.headers:
            # An identifier in the wish does the same.
            raise refuse("condition-unsupported", "http.If-None-Exist")
        wish = read_wish(parse(await request.body()), api.base)
        async with api.units.write() as unit:
            asked = await ask_to_stop(unit, wish, author(caller), now=api.clock.now, patience=api.patience)
        _log.info(
            "stop.asked",
            referral=asked.task.referral,
            task=asked.task.id,
            version=asked.task.version,
            reason=asked.became,
            client_id=caller.client_id,
        )
        return _answer(api, request, asked)


def _answer(api: TaskApi, request: Request, asked: Asked) -> FhirResponse:
    """201 with the stop Task that was made; 200 with the one that was there, or with Task A where the
    referral is cancelled without one. Location names what is told of (RFC 9110, 10.2.2)."""
    task = asked.task
    version = StoredVersion(task.id, task.version, task.last_updated, task.document)
    wish = wanted_return(request.headers.get("prefer", ""))
    body = None
    if wish == "minimal":
        body = b""
    elif wish == "OperationOutcome":
        language = preferred(request.headers.get("accept-language", ""))
        body = orjson.dumps(information(Issue(asked.became), language))
    answer = task_response(version, body)
    answer.status_code = 201 if asked.became == "provider-is-asked-to-stop" else 200
    place = f"{api.base}/Task/{task.id}/_history/{task.version}"
    answer.headers["Location" if task.kind == "stop" else "Content-Location"] = place
    return answer
