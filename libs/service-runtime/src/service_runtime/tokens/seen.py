"""What may come once only, such as an assertion's `jti`: kept in Redis until it would have expired anyway."""

import math
from collections.abc import Awaitable, Callable
from hashlib import sha256

from redis.asyncio import Redis
from redis.exceptions import RedisError

from service_runtime.logs import logger

_log = logger()


class SeenOnce:
    """Remembers names for a while. While Redis is away, `remember` does: it keeps a hashed name in the
    database and answers whether it was new. What Redis alone knew is forgotten with it.
    """

    def __init__(self, redis: Redis, remember: Callable[[str], Awaitable[bool]]) -> None:
        self._redis = redis
        self._remember = remember

    async def first(self, name: str, seconds: float) -> bool:
        """Whether `name` comes for the first time within `seconds`; asking makes it seen."""
        hidden = sha256(name.encode()).hexdigest()
        try:
            return bool(
                await self._redis.set(f"lahetti:seen:{hidden}", b"1", nx=True, ex=max(1, math.ceil(seconds)))
            )
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("redis.away", error=type(error).__name__)
        return await self._remember(hidden)
