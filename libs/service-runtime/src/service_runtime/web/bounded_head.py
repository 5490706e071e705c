"""The heads of requests within limits: what stands before a body is held before anything looks at it."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 65_536
HEAD_SECONDS = 20.0

_TOO_LARGE = b"431 Request Header Fields Too Large"
_TOO_SLOW = b"408 Request Timeout"


class BoundedHead(HttpToolsProtocol):
    """uvicorn's protocol, which by itself takes a head of any size and waits for its end for ever.

    A head of more than `MOST_BYTES` behind its first piece of data is 431, one that is not whole
    `HEAD_SECONDS` after its beginning is 408; both end the connection. So does silence for that time on a
    connection that never asked anything. Nobody is known yet, and nothing read: the answers have no body.
    """

    head_seconds = HEAD_SECONDS

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = False
        self._head_bytes = -1
        """Without the piece that it began in, where the end of another request may stand; -1 until then."""
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, -1

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._wait_no_more()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes = self._head_bytes + len(data) if self._head_bytes >= 0 else 0
        if self._head_bytes > MOST_BYTES:
            self._end(_TOO_LARGE)
        elif self._patience is None:
            self._wait()

    def _wait(self) -> None:
        self._patience = self.loop.call_later(self.head_seconds, self._end, _TOO_SLOW)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _end(self, status: bytes) -> None:
        # A client that never spoke, or that still waits for another answer, is told nothing.
        if self._in_head and (self.cycle is None or self.cycle.response_complete):  # pyright: ignore[reportUnnecessaryComparison]
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
        self.transport.close()
