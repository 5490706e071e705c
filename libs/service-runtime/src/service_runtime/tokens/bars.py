"""Bars: tokens that are refused though their signature and their time are right.

A bar stands in a table of each service, written by its own transactions or by its consumer. Names are
digests: who is barred is not read from a topic or a table.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.caller import Caller
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import insert_ignore, table_of

LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """What is refused: tokens issued until `issued_until` (None: all), remembered until `until` (None: as
    long as nobody lifts it).
    """

    name: str
    issued_until: datetime | None = None
    until: datetime | None = None


def of_client(kind: str, client_id: str) -> str:
    """The name of the bar against all tokens of a client."""
    return _digest("client", kind, client_id)


def of_issued(kind: str, client_id: str) -> str:
    """The name of the bar against the tokens that a client has got so far."""
    return _digest("issued", kind, client_id)


def of_token(jti: str) -> str:
    """The name of the bar against one token."""
    return _digest("token", jti)


class BarTable:
    """The bars in a service's own table."""

    def __init__(self, table: Any, clock: Clock) -> None:
        self._class, self._table = table, table_of(table)
        self._clock = clock

    async def note(self, session: AsyncConnection, bar: Bar, *, refused: bool) -> None:
        """Let `bar` stand, or no longer: what another service has told."""
        await (self.put(session, bar) if refused else self.lift(session, bar.name))

    async def put(self, session: AsyncConnection, bar: Bar) -> None:
        """Let `bar` stand, in place of one of the same name; bars whose time is over go."""
        told = {"name": bar.name, "issued_until": bar.issued_until, "until": bar.until}
        added = await session.execute(insert_ignore(session, self._class, [told], self._table.c.name))
        if added.first() is None:
            await session.execute(update(self._table).where(self._table.c.name == bar.name).values(told))
        await session.execute(delete(self._table).where(self._table.c.until < self._clock.now()))

    async def lift(self, session: AsyncConnection, name: str) -> None:
        """Let the bar of that name stand no longer."""
        await session.execute(delete(self._table).where(self._table.c.name == name))

    async def standing(self, session: AsyncConnection) -> dict[str, Bar]:
        """All bars by name."""
        columns = (self._table.c.name, self._table.c.issued_until, self._table.c.until)
        return {row[0]: Bar(*row) for row in await session.execute(select(*columns))}


class Bars:
    """What one process knows of the bars: read again at most once a second, when somebody calls.

    Where the database cannot be read nobody passes: what a service gives away comes from there too.
    """

    def __init__(self, database: Database, table: BarTable, clock: Clock) -> None:
        self._database, self._table, self._clock = database, table, clock
        self._standing: dict[str, Bar] | None = None
        self._look_at = 0.0

    async def refuse(self, caller: Caller) -> bool:
        """Whether the caller's token is barred."""
        now = self._clock.monotonic()
        if self._standing is None or now >= self._look_at:
            # Set first: while one request asks, the others go on with what is known.
            self._look_at = now + LOOK_EVERY_SECONDS
            try:
                async with self._database.read() as session:
                    self._standing = await self._table.standing(session)
            except BaseException:
                self._look_at = 0.0
                raise
        return bool(self._standing) and any(self._applies(name, caller) for name in _names(caller))

    def _applies(self, name: str, caller: Caller) -> bool:
        bar = self._standing.get(name) if self._standing else None
        if bar is None:
            return False
        return bar.issued_until is None or datetime.fromtimestamp(caller.issued, UTC) <= bar.issued_until


def _names(caller: Caller) -> tuple[str, ...]:
    kind, client_id = caller.kind, caller.client_id
    return of_client(kind, client_id), of_issued(kind, client_id), of_token(caller.jti)


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
