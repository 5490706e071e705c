"""Brings a version of Task A to the record system's own Task: read it, change what is ours, put it back."""

import hashlib
from dataclasses import replace
from typing import Any

import aiohttp
import orjson
from service_runtime import http
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.delivery.classes import AttemptClass, class_of_status
from service_runtime.delivery.over_http import class_of_http_error, retry_after
from service_runtime.delivery.sender import Attempted, Delivery

from outcome_collector.adapters.service_token import ServiceTokens
from outcome_collector.adapters.write_back_rows import Wanted, wanted
from outcome_collector.domain.mirror import may_overwrite
from outcome_collector.domain.recorded import NOTHING, with_recording
from outcome_collector.domain.returned import already_shows, applied_to_theirs
from outcome_collector.domain.task_documents import Document
from outcome_collector.domain.task_state import ENDED
from outcome_collector.domain.task_views import withheld_view
from outcome_collector.ports import Recordings, RecordingsUnknownError

MOST_BYTES = 1_048_576
ROUNDS = 4
"""How often a Task that changes between our read and our write is read again within one attempt."""
WAITS = 2
"""Attempts at the last version that wait for what is to be recorded; after them it goes without."""
_FHIR = "application/fhir+json"


class EhrSender:
    """Port `Sender` of the delivery engine for record systems in mode write.

    Everything that is not ours in the record system's Task is put back as it was read. A Task that it has
    moved on
    by itself is left alone: where our newest status may follow later, that one will; else a person is
    needed."""

    def __init__(
        self,
        database: Database,
        client: aiohttp.ClientSession,
        tokens: ServiceTokens,
        clock: Clock,
        recordings: Recordings,
    ) -> None:
        self._database, self._client, self._tokens, self._clock = database, client, tokens, clock
        self._recordings = recordings

    async def send(self, delivery: Delivery) -> Attempted:
        """One attempt: a few rounds of reading and writing while the Task changes under us."""
        want = await wanted(self._database, delivery, self._clock.now())
        if want is None:
            return Attempted(AttemptClass.INVALID_URL)
        if not want.may_return:
            want = replace(want, document=withheld_view(want.document), before={})
        try:
            want = await self._recorded(delivery, want)
        except RecordingsUnknownError:
            return Attempted(AttemptClass.UNAVAILABLE)
        attempted = Attempted(AttemptClass.CONFLICT)
        try:
            for _ in range(ROUNDS):
                attempted = await self._round(want)
                if attempted.outcome is not AttemptClass.CONFLICT:
                    break
        except aiohttp.ClientError as error:
            return Attempted(class_of_http_error(error))
        return attempted

    async def _recorded(self, delivery: Delivery, want: Wanted) -> Wanted:
        """With what is to be recorded of the referral. What was brought before stays at the record system:
        an act that was done is not undone. Raises RecordingsUnknownError for the last version, which nothing
        follows, at its first attempts: the status is what matters, and any other goes without."""
        referral = delivery.ordering_key
        try:
            found = await self._recordings.of([referral])
        except RecordingsUnknownError:
            if want.document["status"] in ENDED and delivery.attempt <= WAITS:
                raise
            return want
        recording = found.get(referral, NOTHING)
        return replace(want, document=with_recording(want.document, recording, permitted=want.may_return))

    async def _round(self, want: Wanted) -> Attempted:
        answer = await http.call(
            self._client, "GET", want.url, headers=self._headers(want.url), most_bytes=MOST_BYTES
        )
        if answer.status != 200:
            return self._attempted(answer)
        theirs = _task(answer)
        if theirs is None:
            # It answered 200 with something else: an address that leads elsewhere.
            return self._attempted(answer, AttemptClass.CLIENT)
        if not may_overwrite(theirs["status"], want.document["status"]):
            follows = may_overwrite(theirs["status"], want.newest)
            return self._attempted(answer, AttemptClass.DELIVERED if follows else AttemptClass.CLIENT)
        if already_shows(theirs, want.document, want.before):
            return self._attempted(answer)
        return await self._put(want, theirs, answer)

    async def _put(self, want: Wanted, theirs: Document, read: http.Answer) -> Attempted:
        headers = self._headers(want.url) | {"Content-Type": _FHIR}
        version = read.headers.get("ETag") or _etag(theirs)
        if version:
            headers["If-Match"] = version
        body = orjson.dumps(applied_to_theirs(theirs, want.document, want.before))
        answer = await http.call(self._client, "PUT", want.url, headers=headers, body=body)
        if answer.status in (409, 412):
            return self._attempted(answer, AttemptClass.CONFLICT)
        return self._attempted(answer)

    def _attempted(self, answer: http.Answer, outcome: AttemptClass | None = None) -> Attempted:
        return Attempted(
            outcome or class_of_status(answer.status),
            status_code=answer.status,
            retry_after=retry_after(answer.headers, self._clock.now()),
            length=len(answer.body),
            digest=hashlib.sha256(answer.body).hexdigest(),
        )

    def _headers(self, url: str) -> dict[str, str]:
        base = url.rsplit("/", 2)[0]
        return {"Authorization": f"Bearer {self._tokens.for_ehr(base)}", "Accept": _FHIR}


def _task(answer: http.Answer) -> Document | None:
    try:
        document: Any = None if answer.truncated else orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict) or document.get("resourceType") != "Task":  # pyright: ignore[reportUnknownMemberType]
        return None
    return document if isinstance(document.get("status"), str) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _etag(theirs: Document) -> str | None:
    version = theirs.get("meta", {}).get("versionId")
    return f'W/"{version}"' if version else None
