"""Port `Wakeup`: tells loops of a service that rows came due, after the commit. Polls serve without it."""

import asyncio
from typing import Protocol


class Waiter(Protocol):
    """One loop's ear on a channel. A notification between two waits is not lost."""

    async def wait(self, timeout: float) -> None:
        """Return when notified, or after `timeout` seconds."""
        ...


class Wakeup(Protocol):
    def notify(self, channel: str) -> None:
        """Wake the waiters of `channel` in every process of the service. Never blocks; called after the commit."""
        ...

    def waiter(self, channel: str) -> Waiter: ...

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class _EventWaiter:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, timeout: float) -> None:
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            pass
        finally:
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
