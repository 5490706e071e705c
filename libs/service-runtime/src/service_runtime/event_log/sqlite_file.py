"""The embedded log's file: a writer that commits what waits in one transaction, and a reader beside it."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_Work = Callable[[sqlite3.Connection], Any]

LANES = 4
"""Into so many ordered parts every topic of the embedded log is divided."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS records (
    "offset" INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    lane INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    headers BLOB NOT NULL,
    value BLOB NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS records_by_lane ON records (topic, lane, "offset");
CREATE TABLE IF NOT EXISTS members (
    "group" TEXT NOT NULL,
    member TEXT NOT NULL,
    token TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY ("group", member)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (
    "group" TEXT NOT NULL,
    topic TEXT NOT NULL,
    lane INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    owner TEXT,
    lease_until INTEGER NOT NULL,
    token TEXT,
    PRIMARY KEY ("group", topic, lane)
) WITHOUT ROWID;
"""


def now_ms(connection: sqlite3.Connection) -> int:
    """The database's clock in epoch milliseconds; leases compare with no other."""
    sql = "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    return int(connection.execute(sql).fetchone()[0])


class LogFile:
    """Two connections, each on a thread of its own. The file is made at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = ThreadPoolExecutor(1, "event-log-writer")
        self._reader = ThreadPoolExecutor(1, "event-log-reader")
        self._connections: dict[str, sqlite3.Connection] = {}
        self._waiting: list[tuple[_Work, asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a transaction and return its answer once that is on disk.

        What came while the last transaction was written shares the next one, so that many callers cost
        one fsync; each keeps its own outcome (a savepoint)."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await future

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on one consistent view of the file."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._view, work)

    async def close(self) -> None:
        """Finish what waits and close the file."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        for executor in (self._writer, self._reader):
            await asyncio.to_thread(executor.shutdown)
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                together, self._waiting = self._waiting, []
                works = [work for work, _ in together]
                outcomes = await loop.run_in_executor(self._writer, self._commit, works)
                for (_, future), outcome in zip(together, outcomes, strict=True):
                    _settle(future, outcome)
        finally:
            self._writing = None

    def _commit(self, works: list[_Work]) -> list[Any]:
        try:
            connection = self._open("writer")
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [_attempt(connection, work) for work in works]
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._connections.pop("writer").close()  # undoes the transaction, and the next one starts clean
            return [error] * len(works)
        return outcomes

    def _view(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._open("reader")
        connection.execute("BEGIN")
        try:
            return work(connection)
        finally:
            connection.execute("COMMIT")

    def _open(self, role: str) -> sqlite3.Connection:
        if role not in self._connections:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5)
            self._connections[role] = connection
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
            if role == "reader":
                connection.execute("PRAGMA query_only = ON")
        return self._connections[role]


def _attempt(connection: sqlite3.Connection, work: _Work) -> Any:
    connection.execute("SAVEPOINT work")
    try:
        outcome = work(connection)
    except Exception as error:  # noqa: BLE001  given to the caller who brought the work
        connection.execute("ROLLBACK TO work")
        outcome = error
    connection.execute("RELEASE work")
    return outcome


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():  # its caller was cancelled
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
