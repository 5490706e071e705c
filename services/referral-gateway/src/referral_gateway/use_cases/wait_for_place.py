"""Let a referral wait in line: nobody has a place for it now, and a provider wants a waitlist."""

from service_runtime.ids import new_id

from referral_gateway.domain.permission import permission_for
from referral_gateway.domain.routing import candidates
from referral_gateway.domain.submission import Submission
from referral_gateway.domain.waiting import Waiting, patience
from referral_gateway.ports import Events, Session
from referral_gateway.ports.lines import Lines
from referral_gateway.use_cases.accept_referral import (
    Accepted,
    AcceptReferral,
    NotAcceptedError,
)
from referral_gateway.use_cases.hold_referral import held
from referral_gateway.use_cases.prepare_referral import Prepared


class WaitForPlace:
    """Rule: a referral that nobody has a place for waits with the first of its candidates whose waitlist has
    room, behind those who came before it, or as urgent behind the urgent; that provider hears of it when the
    place comes (D13).

    Writes the documents, the received bytes, the Provenance of the rule, its stand in the line, and
    `referral.held`, from which Task A is made.
    """

    def __init__(self, *, accept: AcceptReferral, lines: Lines, events: Events) -> None:
        self._accept = accept
        self._lines = lines
        self._events = events

    async def __call__(self, session: Session, submission: Submission, refused: NotAcceptedError) -> Accepted:
        """Keep it, or answer its original. Raises `refused`, so that nothing is kept, where no line has
        room."""
        prepared = self._accept.prepared(submission)
        if original := await self._accept.claim(session, submission, prepared):
            return original
        waiting = await self._join(session, prepared)
        if waiting is None:
            raise refused
        # The order that it names is made when the place comes.
        provenance = prepared.provenance(waiting.order_id)
        await self._accept.keep_unplaced(session, prepared, provenance)
        referral, consent = prepared.referral, prepared.documents.consent
        told = held(prepared.county, referral, consent, referral.accepted_at, "place")
        await self._events.add(session, [told])
        return self._accept.accepted(prepared, provenance=provenance, waits_with=waiting.provider)

    async def _join(self, session: Session, prepared: Prepared) -> Waiting | None:
        referral, county, at = prepared.referral, prepared.county, prepared.referral.accepted_at
        for one in candidates(county, prepared.wanted):
            line = one.line
            if line is None:
                continue
            consent, provider = prepared.documents.consent, county.providers[one.provider]
            permitted = permission_for(consent, provider, one.service, at)
            stand = Waiting(
                referral.id,
                new_id(),
                line.key,
                one.agreement,
                one.provider,
                one.service,
                at,
                referral.urgent,
                tell_at=at + patience(county, one),
                permitted_until=permitted.disclosed_until,
            )
            if await self._lines.join(session, line, stand):
                return stand
        return None
