"""What a query asks of Tasks, in the words of their rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from referral_contracts.errors import LahettiError
from referral_contracts.fhir.search.dates import DateValue
from referral_contracts.fhir.search.query import Condition, Cursor, Query, Reference, Token
from referral_contracts.fhir.search.reading import invalid
from referral_contracts.systems import PROGRESS, TASK_CODE

from outcome_collector.domain.task_documents import CLIENT_IDS
from outcome_collector.domain.task_state import STATUSES

Column = Literal["id", "provider", "status", "focus", "referral", "client", "progress", "kind"]

_KNOWN_STATUSES = frozenset({*STATUSES, "received", "draft", "ready"})
_KINDS = {"fulfill": ("A", "B"), "abort": ("stop",)}


@dataclass(frozen=True, slots=True)
class OneOf:
    """A row's `column` must hold one of `values`; without any, nothing is found."""

    column: Column
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A time must not be before `start`, and must be before `end`: that of the newest version, or of the
    first."""

    time: Literal["changed", "authored"]
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Search:
    """All of `facts` and `times` hold together."""

    facts: tuple[OneOf, ...] = ()
    times: tuple[tuple[Between, ...], ...] = field(default=())
    """Of each of these one must hold."""
    count: int = 50
    by: Literal["_lastUpdated", "_id"] = "_lastUpdated"
    descending: bool = False
    cursor: Cursor | None = None
    counted: bool = False

    @property
    def probes(self) -> bool:
        """Whether it asks for what a permission may withhold: being found would tell it."""
        return any(fact.column == "progress" for fact in self.facts)

    @property
    def polls(self) -> bool:
        """Whether it asks for what has changed since a time."""
        return any(between.time == "changed" for either in self.times for between in either)


def task_search(query: Query) -> Search:
    """The search that `query` asks for. Raises `invalid-parameter` for a status that no Task can have."""
    facts: list[OneOf] = []
    times: list[tuple[Between, ...]] = []
    for condition in query.conditions:
        if condition.parameter.kind == "date":
            times.append(_times(condition))
        else:
            facts += _FACTS[condition.parameter.name](condition)
    return Search(
        tuple(facts),
        tuple(times),
        0 if query.summary == "count" else query.count,
        query.order,
        query.descending,
        query.cursor,
        query.wants_total,
    )


def _times(condition: Condition) -> tuple[Between, ...]:
    time: Literal["changed", "authored"] = (
        "changed" if condition.parameter.name == "_lastUpdated" else "authored"
    )
    return tuple(Between(time, *value.bounds) for value in condition.values if isinstance(value, DateValue))


def _codes(condition: Condition, system: str | None) -> tuple[str, ...]:
    """The codes that are asked for in `system`, or in any."""
    return tuple(
        value.code
        for value in condition.values
        if isinstance(value, Token) and value.code is not None and value.system in (None, system)
    )


def _ids(condition: Condition, kind: str) -> tuple[str, ...]:
    """The ids of what is referred to, as far as it is of `kind`."""
    texts = [value.text for value in condition.values if isinstance(value, Reference)]
    return tuple(text.removeprefix(f"{kind}/") for text in texts if text.startswith(f"{kind}/"))


def _statuses(condition: Condition) -> Sequence[OneOf]:
    codes = _codes(condition, condition.parameter.system)
    if not _KNOWN_STATUSES.issuperset(codes):
        raise _unusable(condition)
    return [OneOf("status", codes)]


def _focuses(condition: Condition) -> Sequence[OneOf]:
    texts = [value.text for value in condition.values if isinstance(value, Reference)]
    return [OneOf("focus", tuple(texts))]


def _kinds(condition: Condition) -> Sequence[OneOf]:
    codes = _codes(condition, TASK_CODE)
    return [OneOf("kind", tuple(kind for code in codes for kind in _KINDS.get(code, ())))]


def _clients(condition: Condition) -> Sequence[OneOf]:
    """Record systems have no resource here: they are referred to by their client id."""
    tokens = [value.identifier for value in condition.values if isinstance(value, Reference)]
    return [OneOf("client", tuple(t.code for t in tokens if t and t.code and t.system in (None, CLIENT_IDS)))]


def _parts(condition: Condition) -> Sequence[OneOf]:
    """Task A has the referral's id; what is part of it is everything else of the referral."""
    return [OneOf("referral", _ids(condition, "Task")), OneOf("kind", ("B", "stop"))]


def _tasks(condition: Condition) -> Sequence[OneOf]:
    codes = [value.code for value in condition.values if isinstance(value, Token)]
    return [OneOf("id", tuple(code for code in codes if code))]


_FACTS: dict[str, Callable[[Condition], Sequence[OneOf]]] = {
    "_id": _tasks,
    "owner": lambda condition: [OneOf("provider", _ids(condition, "Organization"))],
    "status": _statuses,
    "focus": _focuses,
    "patient": lambda condition: [OneOf("referral", _ids(condition, "Patient"))],
    "subject": lambda condition: [OneOf("referral", _ids(condition, "Patient"))],
    "requester": _clients,
    "code": _kinds,
    "business-status": lambda condition: [OneOf("progress", _codes(condition, PROGRESS))],
    "part-of": _parts,
}


def _unusable(condition: Condition) -> LahettiError:
    return invalid(condition.parameter.name)
