"""A thread for a client that blocks, so that the event loop does not."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class OwnThread:
    """Runs calls one after the other, all on the same thread."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, name)

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` and return its answer. Cancelling the wait does not stop the call."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def close(self) -> None:
        """Wait for the call under way, then end the thread."""
        await asyncio.to_thread(self._executor.shutdown)
