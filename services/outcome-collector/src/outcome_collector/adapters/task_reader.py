"""Tasks as they are served: the newest version, any version, and search."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from service_runtime.database.statements import any_of
from service_runtime.ids import is_id
from sqlalchemy import bindparam, desc, select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.task_query import TaskQuery
from outcome_collector.adapters.task_rows import RESOURCES, TASKS, task_of
from outcome_collector.domain.task import Task
from outcome_collector.domain.task_search import Search
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
        query = TaskQuery.of(search, reader, at, self._session.dialect.name)
        tasks: list[Task] = []
        if search.count:
            found = await self._session.execute(query.page(), query.values)
            names = tuple(found.keys())
            tasks = [task_of(dict(zip(names, row, strict=True))) for row in found]
        more = len(tasks) > search.count
        total = None
        if search.counted or not search.count:
            total = (await self._session.execute(query.count(), query.values)).scalar_one()
        elif search.cursor is None and not more:
            total = len(tasks)
        return Found(tuple(tasks[: search.count]), total, more=more)
