"""A service's database: transactions to write, readers beside them, and wake-ups after the commit."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service_runtime.database.connecting import driver_url, postgres_engine, sqlite_engine
from service_runtime.database.statements import any_of, database_now, insert_ignore

__all__ = ["Database", "any_of", "database_now", "insert_ignore", "tell_after_commit", "wake_after_commit"]

_CHANNELS = "wake after commit"
_TOLD = "tell after commit"
_PING_SECONDS = 3


def wake_after_commit(session: AsyncConnection, channel: str) -> None:
    """Have the waiters of `channel` woken once this transaction is committed, and only then."""
    session.info.setdefault(_CHANNELS, set()).add(channel)


def tell_after_commit(session: AsyncConnection, tell: Callable[[], None]) -> None:
    """Have `tell` called once this transaction is committed, and only then: for a log line about what it
    made true. It must not raise."""
    session.info.setdefault(_TOLD, []).append(tell)


def _wake_nobody(channels: Collection[str]) -> None:
    """Before composition has set `on_commit`, polls serve."""


class Database:
    """Opened by `open`. `on_commit` gets the channels of each committed transaction and must not block."""

    dialect: Literal["postgresql", "sqlite"]

    def __init__(
        self,
        dialect: Literal["postgresql", "sqlite"],
        writer: AsyncEngine,
        single: AsyncEngine,
        reader: AsyncEngine,
    ) -> None:
        self.dialect = dialect
        self.on_commit: Callable[[Collection[str]], None] = _wake_nobody
        self._writer = writer
        self._reader = reader
        self._single = single

    @classmethod
    def open(
        cls, url: str, *, schema: str, pool_size: int = 10, single_pool_size: int | None = None
    ) -> "Database":
        """`sqlite:////absolute/file.db` or `postgresql://user:password@host:port/name`; connects when used.

        `schema` is the service's own on PostgreSQL (on SQLite each service has a file instead).
        `pool_size` bounds the PostgreSQL connections for transactions; half as many more are for reading,
        and for single statements unless `single_pool_size` says how many: commits that come at once share
        one flush."""
        target = driver_url(url)
        if target.get_backend_name() == "sqlite":
            writer, reader = (sqlite_engine(target, read_only=each) for each in (False, True))
            return cls("sqlite", writer, writer, reader)
        half = max(1, pool_size // 2)
        return cls(
            "postgresql",
            postgres_engine(target, schema, pool_size=pool_size),
            postgres_engine(target, schema, autocommit=True, pool_size=single_pool_size or half),
            postgres_engine(target, schema, autocommit=True, read_only=True, pool_size=half),
        )

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction: committed on a clean exit, rolled back on an error; then the wake-ups go out."""
        return self._transaction(self._writer)

    def single(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """For what one statement keeps whole. On PostgreSQL each statement commits itself, without the round
        trips of BEGIN and COMMIT; on SQLite it is one transaction as in `write`."""
        return self._transaction(self._single)

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
        async with engine.connect() as session:
            # `info` belongs to the pooled connection: a transaction that failed may have left something.
            channels: set[str] = set()
            told: list[Callable[[], None]] = []
            session.info.update({_CHANNELS: channels, _TOLD: told})
            async with session.begin():
                yield session
        for tell in told:
            tell()
        if channels:
            self.on_commit(channels)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """Read only, each statement by itself; the database refuses a write."""
        async with self._reader.connect() as session:
            yield session

    async def ping(self) -> None:
        """Ask the database for an answer; raises when there is none within 3 seconds."""
        async with asyncio.timeout(_PING_SECONDS), self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections; what is still open is rolled back."""
        await self._writer.dispose()
        await self._single.dispose()
        await self._reader.dispose()
