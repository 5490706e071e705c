"""Waiting for a fact instead of for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

LOOK_EVERY_SECONDS = 0.02


class NeverCameTrueError(Exception):
    """The fact did not come true before the deadline; the text names it."""


async def until(what: str, look: Callable[[], Found | None], *, seconds: float = 30.0) -> Found:
    """The first true answer of `look`, asked every 20 ms. Raises NeverCameTrueError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NeverCameTrueError(f"after {seconds:g} s it was still not true that {what}")
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return found


async def until_answered(
    what: str, ask: Callable[[], Awaitable[Found | None]], *, seconds: float = 30.0
) -> Found:
    """As `until`, for a question that takes a request to answer; asked every 100 ms."""
    deadline = time.monotonic() + seconds
    while not (found := await ask()):
        if time.monotonic() > deadline:
            raise NeverCameTrueError(f"after {seconds:g} s it was still not true that {what}")
        await asyncio.sleep(5 * LOOK_EVERY_SECONDS)
    return found
