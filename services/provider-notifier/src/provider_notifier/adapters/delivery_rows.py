"""Writes planned deliveries, and reads what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.engine import Database, wake_after_commit
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.dispatcher import CHANNEL
from service_runtime.delivery.rows import EXHAUSTED, STOPPED, WAITING, due_row
from service_runtime.delivery.sender import Delivery
from sqlalchemy import ColumnElement, Insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.adapters.tables import attempts, deliveries
from provider_notifier.domain.notice import Notice
from provider_notifier.domain.plan import Planned
from provider_notifier.ports import Ended, Stopped

_ONCE: Mapping[str, Insert] = {
    "postgresql": postgresql.insert(deliveries).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(deliveries).on_conflict_do_nothing(),
}


class DeliveryRows:
    """Port `Plans` on the deliveries table."""

    async def add(self, session: AsyncConnection, planned: Sequence[Planned], now: datetime) -> None:
        if not planned:
            return
        await session.execute(_ONCE[session.dialect.name], [_row(one, now) for one in planned])
        wake_after_commit(session, CHANNEL)

    async def stop_overtaken(
        self, session: AsyncConnection, cancelled: Planned, now: datetime
    ) -> Sequence[Stopped]:
        rows, referral = deliveries.c, cancelled.notice.referral
        same_way = (rows.ordering_key == referral, rows.endpoint == cancelled.endpoint)
        earlier = rows.sequence < cancelled.sequence
        stopped = await self._stop(session, now, *same_way, earlier)
        tried = select(rows.id).where(*same_way, earlier, rows.attempts > 0).limit(1)
        if stopped and (await session.execute(tried)).first() is None:
            stopped += await self._stop(session, now, *same_way, rows.event_id == cancelled.event)
        return stopped

    async def _stop(
        self, session: AsyncConnection, now: datetime, *which: ColumnElement[bool]
    ) -> list[Stopped]:
        """Only what waits: an attempt under way is asked about at its next try, see `StopTable`."""
        rows = deliveries.c
        found = await session.execute(
            update(deliveries)
            .where(*which, rows.state == WAITING)
            .values(state=STOPPED, last_outcome=AttemptClass.STOPPED.value, ended_at=now)
            .returning(rows.event_id, rows.endpoint, rows.payload, rows.attempts)
        )
        return [
            Stopped(event, endpoint, Notice.from_bytes(payload), n) for event, endpoint, payload, n in found
        ]

    async def of_event(self, session: AsyncConnection, event: str) -> Sequence[Ended]:
        rows = deliveries.c
        found = await session.execute(
            select(rows.event_id, rows.endpoint, rows.payload, rows.attempts, rows.state)
            .where(rows.event_id == event, rows.ended_at.is_not(None))
            .order_by(rows.endpoint)
        )
        return [
            Ended(event_id, endpoint, Notice.from_bytes(payload), attempts, state)
            for event_id, endpoint, payload, attempts, state in found
        ]

    async def of_referral(self, session: AsyncConnection, referral: str) -> Sequence[Mapping[str, Any]]:
        """The referral's deliveries, oldest first."""
        found = await session.execute(
            select(deliveries)
            .where(deliveries.c.ordering_key == referral)
            .order_by(deliveries.c.created_at, deliveries.c.sequence, deliveries.c.id)
        )
        return [dict(row) for row in found.mappings()]

    async def attempts_of(self, session: AsyncConnection, referral: str) -> Sequence[Mapping[str, Any]]:
        """All attempts on the referral's deliveries, oldest first."""
        found = await session.execute(
            select(attempts)
            .join(deliveries, deliveries.c.id == attempts.c.delivery)
            .where(deliveries.c.ordering_key == referral)
            .order_by(attempts.c.started_at, attempts.c.id)
        )
        return [dict(row) for row in found.mappings()]


class StopTable:
    """Port `Stops`: what a try under way did not hear of is found at the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def overtaken(self, delivery: Delivery) -> bool:
        rows = deliveries.c
        later = select(rows.payload).where(
            rows.ordering_key == delivery.ordering_key,
            rows.endpoint == delivery.endpoint,
            rows.sequence > delivery.sequence,
        )
        async with self._database.read() as session:
            payloads = (await session.scalars(later)).all()
        return any(Notice.from_bytes(payload).ends_permission for payload in payloads)


def _row(planned: Planned, now: datetime) -> Mapping[str, Any]:
    heard = planned.has_listener
    row = due_row(
        planned.event,
        endpoint=planned.endpoint,
        channel=planned.channel,
        ordering_key=planned.notice.referral,
        sequence=planned.sequence,
        payload=planned.notice.to_bytes(),
        now=now,
    )
    return row | {
        "state": WAITING if heard else EXHAUSTED,
        "last_outcome": None if heard else AttemptClass.NO_LISTENER.value,
        "ended_at": None if heard else now,
    }
