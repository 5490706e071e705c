"""Redis, where losing it loses speed and nothing else."""

import time
from hashlib import sha256

from limits import parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from service_runtime.logs import logger

ANSWER_SECONDS = 0.5
LEAVE_ALONE_SECONDS = 5.0
_log = logger()


def open_redis(url: str) -> Redis:
    """A client for `redis://host:port/0`, or for a memory of this process only where `url` is `fake://`.

    Nothing is connected until it is used; every use must be ready for redis.exceptions.RedisError.
    """
    if url.startswith("fake://"):
        # Only who has no Redis pays for loading its stand-in: half a second and several megabytes.
        from fakeredis import FakeAsyncRedis

        return FakeAsyncRedis()
    return Redis.from_url(
        url,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=30,
    )


class RateLimits:
    """Counts tries in Redis for all processes together; while Redis is away, each process counts for itself.

    Keys are hashed before they leave, so a link or a client never stands in Redis.
    """

    def __init__(self, redis: Redis) -> None:
        self._near = FixedWindowRateLimiter(MemoryStorage())
        self._far: FixedWindowRateLimiter | None = None
        self._leave_alone_until = 0.0
        if not _is_stand_in(redis):
            storage = RedisStorage(
                "async+redis://",
                implementation="redispy",
                connection_pool=redis.connection_pool,  # pyright: ignore[reportArgumentType]  # its hint forgets it
            )
            self._far = FixedWindowRateLimiter(storage)

    async def allow(self, name: str, key: str, limit: str, *, cost: int = 1) -> bool:
        """Count `cost` tries of `key` under the limit `name`, and say whether they are within `limit`, as
        "5/minute".

        After an error Redis is left alone for 5 s, so that its absence costs one wait and not one a request.
        """
        item = parse(limit)
        hidden = sha256(key.encode()).hexdigest()[:32]
        if self._far is not None and time.monotonic() >= self._leave_alone_until:
            try:
                return await self._far.hit(item, name, hidden, cost=cost)
            except (RedisError, OSError, TimeoutError) as error:
                self._leave_alone_until = time.monotonic() + LEAVE_ALONE_SECONDS
                _log.warning("redis.away", error=type(error).__name__, in_seconds=LEAVE_ALONE_SECONDS)
        return await self._near.hit(item, name, hidden, cost=cost)


def _is_stand_in(redis: Redis) -> bool:
    return type(redis).__module__.startswith("fakeredis")
