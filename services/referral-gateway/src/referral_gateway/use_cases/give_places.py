"""Give places that have come free to those who wait for them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import orjson
from service_runtime.clock import Clock
from service_runtime.events import OutgoingEvent

from referral_gateway.domain.county import County
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.documents import Resource
from referral_gateway.domain.filler_order import filler_order, labelled
from referral_gateway.domain.routing import Candidate, Wanted, candidates
from referral_gateway.domain.waiting import Turn, Waiting, due, turn
from referral_gateway.ports import Cases, Document, Events, KnownReferral, Ledger, Quotas, Session, Vault
from referral_gateway.ports.lines import Lines
from referral_gateway.use_cases.hold_referral import held
from referral_gateway.use_cases.needs_now import NeedsNow
from referral_gateway.use_cases.place_referral import place

AT_ONCE = 50


@dataclass(slots=True)
class _Round:
    """What one round writes together at its end."""

    county: County
    now: datetime
    orders: list[Document] = field(default_factory=list[Document])
    placed: list[str] = field(default_factory=list[str])
    lapsed: list[str] = field(default_factory=list[str])
    told: list[OutgoingEvent] = field(default_factory=list[OutgoingEvent])


class GivePlaces:
    """Rule: a place that comes free goes to the first in its line (the urgent, then whoever has waited
    longest), once, and only within the client's permission and the county's rules as they are now (D2, D13).

    It asks the tables alone who waits and what is left, so that it makes no difference why a place came free,
    who noticed, or who was killed. Writes ServiceRequest B, the routing with what it takes of the number,
    `referral.routed`, and the end of the wait. Where what somebody waits for cannot come (no agreement in
    force, the provider may not be asked, the permission is over) a person gets a case, once; and so where
    it has waited for as long as the agreement or the county says.
    """

    def __init__(
        self,
        *,
        lines: Lines,
        needs: NeedsNow,
        ledger: Ledger,
        vault: Vault,
        quotas: Quotas,
        cases: Cases,
        events: Events,
        county: Callable[[], County],
        clock: Clock,
    ) -> None:
        self._lines = lines
        self._needs = needs
        self._ledger = ledger
        self._vault = vault
        self._quotas = quotas
        self._cases = cases
        self._events = events
        self._county = county
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        """How many left their lines."""
        first = await self._lines.first(session, AT_ONCE)
        if not first:
            return 0
        this = _Round(self._county(), self._clock.now())
        today = this.now.astimezone(FINLAND).date()
        turns = [turn(this.county, one, today) for one in first]
        keys = sorted({one.quota.key for one in turns if one.quota is not None})
        used = await self._quotas.used(session, keys) if keys else {}
        ready = due(turns, used)
        hopeless = [one for one in turns if not one.in_force and one.waiting.stranded_at is None]
        # Held in one order, before any number is taken: as every other transaction does.
        late = await self._lines.due(session, this.now, AT_ONCE)
        ids = [one.referral for one in (*(turn.waiting for turn in (*ready, *hopeless)), *late)]
        known = await self._ledger.lock(session, ids) if ids else {}
        still = await self._lines.still(session, ids) if ids else frozenset[str]()
        for one in (*ready, *hopeless):
            if one.waiting.referral in still:
                await self._look_after(session, this, known[one.waiting.referral], one)
        for waiting in late:
            if waiting.referral in still.difference(this.placed, this.lapsed):
                await self._remind(session, this, known[waiting.referral], waiting)
        await self._write(session, this)
        return len(this.placed) + len(this.lapsed)

    async def _look_after(self, session: Session, this: _Round, referral: KnownReferral, one: Turn) -> None:
        consent = await self._needs.consent(session, referral)
        if consent is None:
            await self._let_go(session, this, referral, one.waiting)
        elif not await self._placed(session, this, referral, one, consent) and not one.waiting.stranded_at:
            await self._lines.strand(session, referral.id, this.now)
            await self._ask_a_person(session, this, referral, one.waiting, "no-candidate")

    async def _remind(
        self, session: Session, this: _Round, referral: KnownReferral, waiting: Waiting
    ) -> None:
        """Its permission is over, which nobody can lengthen, and it leaves the line before its turn; or a
        person hears how long it waits."""
        if waiting.permitted_until is not None and waiting.permitted_until <= this.now:
            await self._let_go(session, this, referral, waiting)
        else:
            await self._cases.open(session, referral.id, "long-wait", this.now)
            await self._lines.told(session, referral.id)

    async def _let_go(
        self, session: Session, this: _Round, referral: KnownReferral, waiting: Waiting
    ) -> None:
        this.lapsed.append(referral.id)
        if waiting.tell_at is None:
            await self._cases.resolve(session, referral.id, "long-wait", this.now)
        await self._ask_a_person(session, this, referral, waiting, "permission-ended")

    async def _placed(
        self, session: Session, this: _Round, referral: KnownReferral, one: Turn, consent: Resource
    ) -> bool:
        """Whether it was placed, or may be in the next round; False where its provider may not be asked."""
        needs = await self._needs(session, referral, consent) if one.in_force else None
        candidate = _candidate(this.county, needs.wanted, one.waiting) if needs is not None else None
        if needs is None or candidate is None:
            return False
        quota = candidate.quota
        if quota is not None and not await self._quotas.take(session, replace(quota, line=None)):
            return True  # somebody was faster than this round's count
        others = await self._needs.with_whoever_referred(session, needs)
        order = filler_order(needs.request, others, candidate, one.waiting.order_id, this.now)
        order = labelled(order, test=referral.test, protected=referral.protected)
        placement = place(this.county, referral, order, candidate, consent, number=1, at=this.now)
        await self._ledger.add_routing(session, placement.routing)
        if one.waiting.stranded_at is not None:
            await self._cases.resolve(session, referral.id, "no-candidate", this.now)
        if one.waiting.tell_at is None:
            await self._cases.resolve(session, referral.id, "long-wait", this.now)
        this.orders.append(placement.order)
        this.told.append(placement.event)
        this.placed.append(referral.id)
        return True

    async def _ask_a_person(
        self,
        session: Session,
        this: _Round,
        referral: KnownReferral,
        waiting: Waiting,
        kind: Literal["no-candidate", "permission-ended"],
    ) -> None:
        await self._cases.open(session, referral.id, kind, this.now)
        document = await self._vault.newest(session, "Consent", referral.id)
        if document is not None and referral.pathway in this.county.pathways:
            consent = orjson.loads(document.body)
            this.told.append(held(this.county, referral, consent, waiting.since, "person"))

    async def _write(self, session: Session, this: _Round) -> None:
        if this.orders:
            await self._vault.add(session, this.orders)
        await self._lines.leave(session, this.placed, this.now, "placed")
        await self._lines.leave(session, this.lapsed, this.now, "lapsed")
        await self._events.add(session, this.told)


def _candidate(county: County, needs: Wanted, waiting: Waiting) -> Candidate | None:
    """What it waits for, where that may be asked now."""
    for one in candidates(county, needs):
        same = (one.agreement, one.provider, one.service) == (
            waiting.agreement,
            waiting.provider,
            waiting.service,
        )
        if same and one.course is None and one.excluded is None:
            return one
    return None
