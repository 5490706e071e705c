"""Wake-ups between the processes of one service, over LISTEN and NOTIFY."""

import asyncio
from contextlib import suppress

import asyncpg

from service_runtime.database.connecting import DatabaseError
from service_runtime.logs import logger
from service_runtime.wakeup import LocalWakeup, Waiter

_COALESCE_SECONDS = 0.02
_RECONNECT_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
_KEEPALIVE_SECONDS = 30.0
_START_SECONDS = 2.0
_CLOSE_SECONDS = 0.5
_log = logger()


class PostgresWakeup:
    """Notifies after the commit, on a connection of its own outside any pool and any transaction.

    A NOTIFY inside the transaction that writes takes a lock of the whole database until its fsync. Here a
    process sends at most one every 20 ms, whatever it was asked. Whenever the connection comes (back), every
    waiter is woken: what was missed is found by looking. `url` as for the database; `service` keeps services
    apart."""

    def __init__(self, url: str, service: str) -> None:
        self._url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._channel = f"lahetti_{service}".replace("-", "_")
        self._near = LocalWakeup()
        self._to_send: set[str] = set()
        self._all_sent = asyncio.Event()
        self._all_sent.set()
        self._look = asyncio.Event()
        self._connected = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def notify(self, channel: str) -> None:
        """Wake this process's waiters now and those of the others within milliseconds."""
        self._near.notify(channel)
        self._to_send.add(channel)
        self._all_sent.clear()
        self._look.set()

    def waiter(self, channel: str) -> Waiter:
        return self._near.waiter(channel)

    async def start(self) -> None:
        """Connect, and keep connected. Without the database it returns after 2 s and goes on trying."""
        if self._loop is None:
            self._loop = asyncio.create_task(self._stay_connected(), name="wakeup")
            with suppress(TimeoutError):
                async with asyncio.timeout(_START_SECONDS):
                    await self._connected.wait()

    async def close(self) -> None:
        """Send what waits to be sent, then disconnect."""
        if self._loop is not None:
            if self._connected.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_CLOSE_SECONDS):
                        await self._all_sent.wait()
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
            self._loop = None

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url,
                    timeout=5,
                    command_timeout=5,
                    server_settings={"application_name": self._channel, "jit": "off"},
                )
            except DatabaseError as error:
                if failures == 0:
                    _log.warning("wakeup.not_connected", error=type(error).__name__)
                await asyncio.sleep(_RECONNECT_SECONDS[min(failures, len(_RECONNECT_SECONDS) - 1)])
                failures += 1
                continue
            failures = 0
            try:
                await self._serve(connection)
            except DatabaseError as error:
                _log.warning("wakeup.lost", error=type(error).__name__)
            finally:
                self._connected.clear()
                connection.terminate()
            await asyncio.sleep(_RECONNECT_SECONDS[0])

    async def _serve(self, connection: asyncpg.Connection) -> None:
        """Listen and send until the connection ends; what could not be sent is sent on the next one."""
        own = connection.get_server_pid()

        def heard(_connection: object, pid: int, _channel: str, channels: object) -> None:
            if pid != own:
                for channel in str(channels).split(","):
                    self._near.notify(channel)

        connection.add_termination_listener(lambda _connection: self._look.set())
        await connection.add_listener(self._channel, heard)
        self._connected.set()
        self._near.notify_all()
        while not connection.is_closed():
            if self._to_send:
                await self._send(connection)
                await asyncio.sleep(_COALESCE_SECONDS)
            elif not await self._looked():
                # A silent connection may be dead: a firewall drops it without telling either end.
                await connection.execute("SELECT 1")

    async def _looked(self) -> bool:
        """Wait for something to do; False when there was nothing for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_KEEPALIVE_SECONDS):
                await self._look.wait()
        seen = self._look.is_set()
        self._look.clear()
        return seen

    async def _send(self, connection: asyncpg.Connection) -> None:
        channels, self._to_send = self._to_send, set()
        try:
            await connection.fetchval("SELECT pg_notify($1, $2)", self._channel, ",".join(sorted(channels)))
        except BaseException:
            self._to_send |= channels
            raise
        if not self._to_send:
            self._all_sent.set()
