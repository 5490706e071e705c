"""What a write-back needs to know of Task A, and what it tells when it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from referral_contracts.events import TaskStranded, WriteBackExhausted, WriteBackSucceeded
from referral_contracts.topics import OUTCOMES
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.delivery.rows import SUCCEEDED
from service_runtime.delivery.sender import Delivery, Settled
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox
from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.tables import WriteBack
from outcome_collector.adapters.task_rows import RESOURCES, TASKS, task_of
from outcome_collector.domain.task_documents import Document, loaded
from outcome_collector.domain.task_state import ENDED

_WRITE_BACKS = table_of(WriteBack)
_LAST_WRITTEN = (
    select(func.max(_WRITE_BACKS.c.sequence))
    .where(
        _WRITE_BACKS.c.ordering_key == bindparam("referral"),
        _WRITE_BACKS.c.sequence < bindparam("version"),
        _WRITE_BACKS.c.state == SUCCEEDED,
    )
    .scalar_subquery()
)
_WANTED = (
    select(TASKS, RESOURCES.c.version.label("kept_version"), RESOURCES.c.body.label("kept_body"))
    .join_from(TASKS, RESOURCES, (RESOURCES.c.type == "Task") & (RESOURCES.c.id == TASKS.c.id))
    .where(
        TASKS.c.id == bindparam("referral"),
        (RESOURCES.c.version == bindparam("version")) | (RESOURCES.c.version == _LAST_WRITTEN),
    )
)
"""Task A as it stands, with the version to bring and the one that was brought last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the record system's Task at `url` is to show. `before` is what we last made it show; `newest` is
    the
    status that Task A has by now; `may_return` whether the permission still lets results go back."""

    url: str
    document: Document
    before: Document
    newest: str
    may_return: bool


async def wanted(database: Database, delivery: Delivery, at: datetime) -> Wanted | None:
    """What `delivery` is to bring at `at`; None where Task A is not known (any more) or has no address."""
    values = {"referral": delivery.ordering_key, "version": delivery.sequence}
    async with database.read() as session:
        rows = (await session.execute(_WANTED, values)).mappings().all()
    bodies = {row["kept_version"]: row["kept_body"] for row in rows}
    if delivery.sequence not in bodies:
        return None
    task = task_of(rows[0])
    if task.ehr_task is None:
        return None
    document = loaded(bodies.pop(delivery.sequence))
    before = loaded(next(iter(bodies.values()))) if bodies else {}
    return Wanted(task.ehr_task, document, before, task.state.status, task.permits(at))


class WriteBackReports:
    """Tells the gateway how write-backs ended, in the transaction that writes so."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def succeeded(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        """Task A shows the version; `final` where it has ended there."""
        await self._outbox.add(session, [_succeeded(one.delivery) for one in settled])

    async def exhausted(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        """The record system did not take the version: a person is needed."""
        await self._outbox.add(session, [_exhausted(one.delivery) for one in settled])

    async def stalled(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        """A fault of our own has held a write-back up for long: a person is needed."""
        await self._outbox.add(session, [_stalled(one.delivery) for one in settled])


def _succeeded(delivery: Delivery) -> OutgoingEvent:
    body = WriteBackSucceeded(
        referral=delivery.ordering_key,
        version=delivery.sequence,
        final=delivery.payload.decode() in ENDED,
    )
    return OutgoingEvent(
        delivery.event_id, body.type, OUTCOMES, delivery.ordering_key, body.model_dump(mode="json")
    )


def _exhausted(delivery: Delivery) -> OutgoingEvent:
    body = WriteBackExhausted(referral=delivery.ordering_key, version=delivery.sequence)
    return OutgoingEvent(
        delivery.event_id, body.type, OUTCOMES, delivery.ordering_key, body.model_dump(mode="json")
    )


def _stalled(delivery: Delivery) -> OutgoingEvent:
    body = TaskStranded(referral=delivery.ordering_key, task=delivery.ordering_key, missing="write-back")
    return OutgoingEvent(new_id(), body.type, OUTCOMES, delivery.ordering_key, body.model_dump(mode="json"))
