"""Redis, where losing it loses speed and nothing else."""

from fakeredis import FakeAsyncRedis
from redis.asyncio import Redis

ANSWER_SECONDS = 0.5


def open_redis(url: str) -> Redis:
    """A client for `redis://host:port/0`, or for a memory of this process only where `url` is `fake://`.

    Nothing is connected until it is used; every use must be ready for redis.exceptions.RedisError.
    """
    if url.startswith("fake://"):
        return FakeAsyncRedis()
    return Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # the library leaves **kwargs untyped
        url,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=30,
    )
