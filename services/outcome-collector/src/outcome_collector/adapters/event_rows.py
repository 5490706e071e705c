"""Events, write-backs, audit and revocations of one transaction."""

from collections.abc import Sequence

from service_runtime.clock import Clock
from service_runtime.database.engine import insert_ignore, wake_after_commit
from service_runtime.database.statements import table_of
from service_runtime.delivery.dispatcher import CHANNEL
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.tables import Audit, Revocation, WriteBack
from outcome_collector.domain.task import Task
from outcome_collector.ports import Access

WRITE_BACK = "write-back"
_AUDIT = table_of(Audit)
_REVOCATIONS = table_of(Revocation)
_WRITE_BACKS = table_of(WriteBack)


class OutboxAnnouncements:
    """Implements `ports.Announcements`."""

    def __init__(self, session: AsyncConnection, outbox: Outbox) -> None:
        self._session, self._outbox = session, outbox

    async def add(self, events: Sequence[OutgoingEvent]) -> None:
        await self._outbox.add(self._session, events)

    async def again(self, events: Sequence[str]) -> None:
        await self._outbox.republish(self._session, events)


class TableWriteBacks:
    """Implements `ports.WriteBacks`: a delivery each, in the order of Task A's versions."""

    def __init__(self, session: AsyncConnection, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def plan(self, versions: Sequence[Task]) -> None:
        now = self._clock.now()
        rows = [
            {
                "id": new_id(),
                "event_id": new_id(),
                "endpoint": task.client,
                "channel": WRITE_BACK,
                "ordering_key": task.referral,
                "sequence": task.version,
                "payload": task.state.status.encode(),
                "state": "waiting",
                "created_at": now,
                "due_at": now,
                "attempts": 0,
                "spent": 0,
                "stalled": False,
            }
            for task in versions
        ]
        await self._session.execute(insert(_WRITE_BACKS), rows)
        wake_after_commit(self._session, CHANNEL)


class TableAudit:
    """Implements `ports.AuditTrail`."""

    def __init__(self, session: AsyncConnection) -> None:
        self._session = session

    async def record(self, accesses: Sequence[Access]) -> None:
        rows = [
            {
                "id": new_id(),
                "at": access.at,
                "client": access.author.client,
                "kind": access.author.kind,
                "session": access.author.session,
                "action": access.action,
                "resource": access.resource,
                "referral": access.referral,
                "version": access.version,
            }
            for access in accesses
        ]
        if rows:
            await self._session.execute(insert(_AUDIT), rows)


class TableRevocations:
    """Implements `ports.Revocations`."""

    def __init__(self, session: AsyncConnection, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def plan(self, referral: str, service_request: str) -> None:
        now = self._clock.now()
        row = {
            "service_request": service_request,
            "referral": referral,
            "planned_at": now,
            "due_at": now,
            "attempts": 0,
        }
        await self._session.execute(insert_ignore(self._session, Revocation, [row]))
        wake_after_commit(self._session, "revocations")

    async def done(self, service_request: str) -> None:
        await self._session.execute(
            update(_REVOCATIONS)
            .where(_REVOCATIONS.c.service_request == service_request)
            .values(done_at=self._clock.now())
        )
