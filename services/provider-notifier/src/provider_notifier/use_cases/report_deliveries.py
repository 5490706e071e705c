"""Tells the others what became of deliveries, in the transaction that writes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from referral_contracts.events import DeliveryExhausted, DeliveryStalled, DeliveryStopped, DeliverySucceeded
from referral_contracts.topics import DELIVERIES
from service_runtime.delivery.rows import STOPPED, SUCCEEDED
from service_runtime.delivery.sender import Settled
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.domain.notice import Notice
from provider_notifier.domain.plan import Planned
from provider_notifier.ports import Ended, Events, Stopped

_Why = Literal["task-cancelled", "permission-ended"]
TASK_CANCELLED: _Why = "task-cancelled"
PERMISSION_ENDED: _Why = "permission-ended"
_Body = type[DeliverySucceeded] | type[DeliveryExhausted] | type[DeliveryStalled]


class ReportDeliveries:
    """Writes delivery.succeeded, .exhausted, .stalled and .stopped to the outbox, keyed by referral."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def succeeded(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        await self._settled(session, DeliverySucceeded, settled)

    async def exhausted(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        await self._settled(session, DeliveryExhausted, settled)

    async def stalled(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        await self._settled(session, DeliveryStalled, settled)

    async def stopped(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        """Deliveries that their sender stopped, each with the ground that it still has."""
        ended = [
            Stopped(
                one.delivery.event_id,
                one.delivery.endpoint,
                Notice.from_bytes(one.delivery.payload),
                one.delivery.attempt,
            )
            for one in settled
        ]
        for one, stop in zip(settled, ended, strict=True):
            why = TASK_CANCELLED if stop.notice.permits(one.at) else PERMISSION_ENDED
            await self._events.add(session, [_stopped(stop, why)])

    async def overtaken(self, session: AsyncConnection, stopped: Sequence[Stopped]) -> None:
        """Deliveries that waited when their Task was cancelled."""
        await self._events.add(session, [_stopped(one, TASK_CANCELLED) for one in stopped])

    async def again(self, session: AsyncConnection, ended: Sequence[Ended], at: datetime) -> None:
        """Say once more how deliveries ended, for whoever asks: the first time was not heard."""
        told: list[OutgoingEvent] = []
        for one in ended:
            if one.state == STOPPED:
                why = TASK_CANCELLED if one.notice.permits(at) else PERMISSION_ENDED
                told.append(_stopped(one, why))
            else:
                body = DeliverySucceeded if one.state == SUCCEEDED else DeliveryExhausted
                told.append(_event(body, one.notice, one.event, one.endpoint, attempts=one.attempts))
        await self._events.add(session, told)

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
    return _outgoing(body.type, notice, data)


def _stopped(one: Stopped, why: _Why) -> OutgoingEvent:
    data: Mapping[str, Any] = DeliveryStopped(
        referral=one.notice.referral,
        task=one.notice.task,
        provider=one.notice.provider,
        endpoint=one.endpoint,
        event=one.event,
        attempts=one.attempts,
        why=why,
    ).model_dump()
    return _outgoing(DeliveryStopped.type, one.notice, data)


def _outgoing(event_type: str, notice: Notice, data: Mapping[str, Any]) -> OutgoingEvent:
    """In the trace of what the delivery was planned for: many are written together."""
    return OutgoingEvent(
        new_id(), event_type, DELIVERIES, notice.referral, data, traceparent=notice.traceparent
    )
