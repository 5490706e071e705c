"""Polls by time leave out what is younger than any open transaction of the server, and other tests that run
beside have theirs on the same server."""

import asyncio

from service_runtime.database.engine import Database
from sqlalchemy import text


async def until_settled(database: Database, seconds: float = 30.0) -> None:
    """Wait until a poll sees everything that is committed now; SQLite has one writer, and polls see all."""
    if database.dialect == "sqlite":
        return
    async with database.write() as session:
        now = (await session.execute(text("SELECT pg_current_xact_id()::text::bigint"))).scalar_one()
    oldest = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    async with asyncio.timeout(seconds):
        while True:
            async with database.read() as session:
                if (await session.execute(oldest)).scalar_one() > now:
                    return
            await asyncio.sleep(0.02)
