"""A batch Bundle at the base: each entry is the single interaction that it names, and is answered alone."""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from fastapi import Request
from referral_contracts import operation_outcome
from referral_contracts.errors import LahettiError, refuse
from referral_contracts.fhir.batch import Asked, answered, asked, entries_of
from referral_contracts.fhir.capability import COLLECTOR
from service_runtime import logs, trace_context
from service_runtime.caller import Caller
from service_runtime.http import Answer
from service_runtime.web.inside import ask
from service_runtime.web.languages import preferred
from service_runtime.web.responses import FhirResponse
from service_runtime.web.versions import wanted_return

MOST_BYTES = 8_000_000
"""Of all answers together; what would come after is not done."""
_PASSED_ON = ("authorization", "accept-language", "prefer")
_READING = frozenset({"GET", "HEAD"})
_log = logs.logger()


class Elsewhere(Protocol):
    """The service that answers for Tasks."""

    async def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


class Batches:
    """Sends each entry through the edge of this application, or to the collector: rights, limits, audit and
    refusals are those of its route. Entries are done one after the other, in their order; none waits for,
    undoes or depends on another. `base` is the public base, without `/fhir`."""

    def __init__(self, elsewhere: Elsewhere, base: str, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._elsewhere = elsewhere
        self._base = f"{base}/fhir"

    async def answer(self, request: Request, caller: Caller, bundle: Mapping[str, Any]) -> FhirResponse:
        """The batch-response. Raises what is wrong with the Bundle as a whole; then nothing was done."""
        entries = entries_of(bundle)
        headers = {name: text for name in _PASSED_ON if (text := request.headers.get(name)) is not None}
        headers["traceparent"] = trace_context.current()
        told: list[bytes] = []
        size = 0
        for index, entry in enumerate(entries):
            one = await self._entry(request, entry, index, headers, full=size > self._most_bytes)
            told.append(orjson.dumps(one))
            size += len(told[-1])
        _log.info("batch.answered", client_id=caller.client_id, count=len(entries))
        whole = {
            "resourceType": "Bundle",
            "type": "batch-response",
            "entry": [orjson.Fragment(one) for one in told],
        }
        return FhirResponse(orjson.dumps(whole))

    async def _entry(
        self, request: Request, entry: Any, index: int, headers: Mapping[str, str], *, full: bool
    ) -> dict[str, Any]:
        try:
            if full:
                raise refuse("batch-too-large", f"Bundle.entry[{index}]")
            one = asked(entry, index, self._base)
            answer = await self.ask(request, one, {**headers, **one.headers})
        except LahettiError as refused:
            language = preferred(headers.get("accept-language", ""))
            return answered(refused.http_status, {}, operation_outcome.render(refused.issues, language))
        wish = wanted_return(headers.get("prefer", ""))
        about_change = wish == "OperationOutcome" and one.method not in _READING and "$" not in one.url
        return answered(answer.status, answer.headers, answer.body, about_change=about_change)

    async def ask(self, request: Request, one: Asked, headers: Mapping[str, str]) -> Answer:
        """The answer of whichever service has what `one` asks for. Raises `unavailable` where it has none."""
        target = f"/fhir/{one.url}"
        if one.url.partition("?")[0].partition("/")[0] in COLLECTOR:
            return await self._elsewhere.ask(one.method, target, headers, one.body)
        return await ask(request.app, one.method, target, headers, one.body)
