"""The county in force: kept in the database as the files that were loaded and the clients that operators
manage, in memory as what they say."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import orjson
from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.database.statements import insert_ignore, table_of
from sqlalchemy import func, select

from referral_gateway.adapters.registered_clients import Row, TableClients, parsed
from referral_gateway.adapters.tables import CountySnapshot
from referral_gateway.domain.county import County
from referral_gateway.domain.registered_clients import with_registered
from referral_gateway.ports import Session

_SNAPSHOTS = table_of(CountySnapshot)
_NEWEST = select(func.max(_SNAPSHOTS.c.version))
LOOK_EVERY_SECONDS = 1.0


class CountyStore:
    """Implements `ports.Counties`. A request asks `look` first: at most once a second it asks the database
    whether another process has loaded a newer folder or changed a client; parsing happens only then.
    """

    def __init__(
        self,
        *,
        database: Database,
        read: Callable[[Mapping[str, str]], County],
        clients: TableClients,
        clock: Clock,
    ) -> None:
        self._database = database
        self._read = read
        self._clock = clock
        self._clients = clients
        self._version = 0
        self._loaded: County | None = None
        self._rows: Sequence[Row] = ()
        self._county: County | None = None
        self._look_at = 0.0

    def current(self) -> County:
        """The county in force, as this process knows it. Raises `county-missing` where none was ever
        loaded.
        """
        if self._county is None:
            raise refuse("county-missing")
        return self._county

    async def look(self) -> None:
        """Take over a newer folder, if there is one."""
        now = self._clock.monotonic()
        if self._county is not None and now < self._look_at:
            return
        # Set first: while one request asks, the others go on with what is known.
        self._look_at = now + LOOK_EVERY_SECONDS
        async with self._database.read() as session:
            newest: int | None = (await session.execute(_NEWEST)).scalar()
            rows = await self._clients.rows(session)
            newer = newest is not None and newest > self._version
            loaded = self._read(await self._files(session, newest)) if newer else self._loaded
        if newer or rows != self._rows:
            self._put_in_force(newest or 0, loaded, rows)

    def look_again(self) -> None:
        """Let the next `look` ask the database at once: something was changed by this process."""
        self._look_at = 0.0

    def take_over(self, version: int, county: County) -> None:
        """Let `county` be in force in this process, once its snapshot is committed."""
        if version > self._version:
            self._put_in_force(version, county, self._rows)

    def _put_in_force(self, version: int, loaded: County | None, rows: Sequence[Row]) -> None:
        self._version, self._loaded, self._rows = version, loaded, rows
        if loaded is not None:
            self._county = with_registered(loaded, [parsed(row) for row in rows])

    async def newest(self, session: Session) -> tuple[int, County | None]:
        """The newest version and what it says; (0, None) before the first load."""
        version: int | None = (await session.execute(_NEWEST)).scalar()
        if version is None:
            return 0, None
        return version, self._read(await self._files(session, version))

    async def add(
        self, session: Session, version: int, files: Mapping[str, str], county: County, by: str, at: datetime
    ) -> bool:
        """Keep a snapshot; False where another load has taken this version in the meantime."""
        row = {
            "version": version,
            "files": orjson.dumps(dict(files)),
            "digest": county.digest,
            "loaded_at": at,
            "loaded_by": by,
        }
        added = await session.execute(insert_ignore(session, CountySnapshot, [row], _SNAPSHOTS.c.version))
        return added.first() is not None

    async def _files(self, session: Session, version: int) -> Mapping[str, str]:
        wanted = select(_SNAPSHOTS.c.files).where(_SNAPSHOTS.c.version == version)
        return orjson.loads((await session.execute(wanted)).scalar_one())
