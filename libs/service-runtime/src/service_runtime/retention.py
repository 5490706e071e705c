"""What a service forgets by itself: which events it has handled, once nobody can tell them again."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.clock import Clock
from service_runtime.database.statements import table_of

AT_ONCE = 20_000


class InboxRetention:
    """A check of the sweep: removes inbox rows that were written more than `days` ago, at most `at_once` in a
    round, the oldest first.

    Topics keep their records for a shorter time, so no record that could still be read is forgotten; what a
    sweep publishes again under its old id after that is handled as what it is, a fact that is known. Used
    assertions lie in the same table, and live for minutes."""

    def __init__(self, table: Any, clock: Clock, days: int, at_once: int = AT_ONCE) -> None:
        self._rows = table_of(table)
        self._clock = clock
        self._kept = timedelta(days=days)
        self._at_once = at_once

    async def __call__(self, session: AsyncConnection) -> int:
        """How many rows were removed."""
        rows = self._rows
        old = (
            select(rows.c.consumer, rows.c.event_id)
            .where(rows.c.handled_at < self._clock.now() - self._kept)
            .order_by(rows.c.handled_at)
            .limit(self._at_once)
        )
        gone = delete(rows).where(tuple_(rows.c.consumer, rows.c.event_id).in_(old))
        return (await session.execute(gone)).rowcount
