"""Where each agreement stands on a day: what is used of its number, and whether it is in force (D13, D27)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from referral_gateway.domain.agreements import Agreement, Party, Quota, quota_of
from referral_gateway.domain.county import County

State = Literal["ok", "warning", "full", "expired", "not-yet"]
STATES: tuple[State, ...] = ("ok", "warning", "full", "expired", "not-yet")


@dataclass(frozen=True, slots=True)
class Standing:
    """One party's part of an agreement. `used` counts what is used of `quota`, which all parties share that
    have no number of their own; without a quota there is no limit and nothing is counted."""

    agreement: Agreement
    party: Party
    quota: Quota | None
    used: int
    state: State
    waiting: int = 0
    """How many wait in its line."""

    @property
    def left(self) -> int | None:
        """How many more it takes; None for any number. A number lowered below what is used leaves none."""
        return None if self.quota is None else max(0, self.quota.most - self.used)

    @property
    def shared(self) -> bool:
        """Whether other parties use the same number."""
        own = self.party.number is not None or self.party.course is not None
        alike = sum(one.number is None and one.course is None for one in self.agreement.parties)
        return self.quota is not None and not own and alike > 1


def quotas_on(county: County, on: date) -> frozenset[str]:
    """The keys of all numbers that are counted on that day, and of the lines that wait for them."""
    counted = (quota_of(agreement, party, on) for agreement, party in _parts(county))
    with_lines = ((quota, quota.line) for quota in counted if quota is not None)
    return frozenset(one.key for both in with_lines for one in both if one is not None)


def standings(county: County, used: Mapping[str, int], on: date) -> tuple[Standing, ...]:
    """Every party of every agreement, by pathway, agreement and provider; `used` is by the quota's key."""
    return tuple(_standing(agreement, party, used, on) for agreement, party in _parts(county))


def _parts(county: County) -> Iterator[tuple[Agreement, Party]]:
    for agreement in sorted(county.agreements.values(), key=lambda one: (one.pathway, one.id)):
        for party in sorted(agreement.parties, key=lambda one: (one.provider, one.service)):
            yield agreement, party


def _standing(agreement: Agreement, party: Party, used: Mapping[str, int], on: date) -> Standing:
    quota = quota_of(agreement, party, on)
    count = used.get(quota.key, 0) if quota is not None else 0
    waiting = used.get(quota.line.key, 0) if quota is not None and quota.line is not None else 0
    return Standing(agreement, party, quota, count, _state(agreement, party, quota, count, on), waiting)


def _state(agreement: Agreement, party: Party, quota: Quota | None, used: int, on: date) -> State:
    """A course that has begun takes nobody any more: it is over for whoever refers."""
    begun = party.course is not None and party.course.starts <= on
    if begun or (agreement.valid_until is not None and agreement.valid_until < on):
        return "expired"
    if on < agreement.valid_from:
        return "not-yet"
    return "ok" if quota is None else quota.state(used)
