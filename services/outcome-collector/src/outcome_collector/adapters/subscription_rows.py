"""Subscriptions and their events in tables, as their owners make, read and end them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.database.engine import Database, wake_after_commit
from service_runtime.database.statements import table_of
from service_runtime.delivery.dispatcher import CHANNEL as DELIVERIES
from service_runtime.delivery.rows import due_row
from service_runtime.ids import is_id, new_id
from service_runtime.secret_box import SecretBox
from sqlalchemy import RowMapping, Select, insert, select, update

from outcome_collector.adapters.tables import Notification, SubscriptionEvent
from outcome_collector.adapters.tables import Subscription as SubscriptionRow
from outcome_collector.domain.notification import Event
from outcome_collector.domain.subscription import Subscription, Wish
from outcome_collector.domain.task import Task

SUBSCRIPTIONS, EVENTS = table_of(SubscriptionRow), table_of(SubscriptionEvent)
NOTIFICATIONS = table_of(Notification)
HANDSHAKE, NOTIFY = "handshake", "notification"
"""Channels of the dispatcher: the first word to an address, and each event's."""
LISTENING = "JOIN subscriptions ON subscriptions.client = new.client AND subscriptions.listening"
"""Of a new version of Task A makes an event for each subscription of its record system, in the statement that
keeps the version: none where it has no subscription."""
MOST_EVENTS = 1000
"""In one answer to `$events`; who wants more asks on from the last number."""


class SubscriptionRows:
    """Serves the routes. Somebody else's subscription does not exist, nor does one that was deleted."""

    def __init__(self, database: Database, box: SecretBox, clock: Clock, most: int) -> None:
        self._database, self._box, self._clock, self._most = database, box, clock, most

    async def add(self, client: str, wish: Wish) -> Subscription:
        """Keep the wish, as `requested`, with its handshake to be sent; events are kept for it from now on.
        Raises `too-many-subscriptions`."""
        now, identifier = self._clock.now(), new_id()
        row: dict[str, Any] = {
            "id": identifier,
            "client": client,
            "status": "requested",
            "listening": True,
            "confirmed": False,
            "address": wish.address,
            "sealed_header": self._sealed(wish.authorization, identifier),
            "reason": wish.reason,
            "ends_at": wish.ends_at,
            "created_at": now,
            "changed_at": now,
            "last_number": 0,
        }
        own = select(SUBSCRIPTIONS.c.id).where(
            SUBSCRIPTIONS.c.client == client, SUBSCRIPTIONS.c.deleted_at.is_(None)
        )
        async with self._database.write() as session:
            # Whoever waits for the lock counts anew, with what the one before has added.
            await session.execute(own.with_for_update())
            if len((await session.execute(own)).all()) >= self._most:
                raise refuse("too-many-subscriptions", limit=str(self._most))
            await session.execute(insert(SUBSCRIPTIONS), [row])
            handshake = notification_row(identifier, HANDSHAKE, identifier, 0, now, now)
            await session.execute(insert(NOTIFICATIONS), [handshake])
            wake_after_commit(session, DELIVERIES)
        return subscription_of(row)

    def _sealed(self, authorization: str | None, identifier: str) -> bytes | None:
        return None if authorization is None else self._box.seal(authorization.encode(), about=identifier)

    async def read(self, client: str, subscription: str) -> Subscription:
        """Raises `not-found`."""
        async with self._database.read() as session:
            row = (await session.execute(_own(client, subscription))).mappings().first()
        if row is None:
            raise refuse("not-found")
        return subscription_of(row)

    async def delete(self, client: str, subscription: str) -> None:
        """End it: no more events are kept, none is sent, its secret is forgotten. Raises `not-found`."""
        now = self._clock.now()
        ended: dict[str, Any] = {
            "status": "off",
            "listening": False,
            "sealed_header": None,
            "changed_at": now,
            "deleted_at": now,
        }
        async with self._database.write() as session:
            row = (await session.execute(_own(client, subscription).with_for_update())).first()
            if row is None:
                raise refuse("not-found")
            await session.execute(
                update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == subscription).values(**ended)
            )

    async def events(self, subscription: Subscription, first: int, last: int | None) -> Sequence[Event]:
        """Its events from number `first` to `last`, a thousand at most."""
        query = select(EVENTS.c.number, EVENTS.c.task, EVENTS.c.at).where(
            EVENTS.c.subscription == subscription.id, EVENTS.c.number >= first
        )
        if last is not None:
            query = query.where(EVENTS.c.number <= last)
        async with self._database.read() as session:
            rows = await session.execute(query.order_by(EVENTS.c.number).limit(MOST_EVENTS))
            return [Event(row.number, row.task, row.at) for row in rows]


def event_rows(kept: Iterable[Task]) -> list[dict[str, Any]]:
    """What there may be to tell of new versions: of each of a Task A."""
    return [
        {"task": task.id, "version": task.version, "client": task.client, "at": task.last_updated}
        for task in kept
        if task.kind == "A"
    ]


def _own(client: str, subscription: str) -> Select[Any]:
    if not is_id(subscription):
        raise refuse("not-found")
    return select(SUBSCRIPTIONS).where(
        SUBSCRIPTIONS.c.id == subscription,
        SUBSCRIPTIONS.c.client == client,
        SUBSCRIPTIONS.c.deleted_at.is_(None),
    )


def subscription_of(row: RowMapping | Mapping[str, Any]) -> Subscription:
    """A row of SUBSCRIPTIONS, without its secret."""
    return Subscription(
        id=row["id"],
        client=row["client"],
        status=row["status"],
        address=row["address"],
        reason=row["reason"],
        ends_at=row["ends_at"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        last_number=row["last_number"],
    )


def notification_row(
    subscription: str, channel: str, task: str, number: int, at: datetime, now: datetime
) -> dict[str, Any]:
    """The delivery of event `number` about `task`, which became true at `at`; in order per Task."""
    return due_row(
        new_id(),
        endpoint=subscription,
        channel=channel,
        ordering_key=task,
        sequence=number,
        payload=at.isoformat().encode(),
        now=now,
    )
