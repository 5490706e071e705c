"""Tells the others what became of deliveries, in the transaction that writes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from referral_contracts.events import DeliveryExhausted, DeliveryStalled, DeliverySucceeded
from referral_contracts.topics import DELIVERIES
from service_runtime.delivery.sender import Settled
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.domain.notice import Notice
from provider_notifier.domain.plan import Planned
from provider_notifier.ports import Events

_Body = type[DeliverySucceeded] | type[DeliveryExhausted] | type[DeliveryStalled]


class ReportDeliveries:
    """Writes delivery.succeeded, delivery.exhausted and delivery.stalled to the outbox, keyed by referral."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def succeeded(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        await self._settled(session, DeliverySucceeded, settled)

    async def exhausted(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        await self._settled(session, DeliveryExhausted, settled)

    async def stalled(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        await self._settled(session, DeliveryStalled, settled)

    async def unheard(self, session: AsyncConnection, planned: Sequence[Planned]) -> None:
        """Deliveries that no endpoint may hear of count as exhausted without an attempt."""
        await self._events.add(
            session,
            [_event(DeliveryExhausted, one.notice, one.event, one.endpoint, attempts=0) for one in planned],
        )

    async def _settled(self, session: AsyncConnection, body: _Body, settled: Sequence[Settled]) -> None:
        events: list[OutgoingEvent] = []
        for one in settled:
            delivery = one.delivery
            notice = Notice.from_bytes(delivery.payload)
            events.append(
                _event(body, notice, delivery.event_id, delivery.endpoint, attempts=delivery.attempt)
            )
        await self._events.add(session, events)


def _event(body: _Body, notice: Notice, event: str, endpoint: str, *, attempts: int) -> OutgoingEvent:
    data: Mapping[str, Any] = body(
        referral=notice.referral,
        task=notice.task,
        provider=notice.provider,
        endpoint=endpoint,
        event=event,
        attempts=attempts,
    ).model_dump()
    return OutgoingEvent(id=new_id(), type=body.type, topic=DELIVERIES, key=notice.referral, data=data)
