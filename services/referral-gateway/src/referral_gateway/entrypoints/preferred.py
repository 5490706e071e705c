"""What `Prefer` wants back of a transaction: each entry with its resource, or with a word about it
(https://hl7.org/fhir/R4/http.html#ops)."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request
from referral_contracts.errors import Issue, LahettiError
from referral_contracts.fhir.batch import Asked, answered
from referral_contracts.operation_outcome import information
from service_runtime import trace_context
from service_runtime.web.languages import preferred
from service_runtime.web.versions import wanted_return

from referral_gateway.entrypoints.batch import Batches

_PASSED_ON = ("authorization", "accept-language")


async def as_preferred(request: Request, batches: Batches, whole: dict[str, Any]) -> dict[str, Any]:
    """The transaction-response `whole`, which is the minimal answer, as the caller wants it.

    With `return=representation` each entry is read as its author would read it, with the rights, the audit
    row and the version of that; where that is refused, its outcome says why. Task A may come a moment later:
    until then its entry is without it."""
    wish = wanted_return(request.headers.get("prefer", ""), otherwise="minimal")
    if wish == "minimal":
        return whole
    if wish == "OperationOutcome":
        done = information(Issue("changed"), preferred(request.headers.get("accept-language", "")))
        return whole | {
            "entry": [{"response": {"outcome": done} | entry["response"]} for entry in whole["entry"]]
        }
    headers = {name: text for name in _PASSED_ON if (text := request.headers.get(name)) is not None}
    headers["traceparent"] = trace_context.current()
    return whole | {"entry": [await _read(request, batches, entry, headers) for entry in whole["entry"]]}


async def _read(
    request: Request, batches: Batches, entry: dict[str, Any], headers: Mapping[str, str]
) -> dict[str, Any]:
    response: dict[str, Any] = entry["response"]
    if "location" not in response:
        return entry
    place = response["location"].partition("/_history/")[0]
    try:
        answer = await batches.ask(request, Asked("GET", place, {}, b""), headers)
    except LahettiError:
        return entry  # a Task, while its service is away
    if answer.status == 200:
        read = answered(answer.status, answer.headers, answer.body)
        return {"resource": read["resource"], "response": response | _version(place, response, read)}
    if place.startswith("Task/"):
        return entry
    return {"response": {"outcome": orjson.Fragment(answer.body)} | response}


def _version(place: str, response: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """What the answer says of the version that was read, where that is another than the first, of which a
    repeat tells."""
    told = read["response"]
    if told["etag"] == response.get("etag"):
        return {}
    number = told["etag"].removeprefix("W/").strip('"')
    changed = {"etag": told["etag"], "lastModified": told["lastModified"]}
    return {"location": f"{place}/_history/{number}"} | changed
