"""The body of a request, bounded in size and time while it streams in."""

import asyncio
from typing import Any

from starlette.types import Message, Receive

from service_runtime.web.problems import Problem

BODY_SECONDS = 20.0
DRAIN_FACTOR = 8
DRAIN_SECONDS = 5.0


class BoundedBody:
    """An ASGI `receive`: raises Problem `body-too-large` past `limit` bytes, `request-timeout` past 20 s."""

    __slots__ = ("_deadline", "_limit", "_receive", "_received", "complete")

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._received = 0
        self._deadline = asyncio.get_running_loop().time() + BODY_SECONDS
        self.complete = False

    async def __call__(self) -> Message:
        if self.complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise Problem("request-timeout", headers={"Connection": "close"}) from None
        self._take(message)
        if self._received > self._limit:
            raise self.too_large()
        return message

    def too_large(self) -> Problem:
        """The refusal of a body past the limit."""
        return Problem("body-too-large", limit=str(self._limit))

    async def drain(self) -> bool:
        """Read and forget the rest, so that a client which is still sending gets to read our answer.

        Answers whether the connection can be used again: not past 8 times the limit, or 5 s.
        """
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self.complete and self._received <= DRAIN_FACTOR * self._limit:
                    self._take(await self._receive())
        except TimeoutError:
            return False
        return self.complete

    def _take(self, message: Any) -> None:
        if message["type"] != "http.request":
            self.complete = True
            return
        self._received += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
