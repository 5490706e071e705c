"""Let a referral wait in line: nobody has a place for it now, and a provider wants a waitlist."""

from collections.abc import Callable

import orjson
from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.ids import new_id

from referral_gateway.domain.county import County
from referral_gateway.domain.deciding import Ruling
from referral_gateway.domain.documents import Resource, Served, locations, served
from referral_gateway.domain.routing import candidates
from referral_gateway.domain.routing_provenance import routing_provenance
from referral_gateway.domain.submission import Submission
from referral_gateway.domain.waiting import Waiting
from referral_gateway.ports import Document, Events, Ledger, NewReferral, Session, Vault
from referral_gateway.ports.lines import Lines
from referral_gateway.use_cases.accept_referral import (
    Accepted,
    AcceptReferral,
    NotAcceptedError,
    referral_of,
    ruling_of,
    wanted_by,
)
from referral_gateway.use_cases.hold_referral import held


class WaitForPlace:
    """Rule: a referral that nobody has a place for waits with the first of its candidates whose waitlist has
    room; that provider hears of it when the place comes (D13).

    Writes the documents, the received bytes, the Provenance of the rule, its stand in the line, and
    `referral.held`, from which Task A is made.
    """

    def __init__(
        self,
        *,
        accept: AcceptReferral,
        lines: Lines,
        vault: Vault,
        ledger: Ledger,
        events: Events,
        county: Callable[[], County],
        clock: Clock,
    ) -> None:
        self._accept = accept
        self._lines = lines
        self._vault = vault
        self._ledger = ledger
        self._events = events
        self._county = county
        self._clock = clock

    async def __call__(self, session: Session, submission: Submission, refused: NotAcceptedError) -> Accepted:
        """Keep it, or answer its original. Raises `refused`, so that nothing is kept, where no line has
        room."""
        parts, identity = submission.referral, submission.identity
        if parts is None or parts.consent is None or identity is None:
            raise refuse("required-element", "Bundle.entry")
        at, county = self._clock.now(), self._county()
        client = self._accept.client(submission.client)
        referral = referral_of(submission, parts, parts.consent, identity, client, at)
        documents = served(parts, parts.consent, referral.id, at)
        ruling = ruling_of(county, referral, documents)
        if not await self._ledger.claim(session, referral):
            # Another process was faster with the same identity; what it wrote is there to be read now.
            original = await self._accept.repeated(session, submission)
            assert original is not None  # noqa: S101 its identity was taken
            return original
        waiting = await self._join(session, county, referral, documents, ruling)
        if waiting is None:
            raise refused
        provenance = _provenance(county, referral, waiting, ruling)
        written = (*documents.all, provenance) if provenance is not None else documents.all
        await self._vault.add(
            session,
            [
                Document(one["resourceType"], one["id"], 1, orjson.dumps(one), at, referral.id)
                for one in written
            ],
        )
        await self._vault.keep_evidence(session, referral.id, submission.raw, at)
        await self._events.add(session, [held(county, referral, documents.consent, at, "place")])
        there = locations(parts, referral.id)
        recording = self._accept.recording(referral.pathway)
        return Accepted(referral.id, there, at, True, None, provenance, recording, waiting.provider)

    async def _join(
        self, session: Session, county: County, referral: NewReferral, documents: Served, ruling: Ruling
    ) -> Waiting | None:
        for one in candidates(county, wanted_by(documents, referral, ruling)):
            line = one.line
            if line is None:
                continue
            stand = Waiting(
                referral.id,
                new_id(),
                line.key,
                one.agreement,
                one.provider,
                one.service,
                referral.accepted_at,
            )
            if await self._lines.join(session, line, stand):
                return stand
        return None


def _provenance(county: County, referral: NewReferral, waiting: Waiting, ruling: Ruling) -> Resource | None:
    """Which rule led here. The order that it names is made when the place comes."""
    if ruling.decision is None:
        return None
    at = referral.accepted_at
    return routing_provenance(county.id, ruling.decision, referral.id, waiting.order_id, 1, at)
