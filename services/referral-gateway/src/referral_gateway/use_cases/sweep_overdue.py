"""Sweep: what the collector should have answered is told again; after three times a person is asked."""

from datetime import timedelta

from service_runtime.clock import Clock

from referral_gateway.ports import Cases, Events, KnownRouting, Ledger, Session

AGAIN_AFTER = timedelta(minutes=2)
MOST_TIMES = 3
AT_ONCE = 500


class SweepOverdue:
    """Rule: a routing without a Task, or with a withdrawn permission and no end, two minutes after it was
    told, is told again under the same id; after three times it is a case, and is told again once a day.

    Writes outbox rows to be published again, the routing's count and next look, and `task-stranded`.
    """

    def __init__(self, *, ledger: Ledger, cases: Cases, events: Events, clock: Clock) -> None:
        self._ledger = ledger
        self._cases = cases
        self._events = events
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        """How many routings were looked after."""
        now = self._clock.now()
        overdue = await self._ledger.overdue(session, now, AT_ONCE)
        await self._events.republish(
            session, [event for routing in overdue for event in _unanswered(routing)]
        )
        changes: list[dict[str, object]] = []
        for routing in overdue:
            exhausted = routing.swept >= MOST_TIMES
            if exhausted and _is_stuck(routing):
                await self._cases.open(session, routing.referral, "task-stranded", now, routing.id)
            wait = timedelta(days=1) if exhausted else AGAIN_AFTER
            changes.append({"id": routing.id, "swept": routing.swept + 1, "sweep_at": now + wait})
        await self._ledger.change_routings(session, changes)
        return len(overdue)


def _unanswered(routing: KnownRouting) -> list[str]:
    """The events whose answer is missing, in the order in which they were told first."""
    told = [routing.event] if routing.task is None else []
    return [*told, routing.revoke_event] if routing.revoke_event else told


def _is_stuck(routing: KnownRouting) -> bool:
    """Whether a missing answer means a fault: a Task that has started may wait for its provider's word on
    an abort.
    """
    return routing.task is None or routing.status not in {"in-progress", "on-hold"}
