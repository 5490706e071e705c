"""`POST /fhir`: a transaction Bundle becomes a referral, a batch Bundle is done entry by entry."""

from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import refuse
from referral_contracts.fhir import reading
from referral_contracts.fhir.batch import is_batch
from referral_contracts.fhir.referral_profile import Part, Referral, none_exist
from service_runtime import logs
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.languages import Language, preferred
from service_runtime.web.responses import FhirResponse

from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.adapters.idempotency_keys import IdempotencyKeys
from referral_gateway.domain.submission import Submission
from referral_gateway.entrypoints.batch import Batches
from referral_gateway.entrypoints.conditions import Existing
from referral_gateway.entrypoints.decisions import told
from referral_gateway.entrypoints.preferred import as_preferred
from referral_gateway.ports import Session
from referral_gateway.use_cases.accept_referral import (
    Accepted,
    AcceptReferral,
    NotAcceptedError,
)
from referral_gateway.use_cases.hold_referral import HoldReferral
from referral_gateway.use_cases.wait_for_place import WaitForPlace

_MAY_SUBMIT = Depends(requires("system/Bundle.c", "ehr", "provider"))
_log = logs.logger()


def router(
    accept: AcceptReferral,
    submitting: "Submitting",
    counties: CountyStore,
    existing: Existing,
    batches: Batches,
    public_base: str,
) -> APIRouter:
    """The route. The answer to a transaction says where each entry is now, in the Bundle's order. A provider
    refers nobody: of it only a batch is taken."""
    routes = APIRouter()

    @routes.post("/fhir/", include_in_schema=False)  # as clients write it that join a base and no path
    @routes.post("/fhir")
    async def submit(request: Request, caller: Caller = _MAY_SUBMIT) -> FhirResponse:
        raw = await request.body()
        if caller.kind == "provider":
            if not is_batch(bundle := reading.parse(raw)):
                raise refuse("caller-not-allowed")
            return await batches.answer(request, caller, bundle)
        await counties.look()
        submission = accept.read(caller.client_id, raw)
        if is_batch(submission.bundle):
            return await batches.answer(request, caller, submission.bundle)
        parts = submission.referral
        condition = none_exist(submission.bundle) if parts else None
        if parts and (there := await existing(caller, condition)):
            whole = _there_already(parts, there)
            return FhirResponse(orjson.dumps(await as_preferred(request, batches, whole)))
        accepted = await submitting.commit(submission, request.headers.get("idempotency-key"))
        _log.info(
            "referral.accepted" if accepted.new else "referral.repeated",
            referral=accepted.referral,
            client_id=caller.client_id,
            provider=accepted.provider,
        )
        whole = transaction_response(
            accepted, public_base, preferred(request.headers.get("accept-language", ""))
        )
        return FhirResponse(orjson.dumps(await as_preferred(request, batches, whole)))

    return routes


class Submitting:
    """The transactions around accepting: one that keeps everything, at once or in a line, or one that tells
    of a refusal."""

    def __init__(
        self,
        accept: AcceptReferral,
        hold: HoldReferral,
        wait: WaitForPlace,
        keys: IdempotencyKeys,
        database: Database,
    ) -> None:
        self._accept = accept
        self._hold = hold
        self._wait = wait
        self._keys = keys
        self._database = database

    async def commit(self, submission: Submission, key: str | None = None) -> Accepted:
        """The referral, committed; with it, that the caller's idempotency `key` means this content. Raises
        `idempotency-key-reused` where it means another."""
        try:
            if submission.issues or submission.permission:
                async with self._database.read() as session:
                    return await self._accept.refuse(session, submission)
            if self._hold.applies(submission):
                async with self._database.write() as session:
                    await self._claim(session, submission, key)
                    return await self._hold(session, submission)
            return await self._placed(submission, key)
        except NotAcceptedError as refused:
            async with self._database.write() as session:
                await self._accept.tell_refusal(session, submission, refused.refusal)
            _log.info("referral.refused", client_id=submission.client, reason=refused.refusal.issues[0].slug)
            raise refused.refusal from None

    async def _placed(self, submission: Submission, key: str | None) -> Accepted:
        try:
            # Accepting is one statement; with a key it is not.
            async with self._database.write() if key else self._database.single() as session:
                await self._claim(session, submission, key)
                return await self._accept.store(session, submission)
        except NotAcceptedError as refused:
            if not refused.waits:
                raise
            async with self._database.write() as session:
                await self._claim(session, submission, key)
                return await self._wait(session, submission, refused)

    async def _claim(self, session: Session, submission: Submission, key: str | None) -> None:
        if key:
            await self._keys.claim(session, submission.client, key, submission.content_hash())


def transaction_response(accepted: Accepted, public_base: str, language: Language) -> dict[str, Any]:
    """The answer to a first post, and word for word to each repeat. `link` says where Task A can be read
    here; the ServiceRequest's outcome tells the professional, in `language`, which rule decided, that the
    referral waits for a place where it does, and what to record.
    """
    at = accepted.at.isoformat(timespec="milliseconds")
    outcome = told(accepted, language)
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "link": [{"relation": "status", "url": f"{public_base}/fhir/Task/{accepted.referral}"}],
        "entry": [
            {"response": _entry(location, at) | _outcome(location, outcome)}
            for location in accepted.locations
        ],
    }


def _there_already(parts: Referral, referral: str) -> dict[str, Any]:
    """The answer where `ifNoneExist` found the referral: nothing was made. What others it brought along is
    not told, as what was posted now may have brought other things."""
    once = {part.index: part for part in (parts.request, parts.patient, parts.consent, parts.task) if part}
    count = len(once) + len(parts.others)
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [
            {"response": {"status": "200 OK"} | _location(once.get(index), referral)}
            for index in range(count)
        ],
    }


def _location(part: Part | None, referral: str) -> dict[str, str]:
    return {"location": f"{part.resource['resourceType']}/{referral}"} if part is not None else {}


def _outcome(location: str, outcome: dict[str, Any] | None) -> dict[str, Any]:
    return {"outcome": outcome} if outcome is not None and location.startswith("ServiceRequest/") else {}


def _entry(location: str, at: str) -> dict[str, str]:
    if location.startswith("Task/"):
        # The collector makes it in a moment: which version it will have is not ours to say.
        return {"status": "201 Created", "location": location}
    return {
        "status": "201 Created",
        "location": f"{location}/_history/1",
        "etag": 'W/"1"',
        "lastModified": at,
    }
