"""An HTTP server on the loopback interface that can be down, as real ones are."""

import asyncio
import socket
from collections.abc import Callable, Iterable

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_routedef import AbstractRouteDef

HOST = "127.0.0.1"
LARGEST_BODY = 4 * 1024 * 1024


class LoopbackServer:
    """Serves `routes()` on one port. While down the port stays reserved and refuses every connection; while
    it holds, a request that has arrived waits for its answer. `held` counts those that wait now."""

    def __init__(self, routes: Callable[[], Iterable[AbstractRouteDef]]) -> None:
        self._routes = routes
        self._runner: web.AppRunner | None = None
        self._let_go = asyncio.Event()
        self._let_go.set()
        self.held = 0
        self._socket = _reserved_socket(0)
        self.port: int = self._socket.getsockname()[1]

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def is_up(self) -> bool:
        return self._runner is not None

    async def come_up(self) -> None:
        """Listen; harmless when up."""
        if self._runner is not None:
            return
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._hold_back])
        application.add_routes(self._routes())
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def go_down(self) -> None:
        """Close every connection and refuse new ones; harmless when down."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        await runner.cleanup()
        self._socket = _reserved_socket(self.port)

    def hold(self) -> None:
        """From now on answer nothing and let nothing through, until `let_go`."""
        self._let_go.clear()

    def let_go(self) -> None:
        """Handle what waits, and all that comes."""
        self._let_go.set()

    async def be_down_for(self, seconds: float) -> None:
        """Go down, and come up again after `seconds`."""
        await self.go_down()
        await asyncio.sleep(seconds)
        await self.come_up()

    async def close(self) -> None:
        """Go down for good and give the port back."""
        self.let_go()
        await self.go_down()
        self._socket.close()

    @web.middleware
    async def _hold_back(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await request.read()  # it has arrived, whatever becomes of who sent it
        self.held += 1
        try:
            await self._let_go.wait()
        finally:
            self.held -= 1
        return await handler(request)


def _reserved_socket(port: int) -> socket.socket:
    # Bound and not listening: Linux answers a connection with a reset, and nobody else gets the port.
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((HOST, port))
    reserved.setblocking(False)
    return reserved
