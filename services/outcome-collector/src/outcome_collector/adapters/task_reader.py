"""Tasks as they are served: the newest version, any version, and search."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.keyset import Keys, behind, in_order
from service_runtime.database.settled import settled
from service_runtime.database.statements import any_of
from service_runtime.ids import is_id
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    desc,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.task_rows import RESOURCES, TASKS, task_of
from outcome_collector.domain.task import OF_REFERRER, Task
from outcome_collector.domain.task_search import Between, OneOf, Search
from outcome_collector.ports import Author, Found, StoredVersion

_CURRENT = select(TASKS).where(TASKS.c.id == bindparam("task"))
_HISTORY = (
    select(RESOURCES.c.version, RESOURCES.c.last_updated, RESOURCES.c.body)
    .where(RESOURCES.c.type == "Task", RESOURCES.c.id == bindparam("task"))
    .order_by(desc(RESOURCES.c.version))
)
_HIGHEST_VERSION = 2**31 - 1


class TableTaskReader:
    """Implements `ports.TaskReader`, in a reading or a writing session."""

    def __init__(self, session: AsyncConnection) -> None:
        self._session = session

    async def current(self, task: str) -> tuple[Task, StoredVersion] | None:
        if not is_id(task):
            return None
        row = (await self._session.execute(_CURRENT, {"task": task})).mappings().first()
        if row is None:
            return None
        found = task_of(row)
        return found, StoredVersion(found.id, found.version, found.last_updated, found.document)

    async def tasks_a(self, referrals: Sequence[str]) -> Mapping[str, Task]:
        wanted = select(TASKS).where(any_of(TASKS.c.id, referrals), TASKS.c.kind == "A")
        rows = (await self._session.execute(wanted)).mappings()
        return {row["id"]: task_of(row) for row in rows}

    async def version(self, task: str, version: int) -> StoredVersion | None:
        if not is_id(task) or not 0 < version <= _HIGHEST_VERSION:
            return None
        query = _HISTORY.where(RESOURCES.c.version == bindparam("version"))
        row = (await self._session.execute(query, {"task": task, "version": version})).first()
        return StoredVersion(task, row.version, row.last_updated, row.body) if row else None

    async def history(self, task: str) -> Sequence[StoredVersion]:
        if not is_id(task):
            return ()
        rows = await self._session.execute(_HISTORY, {"task": task})
        return [StoredVersion(task, row.version, row.last_updated, row.body) for row in rows]

    async def search(self, search: Search, reader: Author, at: datetime) -> Found:
        conditions = [*_visible(reader), *_conditions(search)]
        if search.probes:
            conditions += _permitted(at)
        if search.polls and self._session.dialect.name == "postgresql":
            conditions += settled(TASKS.c.written_xid, TASKS.c.last_updated)
        tasks: list[Task] = []
        if search.count:
            rows = await self._session.execute(_page(conditions, search))
            tasks = [task_of(row) for row in rows.mappings()]
        more = len(tasks) > search.count
        total = None
        if search.counted or not search.count:
            counting = select(func.count()).select_from(TASKS).where(*conditions)
            total = (await self._session.execute(counting)).scalar_one()
        elif search.cursor is None and not more:
            total = len(tasks)
        return Found(tuple(tasks[: search.count]), total, more=more)


def _page(conditions: Sequence[ColumnElement[bool]], search: Search) -> Select[Any]:
    """The rows behind the cursor, and one more that tells whether another page follows."""
    chosen = select(TASKS).where(*conditions, *_behind(search))
    return chosen.order_by(*in_order(_keys(search), descending=search.descending)).limit(search.count + 1)


def _keys(search: Search) -> Keys:
    own = TASKS.c.id
    return [TASKS.c.last_updated, own] if search.by == "_lastUpdated" else [own]


def _behind(search: Search) -> Sequence[ColumnElement[bool]]:
    if search.cursor is None:
        return ()
    at, own = search.cursor.last_updated, search.cursor.id
    if not is_id(own):
        return (false(),)
    last = (at, own) if search.by == "_lastUpdated" else (own,)
    return (behind(_keys(search), last, descending=search.descending),)


def _visible(reader: Author) -> Sequence[ColumnElement[bool]]:
    """As `may_see` has it."""
    if reader.kind == "provider":
        return (TASKS.c.provider == reader.client,)
    return (TASKS.c.client == reader.client, TASKS.c.kind.in_(OF_REFERRER))


def _permitted(at: datetime) -> Sequence[ColumnElement[bool]]:
    """As `Task.permits` has it."""
    until = TASKS.c.permitted_until
    return (or_(until.is_(None), until > at), or_(TASKS.c.kind != "A", TASKS.c.return_permitted))


def _conditions(search: Search) -> Sequence[ColumnElement[bool]]:
    facts = [_fact(fact) for fact in search.facts]
    return [*facts, *(or_(*(_between(one) for one in either)) for either in search.times)]


def _fact(fact: OneOf) -> ColumnElement[bool]:
    column = TASKS.c[fact.column]
    values = [value for value in fact.values if fact.column not in _IDS or is_id(value)]
    # One value is compared as such: an index then gives the rows in the order of the page.
    return column == values[0] if len(values) == 1 else any_of(column, values)


def _between(between: Between) -> ColumnElement[bool]:
    time: ColumnElement[Any] = TASKS.c.last_updated if between.time == "changed" else _AUTHORED
    bounds: list[ColumnElement[bool]] = [true()]
    if between.start is not None:
        bounds.append(time >= between.start)
    if between.end is not None:
        bounds.append(time < between.end)
    return and_(*bounds)


_IDS = frozenset({"id", "referral"})
_AUTHORED = (
    select(RESOURCES.c.last_updated)
    .where(RESOURCES.c.type == "Task", RESOURCES.c.id == TASKS.c.id, RESOURCES.c.version == 1)
    .scalar_subquery()
)
"""When the Task was made: its first version says the same as its authoredOn."""
