"""The sweep: looks, now and then, for facts that are overdue. What is overdue is each service's business."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.clock import Clock
from service_runtime.database.connecting import DatabaseError
from service_runtime.database.engine import Database
from service_runtime.leases import Lease, LeaseHolder
from service_runtime.logs import logger
from service_runtime.wakeup import sleep_or_stop

Check = Callable[[AsyncConnection], Awaitable[int]]
"""Finds what is overdue, mends it in the given transaction and answers how many things it mended."""

_SHORTEST_LEASE = 10.0
_log = logger()


class Sweep:
    """Runs `checks` every `every_seconds`, each in a transaction of its own. One a service is active."""

    def __init__(
        self,
        *,
        database: Database,
        lease_table: Any,
        name: str,
        every_seconds: float,
        checks: Sequence[Check],
        clock: Clock,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`name` is the lease's and the log lines'; `beat` is called at each sweep and while standing by."""
        self._database, self._checks, self._name = database, checks, name
        self._every_seconds, self._beat = every_seconds, beat
        # Outlasts a pause between two sweeps: another process sweeps only when this one is gone.
        lease = Lease(lease_table, name, max(_SHORTEST_LEASE, every_seconds * 3))
        self._holder = LeaseHolder(database, lease, clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until `stop`, the first time at once; then let another process have it."""
        while not stop.is_set():
            self._beat()
            try:
                wait = await self._holder.ensure()
                if wait == 0:
                    await self.once()
            except ProgrammingError:
                raise  # a table or column that is not there: waiting would not help
            except DatabaseError as error:
                wait = 0.0
                _log.warning("sweep.failed", name=self._name, error=type(error).__name__)
            await sleep_or_stop(stop, min(wait or self._every_seconds, self._every_seconds))
        with suppress(*DatabaseError):
            await self._holder.give_back()

    async def once(self) -> int:
        """Run all checks now, whoever holds the lease; answers how many things they mended."""
        mended = 0
        for check in self._checks:
            async with self._database.write() as session:
                mended += await check(session)
        if mended:
            _log.info("sweep.mended", name=self._name, count=mended)
        return mended
