"""Which revocations are due, and what becomes of a try that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from sqlalchemy import func, select, update

from outcome_collector.adapters.tables import Revocation

_JOBS = table_of(Revocation)
MOST = 50
LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """A revoked service request whose reason is to be read; `attempts` = tries that failed."""

    referral: str
    service_request: str
    attempts: int


class RevocationJobs:
    """The table of revocations as a list of work. `first_wait`: seconds after the first try that failed."""

    def __init__(self, database: Database, clock: Clock, first_wait: float) -> None:
        self._database, self._clock, self._first_wait = database, clock, first_wait

    async def due(self) -> Sequence[Job]:
        """Some of the jobs that are due now."""
        columns = (_JOBS.c.referral, _JOBS.c.service_request, _JOBS.c.attempts)
        query = select(*columns).where(_JOBS.c.done_at.is_(None), _JOBS.c.due_at <= self._clock.now())
        async with self._database.read() as session:
            return [Job(*row) for row in await session.execute(query.order_by(_JOBS.c.due_at).limit(MOST))]

    async def next_due(self) -> datetime | None:
        """When the next job comes due."""
        query = select(func.min(_JOBS.c.due_at)).where(_JOBS.c.done_at.is_(None))
        async with self._database.read() as session:
            return (await session.execute(query)).scalar_one()

    async def failed(self, job: Job) -> None:
        """Try again later, each time after a longer pause: a revocation is never given up."""
        wait = min(self._first_wait * 2**job.attempts, LONGEST_WAIT)
        later = self._clock.now() + timedelta(seconds=wait)
        async with self._database.write() as session:
            await session.execute(
                update(_JOBS)
                .where(_JOBS.c.service_request == job.service_request, _JOBS.c.done_at.is_(None))
                .values(due_at=later, attempts=_JOBS.c.attempts + 1)
            )
