"""Record what the collector and the notifier found out: give quotas back, route on, open cases, close."""

from collections.abc import Sequence
from typing import Any

from referral_contracts import events
from service_runtime.clock import Clock
from service_runtime.events import ReceivedEvent
from service_runtime.results import DeadLetter, Done, Result

from referral_gateway.domain.cases import CaseKind
from referral_gateway.domain.placement import Next, RoutingState, TaskMoved, judge
from referral_gateway.ports import Cases, Events, KnownReferral, Ledger, Quotas, Session
from referral_gateway.use_cases.outcome_batch import OutcomeBatch
from referral_gateway.use_cases.reroute_referral import RerouteReferral
from referral_gateway.use_cases.tell import tell

UNKNOWN_REFERRAL = "the referral is not known here"
UNKNOWN_ROUTING = "the service request is not known here"

_OPENS: dict[type[Any], CaseKind] = {
    events.DeliveryExhausted: "delivery-exhausted",
    events.DeliveryStalled: "delivery-stalled",
    events.WriteBackExhausted: "write-back-exhausted",
    events.TaskStranded: "task-stranded",
}
_ENDS_AS: dict[Next, CaseKind] = {"case": "wrong-referral", "review": "other-reason"}
_SETTLES: dict[type[Any], tuple[CaseKind, ...]] = {
    events.DeliverySucceeded: ("delivery-exhausted", "delivery-stalled", "task-stranded"),
    events.WriteBackSucceeded: ("write-back-exhausted", "task-stranded"),
}
_HEARD = (events.TaskStatusChanged, events.DeliveryStopped, *_OPENS, *_SETTLES)


class RecordOutcomes:
    """Rule: each fact counts once, whatever order facts come in; a quota goes back at most once a routing.

    Writes routings, quotas, cases, new routings with their events, and `referral.closed`; a whole poll in
    one transaction, with the referrals held.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        quotas: Quotas,
        cases: Cases,
        events: Events,
        reroute: RerouteReferral,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._quotas = quotas
        self._cases = cases
        self._events = events
        self._reroute = reroute
        self._clock = clock

    async def __call__(self, session: Session, received: Sequence[ReceivedEvent]) -> Sequence[Result]:
        ids = [event.data.referral for event in received if hasattr(event.data, "referral")]
        known = await self._ledger.lock(session, ids) if ids else {}
        routings = await self._ledger.routings(session, list(known)) if known else []
        open_cases = await self._cases.open_kinds(session, list(known)) if known else ()
        batch = OutcomeBatch(known, routings, open_cases)
        results = [await self._record(session, batch, event.data) for event in received]
        await self._write(session, batch)
        return results

    async def _record(self, session: Session, batch: OutcomeBatch, fact: Any) -> Result:
        if not isinstance(fact, _HEARD):
            return Done()
        referral = batch.referrals.get(fact.referral)
        if referral is None:
            return DeadLetter(UNKNOWN_REFERRAL)
        now = self._clock.now()
        if isinstance(fact, events.TaskStatusChanged):
            routing = batch.routing(fact.service_request)
            if routing is None:
                return DeadLetter(UNKNOWN_ROUTING)
            await self._moved(session, batch, referral, routing, fact)
        elif kind := _opened_by(fact):
            last = batch.last(referral.id)
            await self._cases.open(session, referral.id, kind, now, last.id if last else None)
        elif isinstance(fact, events.DeliveryStopped):
            return Done()
        else:
            if isinstance(fact, events.WriteBackSucceeded) and fact.final:
                batch.shown.add(referral.id)
            batch.settle(referral.id, _SETTLES[type(fact)])
        batch.touch(referral.id)
        return Done()

    async def _moved(
        self,
        session: Session,
        batch: OutcomeBatch,
        referral: KnownReferral,
        routing: RoutingState,
        fact: events.TaskStatusChanged,
    ) -> None:
        moved = TaskMoved(
            fact.task, fact.version, fact.status, fact.releases_quota, fact.reroute, fact.ended_at
        )
        verdict = judge(batch.state(referral), routing, moved)
        if routing.task is None:
            batch.settle(referral.id, ("task-stranded",))
        batch.replace(verdict.routing)
        if verdict.release_quota and (key := batch.quota_key(routing.id)):
            batch.released[key] += 1
        if verdict.next == "reroute":
            # What was given back in this poll must be there to be taken.
            await self._give_back(session, batch)
            placed = await self._reroute(
                session, referral, routing.id, batch.tried(referral.id), routing.number + 1
            )
            if placed is not None:
                batch.place(referral.id, placed)
                return
            await self._cases.open(session, referral.id, "no-candidate", self._clock.now(), routing.id)
        elif kind := _ENDS_AS.get(verdict.next):
            await self._cases.open(session, referral.id, kind, self._clock.now(), routing.id)
        if verdict.next in {"reroute", "unroutable"}:
            told = events.ReferralUnroutable(referral=referral.id, service_request=routing.id)
            batch.outgoing.append(tell(referral.id, told))

    async def _give_back(self, session: Session, batch: OutcomeBatch) -> None:
        await self._quotas.give_back(session, batch.released)
        batch.released.clear()

    async def _write(self, session: Session, batch: OutcomeBatch) -> None:
        now = self._clock.now()
        await self._ledger.change_routings(session, batch.changes())
        await self._give_back(session, batch)
        for referral, kind in sorted(batch.settled):
            await self._cases.resolve(session, referral, kind, now)
        for referral in batch.newly_shown():
            await self._ledger.mark(session, referral, shown_at=now)
        for referral in batch.over():
            await self._ledger.mark(session, referral, closed_at=now)
            batch.outgoing.append(tell(referral, events.ReferralClosed(referral=referral)))
        await self._events.add(session, batch.outgoing)


def _opened_by(fact: Any) -> CaseKind | None:
    """The case that `fact` opens, if one."""
    if isinstance(fact, events.DeliveryStopped):
        return "permission-ended" if fact.why == "permission-ended" else None
    return _OPENS.get(type(fact))
