"""Which revocations are due, and what becomes of a try that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from referral_contracts.events import TaskStranded
from referral_contracts.topics import OUTCOMES
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox
from sqlalchemy import func, select, update

from outcome_collector.adapters.tables import Revocation

_JOBS = table_of(Revocation)
MOST = 50
LONGEST_WAIT = 60.0
HOUR = 3600.0
ASK_AFTER = 15
"""With the usual first pause of a second: about ten minutes."""
MOST_TRIES = ASK_AFTER + 7 * 24


@dataclass(frozen=True, slots=True)
class Job:
    """A revoked service request whose reason is to be read; `attempts` = tries that failed."""

    referral: str
    service_request: str
    attempts: int


class RevocationJobs:
    """The table of revocations as a list of work. `first_wait`: seconds after the first try that failed."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock, first_wait: float) -> None:
        self._database, self._outbox = database, outbox
        self._clock, self._first_wait = clock, first_wait

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

    async def failed(self, job: Job) -> bool:
        """Try again later, each time after a longer pause. After `ASK_AFTER` tries a person is told, once,
        and it goes on by the hour; after `MOST_TRIES` it is over, and the case is what is left. Answers
        whether it goes on."""
        tries, now = job.attempts + 1, self._clock.now()
        pause = min(self._first_wait * 2**job.attempts, LONGEST_WAIT) if tries < ASK_AFTER else HOUR
        over = tries >= MOST_TRIES
        async with self._database.write() as session:
            written = await session.execute(
                update(_JOBS)
                .where(
                    _JOBS.c.service_request == job.service_request,
                    _JOBS.c.done_at.is_(None),
                    _JOBS.c.attempts == job.attempts,
                )
                .values(due_at=now + timedelta(seconds=pause), attempts=tries, done_at=now if over else None)
            )
            if written.rowcount and tries == ASK_AFTER:
                await self._outbox.add(session, [_stranded(job)])
        return not over


def _stranded(job: Job) -> OutgoingEvent:
    body = TaskStranded(referral=job.referral, task=job.referral, missing="revocation")
    return OutgoingEvent(new_id(), body.type, OUTCOMES, job.referral, body.model_dump(mode="json"))
