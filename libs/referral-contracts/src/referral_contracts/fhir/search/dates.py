"""Dates and times as periods, and how a prefix compares them (https://hl7.org/fhir/R4/search.html#prefix)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

Prefix = Literal["eq", "gt", "ge", "lt", "le", "sa", "eb"]

_SEARCHED = re.compile(r"(eq|gt|ge|lt|le|sa|eb)?(\d.{3,34})").fullmatch
_TIME = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?)?)?"
).fullmatch


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a date or time names by how precisely it is given: from `start` to before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DateValue:
    """A prefix and the period that it compares with."""

    prefix: Prefix
    period: Period

    def holds(self, found: Period) -> bool:
        """Whether a resource whose element names `found` is a match."""
        start, end = self.period.start, self.period.end
        within = start <= found.start and found.end <= end
        match self.prefix:
            case "eq":
                return within
            case "gt":
                return found.end > end
            case "ge":
                return found.end > end or within
            case "lt":
                return found.start < start
            case "le":
                return found.start < start or within
            case "sa":
                return found.start >= end
            case "eb":
                return found.end <= start

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """What an instant must be: not before the first, and before the second time; None is no bound."""
        start, end = self.period.start, self.period.end
        return {
            "eq": (start, end),
            "gt": (end, None),
            "sa": (end, None),
            "ge": (start, None),
            "lt": (None, start),
            "eb": (None, start),
            "le": (None, end),
        }[self.prefix]


def read_date(text: str) -> DateValue | None:
    """What a query asks for; None where it is no date with a prefix that we know (`ne`, `ap` are not)."""
    match = _SEARCHED(text)
    period = period_of(match[2]) if match else None
    if match is None or period is None:
        return None
    return DateValue(cast("Prefix", match[1] or "eq"), period)


def period_of(text: str) -> Period | None:
    """The period that a FHIR date, dateTime or instant names; UTC where it says no zone."""
    match = _TIME(text)
    if match is None:
        return None
    year, month, day, time, zone = match.groups()
    try:
        start = datetime.fromisoformat(
            f"{year}-{month or '01'}-{day or '01'}T{_six_digits(time or '00:00')}{zone or 'Z'}"
        )
        return Period(start.astimezone(UTC), _end(start, month, day, time).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _six_digits(time: str) -> str:
    """Python's clock ends at the microsecond."""
    whole, dot, fraction = time.partition(".")
    return f"{whole}{dot}{fraction[:6]}"


def _end(start: datetime, month: str | None, day: str | None, time: str | None) -> datetime:
    if month is None:
        return start.replace(year=start.year + 1)
    if day is None:
        following = start.replace(day=28) + timedelta(days=4)
        return following.replace(day=1)
    if time is None:
        return start + timedelta(days=1)
    if len(time) == len("00:00"):
        return start + timedelta(minutes=1)
    digits = min(len(time) - len("00:00:00.") if "." in time else 0, 6)
    return start + timedelta(microseconds=10 ** (6 - digits))
