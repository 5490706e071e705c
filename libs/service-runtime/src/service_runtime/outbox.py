"""The outbox: events written in the transaction that made them true; the relay publishes them later."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime import trace_context
from service_runtime.clock import Clock
from service_runtime.database.engine import Database, wake_after_commit
from service_runtime.database.statements import any_of, table_of
from service_runtime.database.together import Write, write_together
from service_runtime.events import OutgoingEvent

CHANNEL = "outbox"


class Outbox:
    """Writes to one service's outbox table. `source` names county and service and becomes `ce_source`."""

    def __init__(self, table: Any, *, source: str, clock: Clock) -> None:
        self._table = table_of(table)
        self._source = source
        self._clock = clock

    async def add(self, session: AsyncConnection, events: Sequence[OutgoingEvent]) -> None:
        """Write `events` in the caller's transaction, in one statement, and wake the relay after the commit.

        Events of one key are published in the order of these calls as long as their transactions follow one
        another, which they do under the row lock of what the key names: take that lock before calling."""
        await write_together(session, self.writes(session, events))

    def writes(self, session: AsyncConnection, events: Sequence[OutgoingEvent]) -> Sequence[Write]:
        """What `add` writes, for a caller that writes it together with the fact itself, in the transaction
        of `session`; the relay is woken after its commit."""
        if not events:
            return ()
        wake_after_commit(session, CHANNEL)
        return (Write(self._table, self.rows(events)),)

    def rows(self, events: Sequence[OutgoingEvent]) -> list[dict[str, Any]]:
        """`events` as rows of the table, for a statement that writes them together with the fact itself;
        whoever runs it wakes the relay by `wake_after_commit(session, CHANNEL)`."""
        now = self._clock.now()
        trace = trace_context.current()
        return [
            {
                "id": event.id,
                "topic": event.topic,
                "key": event.key,
                "headers": orjson.dumps(self._headers(event, now.isoformat(), trace)),
                "value": orjson.dumps(event.data),
                "created_at": now,
                "not_before": now,
                "republished": 0,
            }
            for event in events
        ]

    def _headers(self, event: OutgoingEvent, time: str, traceparent: str) -> Mapping[str, str]:
        """CloudEvents 1.0, Kafka binding, binary content mode."""
        headers = {
            "ce_specversion": "1.0",
            "ce_id": event.id,
            "ce_type": event.type,
            "ce_source": self._source,
            "ce_time": time,
            "ce_subject": event.key,
            "content-type": "application/json",
            "traceparent": event.traceparent or traceparent,
        }
        if event.sequence is not None:
            headers["ce_sequence"] = str(event.sequence)
        return headers

    async def republish(self, session: AsyncConnection, ids: Sequence[str]) -> int:
        """Have events that were published before published again under the same ids, each in its old place
        among those of its key. Answers how many; those not published yet are left alone."""
        if not ids:
            return 0
        table = self._table
        again = (
            update(table)
            .where(any_of(table.c.id, ids), table.c.published_at.is_not(None))
            .values(published_at=None, republished=table.c.republished + 1)
            .returning(table.c.id)
        )
        count = len((await session.execute(again)).all())
        if count:
            wake_after_commit(session, CHANNEL)
        return count


async def outbox_age(database: Database, table_class: Any, clock: Clock) -> float:
    """For metrics: the age in seconds of the oldest event that was never published; 0.0 when there is
    none."""
    table = table_of(table_class)
    waiting = (table.c.published_at.is_(None), table.c.republished == 0)
    oldest = select(func.min(table.c.created_at)).where(*waiting)
    async with database.read() as session:
        written = (await session.execute(oldest)).scalar_one()
    return max(0.0, (clock.now() - written).total_seconds()) if written else 0.0
