"""Tasks of a referral as they are seen without a lock, and what tells that they are so still (PostgreSQL)."""

from datetime import datetime

from service_runtime.database.settled import DISTANCE
from service_runtime.database.together import Condition
from service_runtime.ids import is_id
from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.task_rows import TASKS, task_of
from outcome_collector.adapters.task_store import of_referral_of
from outcome_collector.domain.task import ReferralTasks

_SEEN = (
    select(
        TASKS,
        literal_column("CAST(tasks.xmin AS text)").label("writer"),
        literal_column("statement_timestamp()").label("seen_at"),
    )
    .where(of_referral_of("task"))
    .order_by(TASKS.c.id)
)
_UNCHANGED = f"""
    SELECT array_agg(writer ORDER BY id) = CAST(:writers AS text[])
        AND clock_timestamp() < CAST(:seen_at AS timestamptz) + {DISTANCE} AS holds
    FROM (
        SELECT id, CAST(xmin AS text) AS writer FROM tasks WHERE referral = CAST(:referral AS uuid)
        ORDER BY id FOR UPDATE
    ) AS locked
"""  # noqa: S608 - a constant of ours; every value is a parameter
"""Every change, and every new Task of a referral, has a transaction write one of its rows. What comes too
late for the distance that polls keep is refused too: the clock is read when the rows are locked, and the
transaction has its number."""


class SeenTasks:
    """Implements `ports.OneReferral`: nothing is locked before the decision is written."""

    def __init__(self, session: AsyncConnection) -> None:
        self._session = session
        self._referral = ""
        self._writers: list[str] = []
        self._seen_at: datetime | None = None

    async def lock(self, task: str) -> ReferralTasks | None:
        if not is_id(task):
            return None
        rows = (await self._session.execute(_SEEN, {"task": task})).mappings().all()
        if not rows:
            return None
        self._referral, self._seen_at = rows[0]["referral"], rows[0]["seen_at"]
        self._writers = [row["writer"] for row in rows]
        return ReferralTasks.of([task_of(row) for row in rows])

    def unchanged(self) -> Condition:
        """That what was seen last is still so."""
        seen = {"writers": self._writers, "seen_at": self._seen_at, "referral": self._referral}
        return Condition(_UNCHANGED, seen)
