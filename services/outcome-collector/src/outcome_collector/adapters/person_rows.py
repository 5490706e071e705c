"""A person's rows at the collector: told, and erased."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import any_of, table_of
from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from outcome_collector.adapters.event_rows import TableAudit
from outcome_collector.adapters.tables import (
    ContactAttempt,
    Notification,
    NotificationAttempt,
    Outbox,
    PageLink,
    PageSession,
    Resource,
    Revocation,
    SubscriptionEvent,
    Task,
    WriteBack,
    WriteBackAttempt,
)
from outcome_collector.ports import Access, Author

_TASKS, _RESOURCES, _OUTBOX = table_of(Task), table_of(Resource), table_of(Outbox)
_LINKS, _SESSIONS, _ATTEMPTS = table_of(PageLink), table_of(PageSession), table_of(ContactAttempt)
_WRITE_BACKS, _TRIES, _REVOCATIONS = table_of(WriteBack), table_of(WriteBackAttempt), table_of(Revocation)

_NOTIFICATIONS, _CALLS = table_of(Notification), table_of(NotificationAttempt)
_SUBSCRIBED = table_of(SubscriptionEvent)


class PersonRows:
    """Serves the officer's export and erasure, each in one transaction with its audit rows."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def export(self, officer: Author, referrals: Sequence[str]) -> Mapping[str, Any]:
        """A Bundle of every version of each Task of the referrals, and when somebody tried to reach the
        client.
        """
        async with self._database.write() as session:
            tasks = await _tasks(session, referrals)
            ids = [str(row.id) for row in tasks]
            wanted = select(_RESOURCES).where(any_of(_RESOURCES.c.id, ids))
            versions = (
                await session.execute(wanted.order_by(_RESOURCES.c.id, _RESOURCES.c.version))
            ).mappings()
            entries = [_entry(row) for row in versions]
            await self._note(session, officer, "export", tasks)
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    async def erase(self, officer: Author, referrals: Sequence[str]) -> Mapping[str, int]:
        """Remove Tasks, write-backs, notifications, links, sessions, contact attempts and published events of
        the referrals. The audit stays: it says who read, by ids. Raises `person-referral-open` while one is
        not closed.
        """
        async with self._database.write() as session:
            tasks = await _tasks(session, referrals)
            still_open = [str(row.referral) for row in tasks if row.kind == "A" and row.closed_at is None]
            if still_open:
                raise refuse("person-referral-open", referrals=", ".join(still_open))
            counts = await _removed(session, referrals, [str(row.id) for row in tasks])
            await self._note(session, officer, "erase", tasks)
        return counts

    async def _note(
        self, session: AsyncConnection, officer: Author, action: Any, tasks: Sequence[Any]
    ) -> None:
        now = self._clock.now()
        await TableAudit(session).record(
            [Access(officer, action, f"Task/{row.id}", str(row.referral), now) for row in tasks]
        )


async def _tasks(session: AsyncConnection, referrals: Sequence[str]) -> Sequence[Any]:
    columns = (_TASKS.c.id, _TASKS.c.kind, _TASKS.c.referral, _TASKS.c.closed_at)
    wanted = select(*columns).where(any_of(_TASKS.c.referral, list(referrals))).with_for_update()
    return (await session.execute(wanted)).all()


async def _removed(
    session: AsyncConnection, referrals: Sequence[str], tasks: Sequence[str]
) -> Mapping[str, int]:
    chosen, of_tasks = list(referrals), list(tasks)
    write_backs = select(_WRITE_BACKS.c.id).where(any_of(_WRITE_BACKS.c.ordering_key, chosen))
    told = select(_NOTIFICATIONS.c.id).where(any_of(_NOTIFICATIONS.c.ordering_key, chosen))
    published = and_(any_of(_OUTBOX.c.key, chosen), _OUTBOX.c.published_at.is_not(None))
    statements = {
        "write-back attempts": delete(_TRIES).where(_TRIES.c.delivery.in_(write_backs)),
        "write-backs": delete(_WRITE_BACKS).where(any_of(_WRITE_BACKS.c.ordering_key, chosen)),
        "notification attempts": delete(_CALLS).where(_CALLS.c.delivery.in_(told)),
        "notifications": delete(_NOTIFICATIONS).where(any_of(_NOTIFICATIONS.c.ordering_key, chosen)),
        "subscription events": delete(_SUBSCRIBED).where(any_of(_SUBSCRIBED.c.task, chosen)),
        "revocations": delete(_REVOCATIONS).where(any_of(_REVOCATIONS.c.referral, chosen)),
        "page sessions": delete(_SESSIONS).where(any_of(_SESSIONS.c.task, of_tasks)),
        "page links": delete(_LINKS).where(any_of(_LINKS.c.referral, chosen)),
        "contact attempts": delete(_ATTEMPTS).where(any_of(_ATTEMPTS.c.task, of_tasks)),
        "documents": delete(_RESOURCES).where(any_of(_RESOURCES.c.id, of_tasks)),
        "tasks": delete(_TASKS).where(any_of(_TASKS.c.referral, chosen)),
        "events": delete(_OUTBOX).where(published),
    }
    return {name: (await session.execute(statement)).rowcount for name, statement in statements.items()}


def _entry(row: Any) -> Mapping[str, Any]:
    place = f"{row['type']}/{row['id']}/_history/{row['version']}"
    return {"fullUrl": f"urn:lahetti:{place}", "resource": orjson.loads(row["body"])}
