"""What consumer lag does not show: how much waits to be sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.clock import Clock
from service_runtime.database.engine import Database

Figure = Callable[[], Awaitable[float]]


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


def backlog_gauges(database: Database, deliveries: Table, clock: Clock) -> tuple[Figure, Figure]:
    """For metrics: how many rows are due, and since how many seconds the oldest of them is."""

    async def now() -> Backlog:
        async with database.read() as session:
            return await backlog(session, deliveries, clock.now())

    async def due() -> float:
        return (await now()).due

    async def oldest() -> float:
        return (await now()).oldest_seconds

    return due, oldest
