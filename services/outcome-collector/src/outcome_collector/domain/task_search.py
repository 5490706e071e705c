"""What may be searched for among Tasks, and where a page of results ends."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from referral_contracts.errors import refuse

from outcome_collector.domain.task_state import STATUSES

MOST = 100
USUAL = 50
PARAMETERS = ("owner", "status", "focus", "_lastUpdated", "_count", "_cursor")

_DATE = re.compile(
    r"(eq|gt|ge|lt|le)?(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+-]\d{2}:\d{2}))?"
).fullmatch
_REFERENCE = re.compile(r"(?:[A-Za-z]+/)?([A-Za-z0-9.-]{1,64})").fullmatch
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit on the time of the last change: `from` includes its time, `to` does not."""

    side: Literal["from", "to"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the page before ended: results are ordered by time of change, then id."""

    last_updated: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Search:
    """All conditions hold together; several values of one parameter are alternatives."""

    owners: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    focuses: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = field(default=())
    count: int = USUAL
    cursor: Cursor | None = None


def read_search(parameters: list[tuple[str, str]]) -> Search:
    """The search that a query string asks for. Raises `unknown-parameter` or `invalid-parameter`: a
    condition that
    is not understood is never left out in silence."""
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        if name not in PARAMETERS:
            raise refuse(
                "unknown-parameter", f"http.{name}" if name.isidentifier() else "http", name=_safe(name)
            )
        given.setdefault(name, []).append(value)
    for name in ("owner", "status", "focus", "_count", "_cursor"):
        if len(given.get(name, ())) > 1:
            raise _invalid(name)
    return Search(
        owners=_references(given, "owner", "Organization"),
        statuses=_statuses(given),
        focuses=_focuses(given),
        bounds=tuple(bound for value in given.get("_lastUpdated", ()) for bound in _bounds(value)),
        count=_count(given),
        cursor=_cursor(given),
    )


def cursor_text(cursor: Cursor) -> str:
    """The cursor as it stands in a `next` link."""
    text = f"{cursor.last_updated.astimezone(UTC).isoformat()} {cursor.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _invalid(name: str) -> Exception:
    return refuse("invalid-parameter", f"http.{name}", name=name)


def _safe(name: str) -> str:
    """Names of parameters come from outside; only what looks like one is repeated."""
    return name if re.fullmatch(r"_?[A-Za-z-]{1,30}(:[A-Za-z]{1,20})?", name) else "?"


def _values(given: dict[str, list[str]], name: str) -> list[str]:
    return given[name][0].split(",") if name in given else []


def _references(given: dict[str, list[str]], name: str, kind: str) -> tuple[str, ...]:
    found: list[str] = []
    for value in _values(given, name):
        match = _REFERENCE(value)
        if match is None or ("/" in value and not value.startswith(f"{kind}/")):
            raise _invalid(name)
        found.append(match[1])
    return tuple(found)


def _focuses(given: dict[str, list[str]]) -> tuple[str, ...]:
    """ServiceRequests, and Tasks where a stop is looked for; a bare id is a ServiceRequest's."""
    found: list[str] = []
    for value in _values(given, "focus"):
        if _REFERENCE(value) is None:
            raise _invalid("focus")
        found.append(value if "/" in value else f"ServiceRequest/{value}")
    return tuple(found)


def _statuses(given: dict[str, list[str]]) -> tuple[str, ...]:
    values = tuple(_values(given, "status"))
    if not all(value in (*STATUSES, "received", "draft", "ready") for value in values):
        raise _invalid("status")
    return values


def _bounds(value: str) -> list[Bound]:
    match = _DATE(value)
    if match is None:
        raise _invalid("_lastUpdated")
    prefix, day, time, zone = match.groups()
    try:
        start = datetime.fromisoformat(f"{day}T{time or '00:00'}{zone or 'Z'}")
        end = start + _width(time)
    except (ValueError, OverflowError):
        raise _invalid("_lastUpdated") from None
    return {
        "gt": [Bound("from", end)],
        "ge": [Bound("from", start)],
        "lt": [Bound("to", start)],
        "le": [Bound("to", end)],
    }.get(prefix or "eq", [Bound("from", start), Bound("to", end)])


def _width(time: str | None) -> timedelta:
    """How long the period is that a time names, by how precisely it is given."""
    if time is None:
        return timedelta(days=1)
    if len(time) == len("00:00"):
        return timedelta(minutes=1)
    fraction = len(time) - len("00:00:00") - 1
    return timedelta(seconds=1) if fraction < 1 else timedelta(microseconds=10 ** (6 - fraction))


def _count(given: dict[str, list[str]]) -> int:
    text = given.get("_count", [str(USUAL)])[0]
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise _invalid("_count")
    return min(int(text), MOST)


def _cursor(given: dict[str, list[str]]) -> Cursor | None:
    if "_cursor" not in given:
        return None
    text = given["_cursor"][0]
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        at, _, task = decoded.partition(" ")
        last_updated = datetime.fromisoformat(at)
    except (ValueError, binascii.Error):
        raise _invalid("_cursor") from None
    if last_updated.tzinfo is None or _ID(task) is None:
        raise _invalid("_cursor")
    return Cursor(last_updated, task)
