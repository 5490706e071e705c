"""How connections are made on each database; the settings here are what makes them safe and fast."""

from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DatabaseError = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What a database that is away, or that refuses, can raise; loops wait and try again."""

_DRIVERS = {"postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
_CONNECT_SECONDS = 10
"""In a burst of requests a handshake waits for its turns of the event loop: 5 s were too few once."""
_STATEMENTS_KEPT = 400


def driver_url(url: str) -> URL:
    """The URL with the driver that we use. Raises ValueError for a database that we do not."""
    parsed = make_url(url)
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise ValueError(f"a database is sqlite:////file or postgresql://host/name, not {parsed.drivername}")
    return parsed.set(drivername=driver)


def postgres_engine(
    url: URL,
    schema: str,
    *,
    autocommit: bool = False,
    read_only: bool = False,
    pool_size: int,
    command_seconds: float | None = 30,
) -> AsyncEngine:
    """An engine whose connections see `schema` only; with `autocommit` each statement commits by itself.

    A statement that takes longer than `command_seconds` is cancelled."""
    settings = {
        "search_path": schema,
        "application_name": f"lahetti-{schema}",
        "timezone": "UTC",
        # Our statements are short: compiling them would take longer than running them.
        "jit": "off",
        "default_transaction_read_only": "on" if read_only else "off",
        # A process that froze inside a transaction must not hold its locks for ever.
        "idle_in_transaction_session_timeout": "60000",
    }
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,
        connect_args={
            "server_settings": settings,
            "timeout": _CONNECT_SECONDS,
            "command_timeout": command_seconds,
            "prepared_statement_cache_size": _STATEMENTS_KEPT,
            "statement_cache_size": _STATEMENTS_KEPT,
            "max_cached_statement_lifetime": 0,
        },
        **({"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True} if autocommit else {}),
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _hide_values)
    return engine


def _refuse_closed(_dbapi: Any, record: Any, _proxy: Any) -> None:
    """Replace a connection that the server has closed: asyncpg knows it without the round trip of a ping."""
    if record.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")


def _hide_values(context: ExceptionContext) -> None:
    """Take the DETAIL off PostgreSQL's errors: it quotes the row, and errors end up in logs."""
    original = context.original_exception
    for error in (context.sqlalchemy_exception, original, original.__cause__):
        if error is None:
            continue
        if isinstance(getattr(error, "detail", None), str):
            error.detail = None  # pyright: ignore[reportAttributeAccessIssue] asked for above
        error.args = tuple(
            part.partition("\nDETAIL:")[0] if isinstance(part, str) else part for part in error.args
        )


def sqlite_engine(url: URL, *, read_only: bool, foreign_keys: bool = True) -> AsyncEngine:
    """The one writer of a file (BEGIN IMMEDIATE), or its readers (query_only, each statement by itself).

    With the driver's defaults, read-decide-write from several tasks loses updates without an error."""
    pragmas = ["busy_timeout=5000", f"foreign_keys={'ON' if foreign_keys else 'OFF'}"]
    pragmas += ["query_only=ON"] if read_only else ["journal_mode=WAL", "synchronous=FULL"]
    if not read_only and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=4 if read_only else 1,
        max_overflow=0,
        pool_timeout=10,
        connect_args={"timeout": 5},
        **({"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True} if read_only else {}),
    )

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred: it would lose updates
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", on_connect)
    if not read_only:
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
