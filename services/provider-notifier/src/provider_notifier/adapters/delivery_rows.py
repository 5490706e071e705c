"""Writes planned deliveries, and reads what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service_runtime.database.engine import wake_after_commit
from service_runtime.delivery.classes import AttemptClass
from service_runtime.delivery.dispatcher import CHANNEL
from service_runtime.delivery.rows import EXHAUSTED, WAITING
from service_runtime.ids import new_id
from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.adapters.tables import attempts, deliveries
from provider_notifier.domain.plan import Planned

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


def _row(planned: Planned, now: datetime) -> Mapping[str, Any]:
    heard = planned.has_listener
    return {
        "id": new_id(),
        "event_id": planned.event,
        "endpoint": planned.endpoint,
        "channel": planned.channel,
        "ordering_key": planned.notice.referral,
        "sequence": planned.sequence,
        "payload": planned.notice.to_bytes(),
        "state": WAITING if heard else EXHAUSTED,
        "created_at": now,
        "due_at": now,
        "attempts": 0,
        "spent": 0,
        "last_outcome": None if heard else AttemptClass.NO_LISTENER.value,
        "stalled": False,
        "ended_at": None if heard else now,
    }
