"""What one poll changes, kept in memory between the statement that reads and those that write."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.events import OutgoingEvent

from referral_gateway.domain.cases import CaseKind
from referral_gateway.domain.placement import ReferralState, RoutingState, is_over
from referral_gateway.ports import KnownReferral, KnownRouting


class OutcomeBatch:
    """The referrals and routings that a poll is about, and what becomes of them."""

    def __init__(
        self,
        referrals: Mapping[str, KnownReferral],
        routings: Sequence[KnownRouting],
        open_cases: Iterable[tuple[str, CaseKind]],
    ) -> None:
        self.referrals = referrals
        self.outgoing: list[OutgoingEvent] = []
        self.released: Counter[str] = Counter()
        self.shown: set[str] = set()
        self.settled: set[tuple[str, CaseKind]] = set()
        self._open_cases = frozenset(open_cases)
        self._kept = {routing.id: routing for routing in routings}
        self._before = {routing.id: _state(routing) for routing in routings}
        self._now = dict(self._before)
        self._touched: set[str] = set()
        self._placed: set[str] = set()

    def routing(self, routing_id: str) -> RoutingState | None:
        """The routing as the poll has made it so far."""
        return self._now.get(routing_id)

    def replace(self, routing: RoutingState) -> None:
        """Keep what a fact made of a routing."""
        self._now[routing.id] = routing

    def touch(self, referral: str) -> None:
        """Say that a fact about the referral was heard: it may be over now."""
        self._touched.add(referral)

    def place(self, referral: str, event: OutgoingEvent) -> None:
        """Say that the referral has a new routing."""
        self._placed.add(referral)
        self.outgoing.append(event)

    def settle(self, referral: str, kinds: Iterable[CaseKind]) -> None:
        """Close those cases of the referral that are open."""
        self.settled.update((referral, kind) for kind in kinds if (referral, kind) in self._open_cases)

    def last(self, referral: str) -> RoutingState | None:
        """The newest routing of the referral; None while it is held for a person."""
        own = (one for one in self._now.values() if one.referral == referral)
        return max(own, key=lambda one: one.number, default=None)

    def tried(self, referral: str) -> frozenset[str]:
        """The providers that have had the referral."""
        return frozenset(routing.provider for routing in self._kept.values() if routing.referral == referral)

    def quota_key(self, routing_id: str) -> str | None:
        """Where a routing's quota goes back to."""
        return self._kept[routing_id].quota_key

    def state(self, referral: KnownReferral) -> ReferralState:
        """The referral as the poll has made it so far."""
        return ReferralState(
            id=referral.id,
            mode="write" if referral.mode == "write" else "poll",
            revoked=referral.revoked_at is not None,
            withdrawn=referral.withdrawn_at is not None,
            shown=referral.shown_at is not None or referral.id in self.shown,
            closed=referral.closed_at is not None,
        )

    def changes(self) -> list[dict[str, Any]]:
        """The columns of each routing that is not as it was."""
        return [
            _columns(state) for routing_id, state in self._now.items() if state != self._before[routing_id]
        ]

    def newly_shown(self) -> list[str]:
        """Referrals whose Task A has come to show its end."""
        return sorted(one for one in self.shown if self.referrals[one].shown_at is None)

    def over(self) -> list[str]:
        """Referrals that close with this poll."""
        heard = sorted(self._touched - self._placed)
        return [one for one in heard if self._is_over(one)]

    def _is_over(self, referral: str) -> bool:
        last = self.last(referral)
        return last is not None and is_over(self.state(self.referrals[referral]), last)


def _state(routing: KnownRouting) -> RoutingState:
    return RoutingState(
        routing.id,
        routing.referral,
        routing.number,
        routing.quota_taken,
        routing.task,
        routing.task_version,
        routing.status,
        routing.ended_at,
    )


def _columns(state: RoutingState) -> dict[str, str | int | bool | datetime | None]:
    return {
        "id": state.id,
        "quota_taken": state.quota_taken,
        "task": state.task,
        "task_version": state.task_version,
        "status": state.status,
        "ended_at": state.ended_at,
    }
