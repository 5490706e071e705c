"""Tasks in tables, for changing: all Tasks of a referral are locked together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.statements import any_of_parameter
from service_runtime.ids import is_id
from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, select
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
        rows = await self._locked(_OF_TASK, {"task": task})
        return ReferralTasks.of([task_of(row) for row in rows]) if rows else None

    async def lock_referrals(self, referrals: Sequence[str]) -> Mapping[str, ReferralTasks]:
        by_referral: dict[str, list[Task]] = {}
        for row in await self._locked(_OF_REFERRALS, {"referrals": sorted(set(referrals))}):
            by_referral.setdefault(row["referral"], []).append(task_of(row))
        return {referral: ReferralTasks.of(tasks) for referral, tasks in by_referral.items()}

    async def _locked(self, query: Select[Any], values: Mapping[str, Any]) -> Sequence[RowMapping]:
        """Whoever waited for a lock gets the newest form of the rows that were there when the waiting began,
        and none that came since. A new Task of a referral is told to somebody, which Task A counts: then the
        rows, which nobody else can change any more, are read again."""
        rows = (await self._session.execute(query, values)).mappings().all()
        if any(row["sequence"] != row["sequence_before"] for row in rows):
            rows = (await self._session.execute(query, values)).mappings().all()
        return rows

    async def lock_overdue(self, at: datetime) -> Sequence[Task]:
        query = (
            select(TASKS)
            .where(TASKS.c.watch_due.is_not(None), TASKS.c.watch_due <= at)
            .order_by(TASKS.c.watch_due)
            .limit(_MOST_OVERDUE)
            .with_for_update(skip_locked=True)
        )
        return [task_of(row) for row in (await self._session.execute(query)).mappings()]


def of_referral_of(task: str) -> ColumnElement[bool]:
    """Tasks of the referral that the Task in the parameter `task` belongs to."""
    return TASKS.c.referral == select(TASKS.c.referral).where(TASKS.c.id == bindparam(task)).scalar_subquery()


_BEFORE = TASKS.alias()


def _locked(condition: ColumnElement[bool]) -> Select[Any]:
    # In one order always, so that two transactions on one referral cannot wait for each other.
    before = select(_BEFORE.c.sequence).where(_BEFORE.c.id == TASKS.c.id).scalar_subquery()
    query = select(TASKS, before.label("sequence_before")).where(condition)
    return query.order_by(TASKS.c.referral, TASKS.c.id).with_for_update(of=TASKS)


_OF_REFERRALS = _locked(any_of_parameter(TASKS.c.referral, "referrals"))
_OF_TASK = _locked(of_referral_of("task"))
