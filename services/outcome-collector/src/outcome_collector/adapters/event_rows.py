"""Events said again, audit and revocations of one transaction, and the rows of write-backs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service_runtime.clock import Clock
from service_runtime.database.engine import insert_ignore, wake_after_commit
from service_runtime.database.statements import table_of
from service_runtime.database.together import Write, write_together
from service_runtime.delivery.rows import due_row
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.tables import Audit, Revocation, WriteBack
from outcome_collector.domain.task import Task
from outcome_collector.ports import Access

WRITE_BACK = "write-back"
AUDIT = table_of(Audit)
_REVOCATIONS = table_of(Revocation)
WRITE_BACKS = table_of(WriteBack)


class OutboxAnnouncements:
    """Implements `ports.Announcements`."""

    def __init__(self, session: AsyncConnection, outbox: Outbox) -> None:
        self._session, self._outbox = session, outbox

    async def again(self, events: Sequence[str]) -> None:
        await self._outbox.republish(self._session, events)


def write_back_rows(versions: Sequence[Task], now: datetime) -> list[dict[str, Any]]:
    """A delivery for each of these versions of Task A, in their order."""
    return [
        due_row(
            new_id(),
            endpoint=task.client,
            channel=WRITE_BACK,
            ordering_key=task.referral,
            sequence=task.version,
            payload=task.state.status.encode(),
            now=now,
        )
        for task in versions
    ]


def audit_rows(accesses: Sequence[Access]) -> list[dict[str, Any]]:
    """A row for each of `accesses`."""
    return [
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


class TableAudit:
    """Implements `ports.AuditTrail`."""

    def __init__(self, session: AsyncConnection) -> None:
        self._session = session

    async def record(self, accesses: Sequence[Access]) -> None:
        if accesses:
            await write_together(self._session, [Write(AUDIT, audit_rows(accesses))])


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
