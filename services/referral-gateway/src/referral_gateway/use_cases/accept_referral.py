"""Accept a referral: everything about it in one transaction, or nothing."""

from collections.abc import Callable, Iterable
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
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.deciding import Ruling, rule_on
from referral_gateway.domain.documents import Resource, Served, locations, served
from referral_gateway.domain.filler_order import filler_order, labelled
from referral_gateway.domain.recording import NOTHING, Recording
from referral_gateway.domain.routing import Candidate, Wanted, candidates, choose, explain
from referral_gateway.domain.routing_provenance import TYPE as PROVENANCE
from referral_gateway.domain.routing_provenance import routing_provenance
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
    Vault,
)
from referral_gateway.ports.lines import Lines
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
        parts, identity = submission.referral, submission.identity
        if parts is None or parts.consent is None or identity is None:
            raise refuse("required-element", "Bundle.entry")
        at = self._clock.now()
        county, client = self._county(), self.client(submission.client)
        referral = referral_of(submission, parts, parts.consent, identity, client, at)
        documents = served(parts, parts.consent, referral.id, at)
        ruling = ruling_of(county, referral, documents)
        looked_at, full = candidates(county, wanted_by(documents, referral, ruling)), set[str]()
        while ruling.refusal is None and (candidate := choose(looked_at, full)) is not None:
            acceptance = _acceptance(county, referral, documents, candidate, ruling, submission.raw)
            kept = await self._acceptances.keep(session, acceptance)
            if kept is Kept.NEW:
                there = locations(parts, referral.id)
                recording, told = self.recording(referral.pathway), acceptance.provenance
                return Accepted(referral.id, there, at, True, candidate.provider, told, recording)
            if kept is Kept.REPEAT:
                break
            if candidate.quota is not None:
                full.add(candidate.quota.key)
        if original := await self.repeated(session, submission):
            return original
        refusal = _not_placed(ruling, explain(looked_at, full))
        raise NotAcceptedError(refusal, waits=_may_wait(ruling, looked_at))

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


def _acceptance(
    county: County,
    referral: NewReferral,
    documents: Served,
    candidate: Candidate,
    ruling: Ruling,
    raw: bytes,
) -> Acceptance:
    at = referral.accepted_at
    order = filler_order(documents.request, documents.others, candidate, new_id(), at)
    order = labelled(order, test=referral.test, protected=referral.protected)
    placement = place(county, referral, order, candidate, documents.consent, number=1, at=at)
    decision, provenance, written = ruling.decision, None, documents.all
    if decision is not None:
        provenance = routing_provenance(county.id, decision, referral.id, order["id"], 1, at)
        written = (*written, provenance)
    kept = [
        Document(one["resourceType"], one["id"], 1, orjson.dumps(one), at, referral.id) for one in written
    ]
    return Acceptance(
        referral,
        [*kept, placement.order],
        raw,
        placement.routing,
        candidate.quota,
        placement.event,
        provenance,
    )


def ruling_of(county: County, referral: NewReferral, documents: Served) -> Ruling:
    """What the county's rules say of it on the day of its acceptance."""
    today = referral.accepted_at.astimezone(FINLAND).date()
    return rule_on(county, referral.pathway, documents.request, documents.patient, documents.others, today)


def wanted_by(documents: Served, referral: NewReferral, ruling: Ruling) -> Wanted:
    """What an accepted referral asks of routing on the day of its acceptance."""
    return wanted(
        documents.request,
        documents.patient,
        documents.consent,
        test=referral.test,
        protected=referral.protected,
        at=referral.accepted_at,
        kinds=ruling.kinds,
        referrer=ruling.referrer,
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


def referral_of(
    submission: Submission,
    parts: Referral,
    consent: Part,
    identity: Identity,
    client: EhrClient,
    at: datetime,
) -> NewReferral:
    """The referral that `client` submitted at `at`, with an id of its own."""
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
