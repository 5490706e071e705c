"""By when a provider must have answered and called: working days of the Finnish calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from referral_gateway.domain.finnish_holidays import BY_YEAR
from referral_gateway.domain.pathways import Clocks

FINLAND = ZoneInfo("Europe/Helsinki")
CLOSE_OF_BUSINESS = time(16)
"""A deadline falls when offices close, so that it is never a midnight that reads as the next day."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Aware times in Finland. `contact_by` is the Task's restriction.period.end."""

    accept_by: datetime
    contact_by: datetime
    remind_at: datetime


def deadlines(accepted_at: datetime, clocks: Clocks) -> Deadlines:
    """The deadlines of a referral that was accepted at the aware time `accepted_at`."""
    day = accepted_at.astimezone(FINLAND).date()
    return Deadlines(
        _closing(working_day_after(day, clocks.accept)),
        _closing(working_day_after(day, clocks.contact)),
        _closing(working_day_after(day, clocks.remind)),
    )


@lru_cache(maxsize=1024)
def working_day_after(day: date, count: int) -> date:
    """The `count`-th working day after `day`; `day` itself never counts."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def is_working_day(day: date) -> bool:
    """Monday to Friday and no holiday; the calendar counts Christmas and Midsummer Eve, as people do."""
    return day.weekday() < 5 and day not in _holidays(day.year)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(date(year, int(day[:2]), int(day[2:])) for day in BY_YEAR[year].split())


def _closing(day: date) -> datetime:
    return datetime.combine(day, CLOSE_OF_BUSINESS, FINLAND)
