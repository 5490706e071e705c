"""What a county and its providers agreed: who serves whom, from when, and how many referrals in a period
(D13)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from referral_gateway.domain.rules import MayRefer
from referral_gateway.domain.texts import Texts

ANY_LENGTH = 1_000_000
"""How many a waitlist without a number of its own takes: more than will ever come."""
Period = Literal["month", "quarter", "year", "agreement"]
WAITING_DAYS = 30
"""After how many days in a line a person is told, where neither the agreement nor the county says."""
WARN_AT = 80
"""At what share of a number people are warned, in percent, where the agreement says nothing else."""


@dataclass(frozen=True, slots=True)
class Number:
    """At most `most` referrals in each calendar `period`; `agreement` means its whole validity. Up to
    `waitlist` more wait in line for one that comes free; 0 where the provider wants no waitlist. A person
    is told of whoever has waited for `waiting_days`, None for as many as the county says."""

    most: int
    period: Period
    waitlist: int = 0
    waiting_days: int | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A course with dates and a place (D12). `places` is how many it takes; a client's is held from the
    acceptance of the referral until a reason that gives it back. Nobody is sent once it has begun."""

    id: str
    starts: date
    ends: date
    where: Texts
    places: int


@dataclass(frozen=True, slots=True)
class Party:
    """A provider's part: the service it gives and the municipalities whose residents it serves (D10).

    `municipalities` is None for the whole county. `number`, where given, holds for this party alone and
    stands in place of the agreement's common one; a `course` has its places instead. `referrers` are the only
    ones whose clients it takes, None for all.
    """

    provider: str
    service: str
    municipalities: frozenset[str] | None
    number: Number | None = None
    course: Course | None = None
    referrers: tuple[MayRefer, ...] | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement may have many parties. No number is no limit. A lower `priority` is asked first."""

    id: str
    pathway: str
    parties: tuple[Party, ...]
    valid_from: date
    valid_until: date | None = None
    """The last day, None while it runs on."""
    number: Number | None = None
    """Shared by all parties that have none of their own."""
    priority: int = 100
    warn_at: int = WARN_AT
    """At what share of a number it is nearly used up, in percent."""

    def in_force(self, on: date) -> bool:
        """Whether the agreement holds on that day; the first and the last day count."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Quota:
    """The count that a routing takes from: `key` names agreement (and party) and period, `most` is its
    limit. `warn_at` is a percentage of it. `line` counts those who wait for one that comes free, whatever
    the period: while somebody does, whoever comes now goes behind them. Courses have none."""

    key: str
    most: int
    warn_at: int = WARN_AT
    line: "Quota | None" = None

    def state(self, used: int) -> Literal["ok", "warning", "full"]:
        """How much of it is used up."""
        if used >= self.most:
            return "full"
        return "warning" if used * 100 >= self.most * self.warn_at else "ok"

    def reached(self, used: int) -> Literal["warning", "full"] | None:
        """The state that began with the use of the last one; None where nothing began."""
        now = self.state(used)
        return now if now != "ok" and now != self.state(used - 1) else None


def quota_of(agreement: Agreement, party: Party, on: date) -> Quota | None:
    """What a referral to `party` on that day takes from: a course's places, or a number; None without."""
    if party.course is not None:
        key = f"{agreement.id}/{party.provider}/course/{party.course.id}"
        return Quota(key, party.course.places, agreement.warn_at)
    if party.number is not None:
        owner, number = f"{agreement.id}/{party.provider}", party.number
    elif agreement.number is not None:
        owner, number = agreement.id, agreement.number
    else:
        return None
    # The line is counted without a waitlist too: who joined one that was taken out is still served first.
    line = Quota(f"{owner}/waitlist", number.waitlist)
    return Quota(f"{owner}/{period_of(on, number.period)}", number.most, agreement.warn_at, line)


def period_of(on: date, period: Period) -> str:
    """The name of the calendar period that a day lies in: `2026-03`, `2026-Q1`, `2026`, or `all`."""
    match period:
        case "month":
            return f"{on:%Y-%m}"
        case "quarter":
            return f"{on.year}-Q{(on.month + 2) // 3}"
        case "year":
            return str(on.year)
        case "agreement":
            return "all"
