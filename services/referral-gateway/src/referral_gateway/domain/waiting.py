"""Who waits for a place, and whether what they wait for can come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from referral_gateway.domain.agreements import Party, Quota, quota_of
from referral_gateway.domain.county import County
from referral_gateway.domain.routing import Candidate


@dataclass(frozen=True, slots=True)
class Waiting:
    """A referral on a provider's waitlist since it was accepted. An `urgent` one goes before all that are
    not; among its like, who has waited longest. `order_id` is the id that its first ServiceRequest B will
    have; `stranded_at` says that a person was asked, as nothing can come. From `tell_at` on a person is to
    be told how long it waits, None once that is done; at `permitted_until`, None where it has no end, the
    permission ends under which that provider may be told."""

    referral: str
    order_id: str
    line: str
    agreement: str
    provider: str
    service: str
    since: datetime
    urgent: bool = False
    stranded_at: datetime | None = None
    tell_at: datetime | None = None
    permitted_until: datetime | None = None


def patience(county: County, candidate: Candidate) -> timedelta:
    """For how long one may wait for `candidate` before a person is told."""
    agreement = county.agreements[candidate.agreement]
    own = next((one.number for one in agreement.parties if _is(one, candidate) and one.number), None)
    number = own or agreement.number
    days = number.waiting_days if number is not None else None
    return timedelta(days=county.waiting_days if days is None else days)


def _is(party: Party, wanted: Candidate | Waiting) -> bool:
    return (party.provider, party.service) == (wanted.provider, wanted.service) and party.course is None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one who waits waits for today. `quota` is None where the agreement gives no number any more;
    `in_force` is False where the agreement, or the provider's part in it, is not."""

    waiting: Waiting
    in_force: bool
    quota: Quota | None


def turn(county: County, waiting: Waiting, on: date) -> Turn:
    """What `waiting` waits for on that day. The same part of the agreement may have got another number."""
    agreement = county.agreements.get(waiting.agreement)
    if agreement is None or not agreement.in_force(on):
        return Turn(waiting, in_force=False, quota=None)
    for party in agreement.parties:
        if _is(party, waiting):
            return Turn(waiting, in_force=True, quota=quota_of(agreement, party, on))
    return Turn(waiting, in_force=False, quota=None)


def due(turns: Sequence[Turn], used: Mapping[str, int]) -> tuple[Turn, ...]:
    """Those whose turn has come, in the order of `turns`: as many as are left of each number. Who is
    stranded takes nobody's turn, but gets one that nobody else can use."""
    left: dict[str, int] = {}
    found: list[Turn] = []
    for one in turns:
        if not one.in_force:
            continue
        if one.quota is not None:
            key = one.quota.key
            left.setdefault(key, one.quota.most - used.get(key, 0))
            if left[key] <= 0:
                continue
            left[key] -= 1
        found.append(one)
    return tuple(found)
