"""Accept a referral: everything about it in one transaction, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson
from referral_contracts.errors import Issue, LahettiError, refuse
from referral_contracts.events import ReferralRefused
from referral_contracts.fhir import consents, patients, service_requests
from referral_contracts.fhir.referral_profile import Part, Referral, is_protected, is_test
from service_runtime.clock import Clock
from service_runtime.ids import new_id

from referral_gateway.domain.county import County, EhrClient
from referral_gateway.domain.documents import Served, locations, served
from referral_gateway.domain.filler_order import filler_order, labelled
from referral_gateway.domain.routing import Candidate, Wanted, candidates, choose, explain
from referral_gateway.domain.submission import Identity, Submission, read_submission, wanted
from referral_gateway.ports import (
    Acceptance,
    Acceptances,
    Document,
    Events,
    Kept,
    Ledger,
    NewReferral,
    Session,
)
from referral_gateway.use_cases.place_referral import place
from referral_gateway.use_cases.tell import tell


@dataclass(frozen=True, slots=True)
class Accepted:
    """A referral that is kept. `locations` has `Type/id` for each entry of the Bundle; `new` is False for a
    repeat.
    """

    referral: str
    locations: tuple[str, ...]
    at: datetime
    new: bool
    provider: str | None = None


class NotAcceptedError(Exception):
    """Refused for want of permission or of a provider. To be told by `tell_refusal` in a transaction of its
    own.
    """

    def __init__(self, refusal: LahettiError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class AcceptReferral:
    """Rule: duplicate, profile, permission, route, in this order; what was acknowledged is committed,
    whole.

    Writes the documents, the received bytes, ServiceRequest B, the routing, `referral.routed` and one of the
    agreement's number.
    """

    def __init__(
        self,
        *,
        acceptances: Acceptances,
        ledger: Ledger,
        events: Events,
        county: Callable[[], County],
        clock: Clock,
    ) -> None:
        self._acceptances = acceptances
        self._ledger = ledger
        self._events = events
        self._county = county
        self._clock = clock

    def read(self, client_id: str, raw: bytes) -> Submission:
        """What was posted. Raises `malformed-json`, and `client-unknown` for an EHR that the county does
        not know.
        """
        return read_submission(self._county(), self._client(client_id), raw, self._clock.now())

    async def repeated(self, session: Session, submission: Submission) -> Accepted | None:
        """The original where this is a repeat; None where it is new. Raises `duplicate` where it says other
        things.
        """
        identity = submission.identity
        if identity is None or submission.referral is None:
            return None
        known = await self._ledger.identified(session, identity.client, identity.system, identity.value)
        if known is None:
            return None
        if known.content_hash != submission.content_hash():
            raise refuse("duplicate", f"{submission.referral.request.path}.identifier")
        return Accepted(known.id, locations(submission.referral, known.id), known.accepted_at, new=False)

    async def refuse(self, session: Session, submission: Submission) -> Accepted:
        """For a submission with issues: the original if it is a repeat of what was accepted once; raises
        otherwise.
        """
        if original := await self.repeated(session, submission):
            return original
        if submission.issues:
            raise LahettiError(*submission.issues)
        raise NotAcceptedError(LahettiError(*submission.permission))

    async def store(self, session: Session, submission: Submission) -> Accepted:
        """Keep a submission without issues, or answer its original.

        Raises `duplicate`, and NotAcceptedError with each candidate's reason.
        """
        parts, identity = submission.referral, submission.identity
        if parts is None or parts.consent is None or identity is None:
            raise refuse("required-element", "Bundle.entry")
        at = self._clock.now()
        county, client = self._county(), self._client(submission.client)
        referral = _referral(submission, parts, parts.consent, identity, client, at)
        documents = served(parts, parts.consent, referral.id, at)
        looked_at, full = candidates(county, _wanted(parts, parts.consent, referral, at)), set[str]()
        while (candidate := choose(looked_at, full)) is not None:
            acceptance = _acceptance(county, referral, documents, candidate, submission.raw)
            kept = await self._acceptances.keep(session, acceptance)
            if kept is Kept.NEW:
                there = locations(parts, referral.id)
                return Accepted(referral.id, there, at, new=True, provider=candidate.provider)
            if kept is Kept.REPEAT:
                break
            if candidate.quota is not None:
                full.add(candidate.quota.key)
        if original := await self.repeated(session, submission):
            return original
        reasons = (Issue(reason, (), {"provider": provider}) for provider, reason in explain(looked_at, full))
        raise NotAcceptedError(LahettiError(Issue("no-candidate"), *reasons))

    async def tell_refusal(self, session: Session, submission: Submission, refusal: LahettiError) -> None:
        """All that stays of a refused referral: `referral.refused` with client and code."""
        body = ReferralRefused(client=submission.client, code=refusal.issues[0].slug)
        await self._events.add(session, [tell(new_id(), body)])

    def _client(self, client_id: str) -> EhrClient:
        client = self._county().clients.get(client_id)
        if client is None:
            raise refuse("client-unknown", client=client_id)
        return client


def _acceptance(
    county: County, referral: NewReferral, documents: Served, candidate: Candidate, raw: bytes
) -> Acceptance:
    at = referral.accepted_at
    order = filler_order(documents.request, documents.others, candidate, new_id(), at)
    order = labelled(order, test=referral.test, protected=referral.protected)
    placement = place(county, referral, order, candidate, documents.consent, number=1, at=at)
    kept = [
        Document(one["resourceType"], one["id"], 1, orjson.dumps(one), at, referral.id)
        for one in documents.all
    ]
    return Acceptance(
        referral, [*kept, placement.order], raw, placement.routing, candidate.quota, placement.event
    )


def _wanted(parts: Referral, consent: Part, referral: NewReferral, at: datetime) -> Wanted:
    return wanted(
        parts.request.resource,
        parts.patient.resource,
        consent.resource,
        test=referral.test,
        protected=referral.protected,
        at=at,
    )


def _referral(
    submission: Submission,
    parts: Referral,
    consent: Part,
    identity: Identity,
    client: EhrClient,
    at: datetime,
) -> NewReferral:
    request, patient = parts.request.resource, parts.patient.resource
    own_url = parts.request.url or ""
    return NewReferral(
        id=new_id(),
        client=client.id,
        identifier_system=identity.system,
        identifier_value=identity.value,
        content_hash=submission.content_hash(),
        pathway=service_requests.pathways(request)[0],
        municipality=patients.municipality(patient),
        mode="write" if parts.task is not None else "poll",
        task_a=parts.task.url if parts.task is not None else None,
        ehr_request=own_url if client.owns(own_url) else None,
        test=is_test(parts),
        protected=is_protected(parts),
        urgent=service_requests.is_urgent(request),
        return_permitted=consents.return_permitted(consent.resource, at),
        accepted_at=at,
    )
