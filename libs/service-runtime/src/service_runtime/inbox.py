"""The inbox: which events a consumer has handled, so that the same one again changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.clock import Clock
from service_runtime.database.statements import insert_new_from_list, table_of


class Inbox:
    """Remembers handled events in one service's inbox table."""

    def __init__(self, table: Any, clock: Clock) -> None:
        event_id = table_of(table).c.event_id
        self._statements = {
            dialect: insert_new_from_list(dialect, table, event_id, "ids", ("consumer", "handled_at"))
            for dialect in ("postgresql", "sqlite")
        }
        self._clock = clock

    async def take(self, session: AsyncConnection, consumer: str, ids: Sequence[str]) -> set[str]:
        """Write `ids` down as handled by `consumer` and answer those that were not before, in one statement.

        It belongs in the transaction that handles them: rolled back together, they are new again."""
        if not ids:
            return set()
        # In one order always, so that two members with the same events cannot deadlock.
        values = {"ids": sorted(set(ids)), "the_consumer": consumer, "the_handled_at": self._clock.now()}
        statement = self._statements[session.dialect.name]
        return set((await session.execute(statement, values)).scalars())
