"""Searches of Tasks as statements: each form of a search is built once, its values are parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from service_runtime.database.keyset import Keys, behind, in_order
from service_runtime.database.settled import settled
from service_runtime.database.statements import any_of_parameter
from service_runtime.ids import is_id
from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select, true

from outcome_collector.adapters.task_rows import RESOURCES, TASKS
from outcome_collector.domain.task import OF_REFERRER
from outcome_collector.domain.task_search import Between, Search
from outcome_collector.ports import Author

_IDS = frozenset({"id", "referral"})
_AUTHORED = (
    select(RESOURCES.c.last_updated)
    .where(RESOURCES.c.type == "Task", RESOURCES.c.id == TASKS.c.id, RESOURCES.c.version == 1)
    .scalar_subquery()
)
"""When the Task was made: its first version says the same as its authoredOn."""
Bound = tuple[Literal["changed", "authored"], str | None, str | None]
"""Which time, and the names of the parameters that it is not before, and before."""


@dataclass(frozen=True, slots=True)
class Form:
    """All of a search but its values. `facts` are columns, and whether one value is asked of each; `behind`
    says whether a page follows another, which a cursor of nobody's has nothing behind it."""

    of_provider: bool
    facts: tuple[tuple[str, bool], ...]
    times: tuple[tuple[Bound, ...], ...]
    permitted: bool
    settled: bool
    by: str
    descending: bool
    behind: Literal["all", "last", "nobody"]


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """A search by `reader` at a time, in a database of that dialect."""

    form: Form
    values: Mapping[str, Any]

    @classmethod
    def of(cls, search: Search, reader: Author, at: datetime, dialect: str) -> "TaskQuery":
        """The query that `search` asks for."""
        values: dict[str, Any] = {"reader": reader.client, "now": at, "most": search.count + 1}
        facts: list[tuple[str, bool]] = []
        for number, fact in enumerate(search.facts):
            wanted = [one for one in fact.values if fact.column not in _IDS or is_id(one)]
            # One value is compared as such: an index then gives the rows in the order of the page.
            alone = len(wanted) == 1
            values[f"fact_{number}"] = wanted[0] if alone else wanted
            facts.append((fact.column, alone))
        form = Form(
            reader.kind == "provider",
            tuple(facts),
            tuple(_bounds(number, either, values) for number, either in enumerate(search.times)),
            search.probes,
            search.polls and dialect == "postgresql",
            search.by,
            search.descending,
            _after(search, values),
        )
        return cls(form, values)

    def page(self) -> Select[Any]:
        """The rows behind the cursor, and one more that tells whether another page follows."""
        return _page(self.form)

    def count(self) -> Select[Any]:
        """How many rows there are on all pages."""
        return _count(self.form)


def _bounds(number: int, either: Sequence[Between], values: dict[str, Any]) -> tuple[Bound, ...]:
    bounds: list[Bound] = []
    for place, between in enumerate(either):
        start, end = f"start_{number}_{place}", f"end_{number}_{place}"
        values |= {start: between.start, end: between.end}
        named = (start if between.start is not None else None, end if between.end is not None else None)
        bounds.append((between.time, *named))
    return tuple(bounds)


def _after(search: Search, values: dict[str, Any]) -> Literal["all", "last", "nobody"]:
    if search.cursor is None:
        return "all"
    if not is_id(search.cursor.id):
        return "nobody"
    values |= {"last_updated": search.cursor.last_updated, "last_id": search.cursor.id}
    return "last"


@lru_cache(maxsize=256)
def _page(form: Form) -> Select[Any]:
    own = TASKS.c.id
    keys: Keys = [TASKS.c.last_updated, own] if form.by == "_lastUpdated" else [own]
    conditions = _conditions(form)
    if form.behind == "nobody":
        conditions.append(false())
    elif form.behind == "last":
        last = [bindparam("last_id" if key is own else "last_updated", type_=key.type) for key in keys]
        conditions.append(behind(keys, last, descending=form.descending))
    ordered = select(TASKS).where(*conditions).order_by(*in_order(keys, descending=form.descending))
    return ordered.limit(bindparam("most"))


@lru_cache(maxsize=256)
def _count(form: Form) -> Select[Any]:
    return select(func.count()).select_from(TASKS).where(*_conditions(form))


def _conditions(form: Form) -> list[ColumnElement[bool]]:
    conditions = [*_visible(form), *(_fact(number, *fact) for number, fact in enumerate(form.facts))]
    conditions += [or_(*map(_between, either)) for either in form.times]
    if form.permitted:
        conditions += _permitted()
    if form.settled:
        conditions += settled(TASKS.c.written_xid, TASKS.c.last_updated)
    return conditions


def _visible(form: Form) -> Sequence[ColumnElement[bool]]:
    """As `may_see` has it."""
    if form.of_provider:
        return (TASKS.c.provider == bindparam("reader"),)
    return (TASKS.c.client == bindparam("reader"), TASKS.c.kind.in_(OF_REFERRER))


def _permitted() -> Sequence[ColumnElement[bool]]:
    """As `Task.permits` has it."""
    until = TASKS.c.permitted_until
    return (
        or_(until.is_(None), until > bindparam("now")),
        or_(TASKS.c.kind != "A", TASKS.c.return_permitted),
    )


def _fact(number: int, name: str, alone: bool) -> ColumnElement[bool]:
    column, parameter = TASKS.c[name], f"fact_{number}"
    return column == bindparam(parameter) if alone else any_of_parameter(column, parameter)


def _between(bound: Bound) -> ColumnElement[bool]:
    kind, start, end = bound
    time: ColumnElement[Any] = TASKS.c.last_updated if kind == "changed" else _AUTHORED
    bounds: list[ColumnElement[bool]] = [true()]
    if start is not None:
        bounds.append(time >= bindparam(start))
    if end is not None:
        bounds.append(time < bindparam(end))
    return and_(*bounds)
