"""Hold a referral that nobody may be asked to take before a person has looked at it."""

from datetime import datetime
from typing import Literal

from referral_contracts.errors import LahettiError
from referral_contracts.events import ReferralClosed, ReferralHeld, ReferralRevoked
from referral_contracts.fhir import patients, service_requests
from referral_contracts.fhir.referral_profile import is_protected
from service_runtime.clock import Clock
from service_runtime.events import OutgoingEvent

from referral_gateway.domain.county import County
from referral_gateway.domain.deadlines import deadlines
from referral_gateway.domain.documents import Resource
from referral_gateway.domain.permission import returned_until
from referral_gateway.domain.submission import Submission
from referral_gateway.ports import Cases, Events, KnownReferral, Ledger, NewReferral, Session
from referral_gateway.ports.lines import Lines
from referral_gateway.use_cases.accept_referral import (
    Accepted,
    AcceptReferral,
    NotAcceptedError,
)
from referral_gateway.use_cases.tell import tell

HELD_FOR = "protected-person"


class HoldReferral:
    """Rule: of a person under turvakielto whose municipality is not given, only the service that the
    professional chose may be asked; where none was chosen, a person looks at it (fhir.md, "Turvakielto").

    Writes the documents, the received bytes, the case, and `referral.held`, from which Task A is made.
    """

    def __init__(self, *, accept: AcceptReferral, cases: Cases, events: Events) -> None:
        self._accept = accept
        self._cases = cases
        self._events = events

    @staticmethod
    def applies(submission: Submission) -> bool:
        """Whether a sound submission is one that has to be held."""
        parts = submission.referral
        return (
            parts is not None
            and is_protected(parts)
            and patients.municipality(parts.patient.resource) is None
            and service_requests.chosen_service(parts.request.resource) is None
        )

    async def __call__(self, session: Session, submission: Submission) -> Accepted:
        """Keep it, or answer its original. Raises `duplicate`, and NotAcceptedError where the county's rules
        refuse such a referral."""
        if original := await self._accept.repeated(session, submission):
            return original
        prepared = self._accept.prepared(submission)
        if prepared.ruling.refusal is not None:
            raise NotAcceptedError(LahettiError(prepared.ruling.refusal))
        if original := await self._accept.claim(session, submission, prepared):
            return original
        await self._accept.keep_unplaced(session, prepared)
        referral, consent, at = prepared.referral, prepared.documents.consent, prepared.referral.accepted_at
        await self._cases.open(session, referral.id, HELD_FOR, at)
        await self._events.add(session, [held(prepared.county, referral, consent, at, "person")])
        return self._accept.accepted(prepared)


def held(
    county: County,
    referral: NewReferral,
    consent: Resource,
    at: datetime,
    waits_for: Literal["person", "place"],
) -> OutgoingEvent:
    """What the collector makes Task A from, while nobody is asked: how it would be if it were placed at
    `at`."""
    limits = deadlines(at, county.pathways[referral.pathway].clocks(urgent=referral.urgent))
    body = ReferralHeld(
        referral=referral.id,
        client=referral.client,
        test=referral.test,
        protected=referral.protected,
        urgent=referral.urgent,
        contact_by=limits.contact_by,
        mode="write" if referral.mode == "write" else "poll",
        task_a=referral.task_a,
        ehr_request=referral.ehr_request,
        return_permitted=referral.return_permitted,
        return_until=returned_until(consent, at),
        waits_for=waits_for,
    )
    return tell(referral.id, body)


class EndHeld:
    """Rule: a referral that is held for a person, or waits for a place, ends when its referrer revokes it or
    its permission is withdrawn: there is no provider to wait for.

    Writes the referral as closed, lets it leave its line, settles its cases, and tells the collector, which
    ends Task A.
    """

    def __init__(self, *, ledger: Ledger, lines: Lines, cases: Cases, events: Events, clock: Clock) -> None:
        self._ledger = ledger
        self._lines = lines
        self._cases = cases
        self._events = events
        self._clock = clock

    async def revoked(self, session: Session, referral: KnownReferral) -> None:
        """Its referrer has ended it."""
        await self._ledger.mark(session, referral.id, revoked_at=self._clock.now())
        body = ReferralRevoked(referral=referral.id, service_request=referral.id, by="referrer")
        await self._end(session, referral, body)

    async def withdrawn(self, session: Session, referral: KnownReferral) -> None:
        """The client has taken the permission back, which may be after its end too."""
        body = ReferralRevoked(referral=referral.id, service_request=referral.id, by="permission")
        await self._end(session, referral, body)

    async def _end(self, session: Session, referral: KnownReferral, body: ReferralRevoked) -> None:
        now, told = self._clock.now(), [tell(referral.id, body)]
        if referral.closed_at is None:
            await self._ledger.mark(session, referral.id, closed_at=now)
            await self._lines.leave(session, [referral.id], now, "ended")
            for _, kind in await self._cases.open_kinds(session, [referral.id]):
                await self._cases.resolve(session, referral.id, kind, now)
            told.append(tell(referral.id, ReferralClosed(referral=referral.id)))
        await self._events.add(session, told)
