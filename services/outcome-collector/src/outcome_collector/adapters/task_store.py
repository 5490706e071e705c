"""Tasks in tables, for changing: all Tasks of a referral are locked together, and every version is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.statements import any_of
from sqlalchemy import Insert, Select, Update, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcome_collector.adapters.task_reader import is_id
from outcome_collector.adapters.task_rows import (
    RESOURCES,
    TASKS,
    WITH_DOCUMENT,
    changing_values,
    new_values,
    task_of,
    version_values,
    writing_transaction,
)
from outcome_collector.domain.task import ReferralTasks, Task
from outcome_collector.ports import Author

_OF_TASK = WITH_DOCUMENT.where(
    TASKS.c.referral == select(TASKS.c.referral).where(TASKS.c.id == bindparam("task")).scalar_subquery()
)
_MOST_OVERDUE = 200
_CHANGE = update(TASKS).where(TASKS.c.id == bindparam("task"))


class TableTasks:
    """Implements `ports.Tasks` in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, task: str) -> ReferralTasks | None:
        if not is_id(task):
            return None
        rows = await self._session.execute(_locked(_OF_TASK), {"task": task})
        tasks = [task_of(row) for row in rows.mappings()]
        return ReferralTasks.of(tasks) if tasks else None

    async def lock_referrals(self, referrals: Sequence[str]) -> Mapping[str, ReferralTasks]:
        query = _locked(WITH_DOCUMENT.where(any_of(TASKS.c.referral, sorted(set(referrals)))))
        by_referral: dict[str, list[Task]] = {}
        for row in (await self._session.execute(query)).mappings():
            by_referral.setdefault(row["referral"], []).append(task_of(row))
        return {referral: ReferralTasks.of(tasks) for referral, tasks in by_referral.items()}

    async def lock_overdue(self, at: datetime) -> Sequence[Task]:
        query = (
            WITH_DOCUMENT.where(TASKS.c.watch_due.is_not(None), TASKS.c.watch_due <= at)
            .order_by(TASKS.c.watch_due)
            .limit(_MOST_OVERDUE)
            .with_for_update(of=TASKS, skip_locked=True)
        )
        return [task_of(row) for row in (await self._session.execute(query)).mappings()]

    async def add(self, tasks: Sequence[Task], author: Author) -> None:
        adding, keeping = _additions(self._session)
        await _each(self._session, adding, [new_values(task) for task in tasks])
        await _each(self._session, keeping, [version_values(task, author) for task in tasks])

    async def save(self, tasks: Sequence[Task], author: Author) -> None:
        fresh = [task for task in tasks if task.fresh]
        xid = writing_transaction(self._session)
        await _each(self._session, _CHANGE.values(written_xid=xid), [_change_of(task) for task in fresh])
        # What readers do not see leaves `written_xid` alone: a poll must not lose sight of an old version.
        await _each(self._session, _CHANGE, [_change_of(task) for task in tasks if not task.fresh])
        _, keeping = _additions(self._session)
        await _each(self._session, keeping, [version_values(task, author) for task in fresh])


def _locked(query: Select[Any]) -> Select[Any]:
    # In one order always, so that two transactions on one referral cannot wait for each other.
    return query.order_by(TASKS.c.referral, TASKS.c.id).with_for_update(of=TASKS)


def _additions(session: AsyncSession) -> tuple[Insert, Insert]:
    xid = writing_transaction(session)
    return insert(TASKS).values(written_xid=xid), insert(RESOURCES).values(written_xid=xid)


def _change_of(task: Task) -> Mapping[str, Any]:
    return {"task": task.id, **changing_values(task)}


async def _each(
    session: AsyncSession, statement: Insert | Update, values: Sequence[Mapping[str, Any]]
) -> None:
    """One statement, prepared once, for all rows in one round trip."""
    if values:
        connection = await session.connection()
        await connection.execute(statement, list(values))
