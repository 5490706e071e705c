"""Tasks as they are served: the newest version, any version, and search."""

import re
from collections.abc import Sequence
from typing import Any

from service_runtime.database.statements import any_of
from sqlalchemy import ColumnElement, Select, and_, bindparam, desc, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.task_rows import RESOURCES, TASKS, task_of
from outcome_collector.domain.task import Task
from outcome_collector.domain.task_search import Search
from outcome_collector.ports import Author, Found, StoredVersion

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_CURRENT = select(TASKS).where(TASKS.c.id == bindparam("task"))
_HISTORY = (
    select(RESOURCES.c.version, RESOURCES.c.last_updated, RESOURCES.c.body)
    .where(RESOURCES.c.type == "Task", RESOURCES.c.id == bindparam("task"))
    .order_by(desc(RESOURCES.c.version))
)
_HIGHEST_VERSION = 2**31 - 1


def is_id(text: str) -> bool:
    """Whether `text` can be the id of anything here; the database takes nothing else for one."""
    return _ID(text) is not None


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

    async def search(self, search: Search, reader: Author) -> Found:
        conditions = [*_visible(reader), *_conditions(search)]
        if search.bounds and self._session.dialect.name == "postgresql":
            conditions += _SETTLED
        total = None
        if search.cursor is None:
            total = (
                await self._session.execute(select(func.count()).select_from(TASKS).where(*conditions))
            ).scalar_one()
        if search.cursor is not None:
            at, last = search.cursor.last_updated, search.cursor.id
            changed = TASKS.c.last_updated
            conditions.append(or_(changed > at, and_(changed == at, TASKS.c.id > last)))
        if search.count == 0:
            return Found((), total, more=False)
        tasks = [
            task_of(row) for row in (await self._session.execute(_page(conditions, search.count))).mappings()
        ]
        return Found(tuple(tasks[: search.count]), total, more=len(tasks) > search.count)


# A change that commits late must not lie behind what a poll has seen, or it would never be seen. So a poll
# leaves out what was written after the oldest transaction that is still open took its number, and what is
# younger than the beginning of any that writes: numbers and times are not given in one order. Times are to
# the millisecond.
_SETTLED = (
    TASKS.c.written_xid < literal_column("(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"),
    TASKS.c.last_updated
    < literal_column(
        "(SELECT coalesce(min(xact_start), clock_timestamp()) - interval '2 milliseconds' "
        "FROM pg_stat_activity "
        "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())"
    ),
)


def _page(conditions: Sequence[ColumnElement[bool]], count: int) -> Select[Any]:
    return select(TASKS).where(*conditions).order_by(TASKS.c.last_updated, TASKS.c.id).limit(count + 1)


def _visible(reader: Author) -> Sequence[ColumnElement[bool]]:
    """A provider's own Tasks, or a record system's Task A of its own referrals."""
    if reader.kind == "provider":
        return (TASKS.c.provider == reader.client,)
    return (TASKS.c.client == reader.client, TASKS.c.kind == "A")


def _conditions(search: Search) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (TASKS.c.provider, search.owners),
        (TASKS.c.status, search.statuses),
        (TASKS.c.focus, search.focuses),
    ):
        if values:
            conditions.append(any_of(column, list(values)))
    for bound in search.bounds:
        changed = TASKS.c.last_updated
        if bound.side == "from":
            conditions.append(changed >= bound.at)
        else:
            conditions.append(changed < bound.at)
    return conditions
