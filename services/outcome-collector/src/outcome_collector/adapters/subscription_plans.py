"""Numbers the events of subscriptions and plans their deliveries; notes how those went."""

from collections.abc import Sequence
from typing import Any

from service_runtime.clock import Clock
from service_runtime.database.engine import Database, wake_after_commit
from service_runtime.database.statements import any_of
from service_runtime.delivery.dispatcher import CHANNEL as DELIVERIES
from service_runtime.delivery.sender import Settled
from sqlalchemy import Select, bindparam, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.subscription_rows import (
    EVENTS,
    HANDSHAKE,
    NOTIFICATIONS,
    NOTIFY,
    SUBSCRIPTIONS,
    notification_row,
)

MOST_SUBSCRIPTIONS = 20
MOST_EVENTS = 200
"""Of one subscription in one round; whoever has more is due again at once."""

_ROWS = SUBSCRIPTIONS.c
_NUMBERING = (
    update(EVENTS)
    .where(
        EVENTS.c.subscription == bindparam("its"),
        EVENTS.c.task == bindparam("about"),
        EVENTS.c.version == bindparam("kept"),
    )
    .values(number=bindparam("next_number"))
)


class SubscriptionPlans:
    """What the planner's loop does. Several may run: each subscription is locked while it is planned, so its
    numbers have no gap and no number is given twice."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def plan(self) -> int:
        """Number what is new of the confirmed subscriptions and plan its delivery, all or nothing; end those
        whose time is over. Answers how many events were planned.

        INVARIANT: numbers follow the order in which a Task's versions were kept. A version is visible only
        with the earlier ones, which its transaction has seen; what became visible late gets a later number.
        """
        async with self._database.read() as session:
            due = (await session.execute(_due())).first()
            over = (await session.execute(_over(self._clock))).first()
        planned = 0
        if due is None and over is None:
            return planned
        async with self._database.write() as session:
            for row in (
                await session.execute(_due().with_for_update(skip_locked=True, of=SUBSCRIPTIONS))
            ).all():
                planned += await self._plan_of(session, row.id, row.last_number)
            await session.execute(_ending(self._clock))
            if planned:
                wake_after_commit(session, DELIVERIES)
        return planned

    async def _plan_of(self, session: AsyncConnection, subscription: str, last_number: int) -> int:
        fresh = select(EVENTS.c.task, EVENTS.c.version, EVENTS.c.at).where(
            EVENTS.c.subscription == subscription, EVENTS.c.number.is_(None)
        )
        order = (EVENTS.c.at, EVENTS.c.task, EVENTS.c.version)
        events = (await session.execute(fresh.order_by(*order).limit(MOST_EVENTS))).all()
        if not events:
            return 0
        now = self._clock.now()
        numbered = list(enumerate(events, last_number + 1))
        await session.execute(
            _NUMBERING,
            [
                {"its": subscription, "about": one.task, "kept": one.version, "next_number": number}
                for number, one in numbered
            ],
        )
        rows = [
            notification_row(subscription, NOTIFY, one.task, number, one.at, now) for number, one in numbered
        ]
        await session.execute(insert(NOTIFICATIONS), rows)
        newest = update(SUBSCRIPTIONS).where(_ROWS.id == subscription)
        await session.execute(newest.values(last_number=last_number + len(events)))
        return len(events)

    async def succeeded(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        """A handshake that was answered makes its subscription active; a notification that came through
        makes one in error active again."""
        await self._become(session, settled, HANDSHAKE, "requested", status="active", confirmed=True)
        await self._become(session, settled, NOTIFY, "error", status="active")

    async def exhausted(self, session: AsyncConnection, settled: Sequence[Settled]) -> None:
        """Without a handshake the subscription is over; with an event undelivered it is in error, and goes
        on: what comes next is tried, and `$events` tells what was missed."""
        await self._become(session, settled, HANDSHAKE, "requested", status="error", listening=False)
        await self._become(session, settled, NOTIFY, "active", status="error")

    async def _become(
        self, session: AsyncConnection, settled: Sequence[Settled], channel: str, before: str, **values: Any
    ) -> None:
        of = {one.delivery.endpoint for one in settled if one.delivery.channel == channel}
        if of:
            changed = update(SUBSCRIPTIONS).where(any_of(_ROWS.id, sorted(of)), _ROWS.status == before)
            await session.execute(changed.values(changed_at=self._clock.now(), **values))


def _due() -> Select[Any, Any]:
    new = exists().where(EVENTS.c.subscription == _ROWS.id, EVENTS.c.number.is_(None))
    wanted = select(_ROWS.id, _ROWS.last_number).where(_ROWS.confirmed, _ROWS.deleted_at.is_(None), new)
    return wanted.order_by(_ROWS.id).limit(MOST_SUBSCRIPTIONS)


def _over(clock: Clock) -> Select[Any]:
    return select(_ROWS.id).where(_ROWS.listening, _ROWS.ends_at <= clock.now()).limit(1)


def _ending(clock: Clock) -> Any:
    now = clock.now()
    over = update(SUBSCRIPTIONS).where(_ROWS.listening, _ROWS.ends_at <= now)
    return over.values(status="off", listening=False, changed_at=now)
