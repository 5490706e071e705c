"""Leases: who may do a thing of which there is one. Only the database's clock counts; the token proves it."""

from typing import Any

from sqlalchemy import BindParameter, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import clock_of_database, table_of
from service_runtime.ids import new_id


class Lease:
    """One row of a service's lease table. `seconds`: how long it lasts unless renewed."""

    def __init__(self, table: Any, name: str, seconds: float) -> None:
        self._table = table_of(table)
        self.name = name
        self.seconds = seconds

    async def acquire(self, session: AsyncConnection) -> str | None:
        """A token of our own when nobody holds the lease or it has run out; None when somebody does."""
        postgres = session.dialect.name == "postgresql"
        insert = postgresql.insert(self._table) if postgres else sqlite.insert(self._table)
        until = clock_of_database(self.seconds)
        insert = insert.values(name=self.name, token=new_id(), until=until)
        taken = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={"token": insert.excluded.token, "until": insert.excluded.until},
            where=self._table.c.until <= clock_of_database(),
        )
        return (await session.execute(taken.returning(self._table.c.token))).scalar_one_or_none()

    async def renew(self, session: AsyncConnection, token: str) -> bool:
        """Make it last its full time from now. False when another token holds it."""
        renewed = update(self._table).where(*self._mine(token)).values(until=clock_of_database(self.seconds))
        return (await session.execute(renewed.returning(self._table.c.name))).first() is not None

    async def release(self, session: AsyncConnection, token: str) -> None:
        """Let the next one have it at once; nothing happens when another token holds it."""
        await session.execute(delete(self._table).where(*self._mine(token)))

    async def free_in(self, session: AsyncConnection) -> float:
        """Seconds until the lease can be acquired, 0.0 now: who stands by reads this instead of writing."""
        until = select(self._table.c.until, clock_of_database()).where(self._table.c.name == self.name)
        row = (await session.execute(until)).first()
        return max(0.0, (row[0] - row[1]).total_seconds()) if row else 0.0

    def held_with(self, token: str | BindParameter[str]) -> ColumnElement[bool]:
        """A condition for a statement that only the holder may do: true while no other has the lease."""
        return exists().where(*self._mine(token))

    def _mine(self, token: str | BindParameter[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return (self._table.c.name == self.name, self._table.c.token == token)


class LeaseHolder:
    """Keeps a lease for a loop with few statements: renews only when less than half of its time is left."""

    def __init__(self, database: Database, lease: Lease, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.lease = lease
        self.token: str | None = None
        self._fresh_until = 0.0

    async def ensure(self) -> float:
        """Hold the lease, fresh for half of its time: answers 0.0. Else in how many seconds to ask again."""
        if self.token is not None:
            if self._clock.monotonic() < self._fresh_until or await self._renew(self.token):
                return 0.0
            self.token = None
        async with self._database.read() as session:
            free_in = await self.lease.free_in(session)
        if free_in > 0:
            return free_in
        started = self._clock.monotonic()
        async with self._database.single() as session:
            self.token = await self.lease.acquire(session)
        self._fresh_until = started + self.lease.seconds / 2
        return 0.0 if self.token else self.lease.seconds

    async def _renew(self, token: str) -> bool:
        # Counted from before the statement: our idea of the lease never outlasts the database's.
        started = self._clock.monotonic()
        async with self._database.single() as session:
            renewed = await self.lease.renew(session, token)
        self._fresh_until = started + self.lease.seconds / 2
        return renewed

    def doubt(self) -> None:
        """Ask the database at the next `ensure`: something went as it does when the lease is lost."""
        self._fresh_until = 0.0

    async def give_back(self) -> None:
        """Release what is held."""
        if self.token is not None:
            token, self.token = self.token, None
            async with self._database.single() as session:
                await self.lease.release(session, token)
