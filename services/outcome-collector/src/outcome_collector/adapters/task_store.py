"""Tasks in tables, for changing: all Tasks of a referral are locked together, and every version is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.statements import any_of
from sqlalchemy import Insert, Select, Update, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.task_reader import is_id
from outcome_collector.adapters.task_rows import (
    ADD_TASK,
    CHANGE_TASK,
    CHANGE_UNSEEN,
    KEEP_VERSION,
    TASKS,
    changing_values,
    new_values,
    task_of,
    version_values,
)
from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.ports import Author

_MOST_OVERDUE = 200


class TableTasks:
    """Implements `ports.Tasks` in one transaction."""

    def __init__(self, session: AsyncConnection) -> None:
        self._session = session
        self._dialect = session.dialect.name

    async def lock(self, task: str) -> ReferralTasks | None:
        if not is_id(task):
            return None
        rows = await self._session.execute(_OF_TASK, {"task": task})
        tasks = [task_of(row) for row in rows.mappings()]
        return ReferralTasks.of(tasks) if tasks else None

    async def lock_referrals(self, referrals: Sequence[str]) -> Mapping[str, ReferralTasks]:
        query = _locked(select(TASKS).where(any_of(TASKS.c.referral, sorted(set(referrals)))))
        by_referral: dict[str, list[Task]] = {}
        for row in (await self._session.execute(query)).mappings():
            by_referral.setdefault(row["referral"], []).append(task_of(row))
        return {referral: ReferralTasks.of(tasks) for referral, tasks in by_referral.items()}

    async def lock_overdue(self, at: datetime) -> Sequence[Task]:
        query = (
            select(TASKS)
            .where(TASKS.c.watch_due.is_not(None), TASKS.c.watch_due <= at)
            .order_by(TASKS.c.watch_due)
            .limit(_MOST_OVERDUE)
            .with_for_update(skip_locked=True)
        )
        return [task_of(row) for row in (await self._session.execute(query)).mappings()]

    async def add(self, tasks: Sequence[Task], author: Author) -> None:
        await self._each(ADD_TASK[self._dialect], [new_values(task) for task in tasks])
        await self._each(KEEP_VERSION[self._dialect], [version_values(task, author) for task in tasks])

    async def save(self, tasks: Sequence[Task], author: Author) -> None:
        fresh = [task for task in tasks if task.fresh]
        await self._each(CHANGE_TASK[self._dialect], [_change_of(task) for task in fresh])
        await self._each(CHANGE_UNSEEN, [_change_of(task) for task in tasks if not task.fresh])
        await self._each(KEEP_VERSION[self._dialect], [version_values(task, author) for task in fresh])

    async def _each(self, statement: Insert | Update, values: Sequence[Mapping[str, Any]]) -> None:
        """One statement for all rows, in one round trip."""
        if values:
            await self._session.execute(statement, list(values))


def _locked(query: Select[Any]) -> Select[Any]:
    # In one order always, so that two transactions on one referral cannot wait for each other.
    return query.order_by(TASKS.c.referral, TASKS.c.id).with_for_update()


_OF_TASK = _locked(
    select(TASKS).where(
        TASKS.c.referral == select(TASKS.c.referral).where(TASKS.c.id == bindparam("task")).scalar_subquery()
    )
)


def _change_of(task: Task) -> Mapping[str, Any]:
    return {"task": task.id, **changing_values(task)}
