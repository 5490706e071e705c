"""Keeps the notifier's addresses as new as the directory's."""

import asyncio
from collections.abc import Callable

from referral_contracts.events import EndpointChanged
from service_runtime.database.engine import Database, wake_after_commit
from service_runtime.delivery.dispatcher import CHANNEL as DELIVERIES_CHANNEL
from service_runtime.logs import logger
from service_runtime.wakeup import Wakeup
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_notifier.domain.endpoints import EndpointAddress
from provider_notifier.ports import Directory, DirectoryUnreachableError, EndpointBook

CHANNEL = "endpoints"
_log = logger()


class NoteEndpointChange:
    """An Endpoint has a newer version: writes the version wanted, until which nothing is sent there."""

    def __init__(self, book: EndpointBook) -> None:
        self._book = book

    async def __call__(self, session: AsyncConnection, change: EndpointChanged) -> None:
        await self._book.want(session, change.endpoint, change.provider, change.version)
        wake_after_commit(session, CHANNEL)


class FollowDirectory:
    """Reads wanted versions from the directory and keeps them; searches it once at the start.

    No transaction is open while the directory is asked. Several processes may do the same: what they write is
    the same, and an older version never replaces a newer one."""

    def __init__(
        self,
        database: Database,
        book: EndpointBook,
        directory: Directory,
        wakeup: Wakeup,
        poll_seconds: float,
    ) -> None:
        self._database, self._book, self._directory = database, book, directory
        self._waiter = wakeup.waiter(CHANNEL)
        self._poll_seconds = poll_seconds
        self._searched = False

    async def run(self, stop: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        """Until `stop`. While the directory cannot be reached, ask again at each poll."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                beat()
                await self._round()
                waiting = asyncio.create_task(self._waiter.wait(self._poll_seconds))
                await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        finally:
            stopping.cancel()

    async def _round(self) -> None:
        try:
            if not self._searched:
                await self.search()
                self._searched = True
            await self.refresh()
        except DirectoryUnreachableError as error:
            _log.warning("directory.unreachable", reason=str(error))
        except Exception as error:  # noqa: BLE001 the database is away: the next round asks again
            _log.warning("directory.round_failed", error=type(error).__name__)

    async def search(self) -> None:
        """Learn all endpoints of the directory. Raises DirectoryUnreachableError."""
        for address in await self._directory.endpoints():
            await self._learn(address)

    async def refresh(self) -> None:
        """Read each endpoint of which a newer version is wanted; one that fails does not hold up the others.
        Raises DirectoryUnreachableError, after all have been tried, where any failed."""
        async with self._database.read() as session:
            stale = await self._book.stale(session)
        failed: DirectoryUnreachableError | None = None
        for endpoint in stale:
            try:
                await self.read_again(endpoint)
            except DirectoryUnreachableError as error:
                failed = error
        if failed is not None:
            raise failed

    async def read_again(self, endpoint: str) -> bool:
        """Read one endpoint; False where the directory has none. Raises DirectoryUnreachableError."""
        address = await self._directory.endpoint(endpoint)
        if address is not None:
            await self._learn(address)
            return True
        async with self._database.write() as session:
            await self._book.forget(session, endpoint)
        return False

    async def _learn(self, address: EndpointAddress) -> None:
        async with self._database.write() as session:
            await self._book.learn(session, address)
            wake_after_commit(session, DELIVERIES_CHANNEL)
