"""Who waits for a place, and whether what they wait for can come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from referral_gateway.domain.agreements import Quota, quota_of
from referral_gateway.domain.county import County


@dataclass(frozen=True, slots=True)
class Waiting:
    """A referral on a provider's waitlist since it was accepted. An `urgent` one goes before all that are
    not; among its like, who has waited longest. `order_id` is the id that its first ServiceRequest B will
    have; `stranded_at` says that a person was asked, as nothing can come."""

    referral: str
    order_id: str
    line: str
    agreement: str
    provider: str
    service: str
    since: datetime
    urgent: bool = False
    stranded_at: datetime | None = None


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
        if (party.provider, party.service) == (waiting.provider, waiting.service) and party.course is None:
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
