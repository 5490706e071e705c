"""Port `Wakeup`: tells loops of a service that rows came due, after the commit. Polls serve without it."""

import asyncio
from contextlib import suppress
from typing import Protocol


class Waiter(Protocol):
    """One loop's ear on a channel. A notification between two waits is not lost."""

    async def wait(self, timeout: float) -> None:
        """Return when notified, or after `timeout` seconds."""
        ...


class Wakeup(Protocol):
    """One a process and service; loops ask it for their waiters, the database's `on_commit` notifies it."""

    def notify(self, channel: str) -> None:
        """Wake the waiters of `channel` in all processes of the service, after the commit. Never blocks."""
        ...

    def waiter(self, channel: str) -> Waiter:
        """A new ear on `channel`, for one loop; made before `start` or after."""
        ...

    async def start(self) -> None:
        """Begin to hear other processes."""
        ...

    async def close(self) -> None:
        """Stop hearing; what was notified before has gone out."""
        ...


class _EventWaiter:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, timeout: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()
        self._event.clear()


class LocalWakeup:
    """For one process: embedded mode, and the near half of the PostgreSQL adapter."""

    def __init__(self) -> None:
        self._waiters: dict[str, list[_EventWaiter]] = {}

    def notify(self, channel: str) -> None:
        for waiter in self._waiters.get(channel, ()):
            waiter.wake()

    def waiter(self, channel: str) -> Waiter:
        waiter = _EventWaiter()
        self._waiters.setdefault(channel, []).append(waiter)
        return waiter

    async def start(self) -> None:
        return None

    async def close(self) -> None:
        return None

    def notify_all(self) -> None:
        """Wake every waiter: after a time in which notifications may have been missed."""
        for channel in self._waiters:
            self.notify(channel)


async def wait_or_stop(waiter: Waiter, stop: asyncio.Event, timeout: float) -> None:
    """Return when notified, when `stop` is set, or after `timeout` seconds."""
    if stop.is_set():
        return
    waits = {asyncio.ensure_future(waiter.wait(timeout)), asyncio.ensure_future(stop.wait())}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()


async def sleep_or_stop(stop: asyncio.Event, seconds: float) -> None:
    """Return after `seconds`, or as soon as `stop` is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
