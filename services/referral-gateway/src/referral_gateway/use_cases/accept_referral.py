"""Accept a referral: everything about it in one transaction, or nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from referral_contracts.errors import Issue, LahettiError, refuse
from referral_contracts.events import ReferralRefused
from service_runtime.clock import Clock
from service_runtime.ids import new_id

from referral_gateway.domain.county import County, EhrClient
from referral_gateway.domain.deciding import Ruling
from referral_gateway.domain.documents import Resource, locations
from referral_gateway.domain.filler_order import filler_order, labelled
from referral_gateway.domain.recording import NOTHING, Recording
from referral_gateway.domain.routing import Candidate, candidates, choose, explain
from referral_gateway.domain.routing_provenance import TYPE as PROVENANCE
from referral_gateway.domain.submission import Submission, read_submission
from referral_gateway.ports import (
    Acceptance,
    Acceptances,
    Events,
    Kept,
    Ledger,
    Session,
    Vault,
)
from referral_gateway.ports.lines import Lines
from referral_gateway.use_cases.place_referral import place
from referral_gateway.use_cases.prepare_referral import Prepared, prepare
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
    provenance: Resource | None = None
    """What says which rule decided; None on a pathway without rules."""
    recording: Recording = NOTHING
    """What the record system may record of the referral that was made."""
    waits_with: str | None = None
    """The provider on whose waitlist it was put; None where it had a place at once."""


class NotAcceptedError(Exception):
    """Refused for want of permission or of a provider. To be told by `tell_refusal` in a transaction of its
    own. `waits` says that it may stand in a line: somebody could take it, but for a number that is used up.
    """

    def __init__(self, refusal: LahettiError, *, waits: bool = False) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.waits = waits


class AcceptReferral:
    """Rule: duplicate, profile, permission, the county's rules, route, in this order; what was acknowledged
    is committed, whole.

    Writes the documents, the received bytes, ServiceRequest B, the Provenance of its rule, the routing,
    `referral.routed` and one of the agreement's number.
    """

    def __init__(
        self,
        *,
        acceptances: Acceptances,
        vault: Vault,
        ledger: Ledger,
        lines: Lines,
        events: Events,
        county: Callable[[], County],
        clock: Clock,
    ) -> None:
        self._acceptances = acceptances
        self._vault = vault
        self._ledger = ledger
        self._lines = lines
        self._events = events
        self._county = county
        self._clock = clock

    def read(self, client_id: str, raw: bytes) -> Submission:
        """What was posted. Raises `malformed-json`, and `client-unknown` for an EHR that the county does
        not know.
        """
        return read_submission(self._county(), self.client(client_id), raw, self._clock.now())

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
        told = await self._vault.version(session, PROVENANCE, known.id, 1)
        waited = await self._lines.joined(session, known.id)
        return Accepted(
            known.id,
            locations(submission.referral, known.id),
            known.accepted_at,
            new=False,
            provenance=orjson.loads(told.body) if told else None,
            recording=self.recording(known.pathway),
            waits_with=waited.provider if waited else None,
        )

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
        prepared = self.prepared(submission)
        ruling, looked_at, full = prepared.ruling, candidates(prepared.county, prepared.wanted), set[str]()
        while ruling.refusal is None and (candidate := choose(looked_at, full)) is not None:
            acceptance = _acceptance(prepared, candidate)
            kept = await self._acceptances.keep(session, acceptance)
            if kept is Kept.NEW:
                return self.accepted(prepared, candidate.provider, provenance=acceptance.provenance)
            if kept is Kept.REPEAT:
                break
            if candidate.quota is not None:
                full.add(candidate.quota.key)
        if original := await self.repeated(session, submission):
            return original
        refusal = _not_placed(ruling, explain(looked_at, full))
        raise NotAcceptedError(refusal, waits=_may_wait(ruling, looked_at))

    def prepared(self, submission: Submission) -> Prepared:
        """As it would be kept now. Raises `required-element`, and as `client`."""
        return prepare(submission, self._county(), self.client(submission.client), self._clock.now())

    def accepted(
        self,
        prepared: Prepared,
        provider: str | None = None,
        *,
        provenance: Mapping[str, Any] | None = None,
        waits_with: str | None = None,
    ) -> Accepted:
        """The answer to a referral that is kept for the first time."""
        referral = prepared.referral
        recording = self.recording(referral.pathway)
        there, at = prepared.locations, referral.accepted_at
        return Accepted(referral.id, there, at, True, provider, provenance, recording, waits_with)

    async def claim(self, session: Session, submission: Submission, prepared: Prepared) -> Accepted | None:
        """Take its identity; the original where another process was faster with the same one."""
        if await self._ledger.claim(session, prepared.referral):
            return None
        original = await self.repeated(session, submission)
        assert original is not None  # noqa: S101 what took the identity is there to be read now
        return original

    async def keep_unplaced(
        self, session: Session, prepared: Prepared, provenance: Resource | None = None
    ) -> None:
        """Write the documents and the received bytes of a referral that nobody is asked to take yet."""
        await self._vault.add(session, prepared.first_versions(provenance))
        referral = prepared.referral
        await self._vault.keep_evidence(session, referral.id, prepared.raw, referral.accepted_at)

    async def tell_refusal(self, session: Session, submission: Submission, refusal: LahettiError) -> None:
        """All that stays of a refused referral: `referral.refused` with client and code."""
        body = ReferralRefused(client=submission.client, code=refusal.issues[0].slug)
        await self._events.add(session, [tell(new_id(), body)])

    def recording(self, pathway: str) -> Recording:
        """What the county has a referral of `pathway` recorded as, by its data as it is now."""
        known = self._county().pathways.get(pathway)
        return known.recording if known is not None else NOTHING

    def client(self, client_id: str) -> EhrClient:
        """The record system that posts. Raises `client-unknown`."""
        client = self._county().clients.get(client_id)
        if client is None:
            raise refuse("client-unknown", client=client_id)
        return client


def _acceptance(prepared: Prepared, candidate: Candidate) -> Acceptance:
    referral, documents, at = prepared.referral, prepared.documents, prepared.referral.accepted_at
    order = filler_order(documents.request, documents.others, candidate, new_id(), at)
    order = labelled(order, test=referral.test, protected=referral.protected)
    placement = place(prepared.county, referral, order, candidate, documents.consent, number=1, at=at)
    provenance = prepared.provenance(order["id"])
    return Acceptance(
        referral,
        [*prepared.first_versions(provenance), placement.order],
        prepared.raw,
        placement.routing,
        candidate.quota,
        placement.event,
        provenance,
    )


def _may_wait(ruling: Ruling, looked_at: Iterable[Candidate]) -> bool:
    return ruling.refusal is None and any(one.line is not None for one in looked_at)


def _not_placed(ruling: Ruling, reasons: Iterable[tuple[str, str]]) -> LahettiError:
    """Why nobody gets it: the rule's own refusal, or each candidate's reason with the rule beside it."""
    if ruling.refusal is not None:
        return LahettiError(ruling.refusal)
    rule = {"rule": ruling.decision.rule.id} if ruling.decision else {}
    told = (Issue(reason, (), {"provider": provider} | rule) for provider, reason in reasons)
    return LahettiError(Issue("no-candidate"), *told)
