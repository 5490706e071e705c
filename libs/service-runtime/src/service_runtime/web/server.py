"""Serves an ASGI application with uvicorn, on a socket that several processes can share."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn

from service_runtime.service import ASGIApp
from service_runtime.web.bounded_head import BoundedHead

BACKLOG = 2048
GRACE_SECONDS = 5


class PortBusyError(Exception):
    """The address cannot be listened on; the text is one line that names it."""


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket. With SO_REUSEPORT, so that the kernel spreads connections over api processes that
    share a port. Raises PortBusyError where a stranger holds it or the host is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortBusyError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the process's business, which stops the api first and the loops after it."""
        yield


class WebServer:
    """One application on one socket, served in the running loop until `stop`."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                app,
                http=BoundedHead,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=GRACE_SECONDS,
                h11_max_incomplete_event_size=None,
            )
        )

    async def serve(self) -> None:
        """Accept and answer until `stop`; then no more is accepted, and what is open gets 5 s to finish."""
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """Ask `serve` to finish."""
        self._server.should_exit = True

    def close(self) -> None:
        """Give the socket back where `serve` was never called."""
        self._socket.close()

    async def started(self) -> None:
        """Return when connections are accepted."""
        await self._server.accepting.wait()
