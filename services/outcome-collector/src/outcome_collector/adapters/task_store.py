"""Tasks in tables, for changing: all Tasks of a referral are locked together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.statements import any_of
from service_runtime.ids import is_id
from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.task_rows import TASKS, task_of
from outcome_collector.domain.task import ReferralTasks, Task

_MOST_OVERDUE = 200


class TableTasks:
    """Implements `ports.Tasks` in one transaction."""

    def __init__(self, session: AsyncConnection) -> None:
        self._session = session

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


def _locked(query: Select[Any]) -> Select[Any]:
    # In one order always, so that two transactions on one referral cannot wait for each other.
    return query.order_by(TASKS.c.referral, TASKS.c.id).with_for_update()


_OF_TASK = _locked(
    select(TASKS).where(
        TASKS.c.referral == select(TASKS.c.referral).where(TASKS.c.id == bindparam("task")).scalar_subquery()
    )
)
