"""PINs hashed with argon2id, in threads: each takes tens of milliseconds on purpose."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2PinHasher:
    """Port `PinHasher`. A PIN has few digits, so the lock after five wrong tries is what protects it; the
    hash
    protects those who use the same digits elsewhere."""

    def __init__(self) -> None:
        # 19 MiB, two passes, one lane: OWASP's smallest advice, for a machine that does other work too.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        # One at a time, so that a flood of guesses costs the service one core at most.
        self._turn = asyncio.Semaphore(1)

    async def hashed(self, pin: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, pin)

    async def matches(self, stored: str, pin: str) -> bool:
        async with self._turn:
            return await asyncio.to_thread(self._matches, stored, pin)

    def _matches(self, stored: str, pin: str) -> bool:
        try:
            return self._hasher.verify(stored, pin)
        except (VerificationError, InvalidHashError):
            return False
