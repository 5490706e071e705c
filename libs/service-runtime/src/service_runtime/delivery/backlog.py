"""What consumer lag does not show: how much waits to be sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows due and not sent, and the age in seconds of the one that has been due longest."""

    due: int
    oldest_seconds: float


async def backlog(session: AsyncConnection, deliveries: Table, now: datetime) -> Backlog:
    """The backlog at `now`, counted from the rows, so that it cannot drift."""
    rows = deliveries.c
    count, oldest = (
        await session.execute(
            select(func.count(), func.min(rows.due_at)).where(
                rows.state == literal_column("'waiting'"), rows.due_at <= now
            )
        )
    ).one()
    return Backlog(count, (now - oldest).total_seconds() if oldest is not None else 0.0)
