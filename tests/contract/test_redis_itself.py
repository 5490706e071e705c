"""What is kept in Redis, against the real one: used assertions, and the requests of clients."""

import os
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
from redis.asyncio import Redis
from service_runtime.caller import Caller
from service_runtime.ids import new_id
from service_runtime.redis_port import RateLimits, open_redis
from service_runtime.tokens.seen import SeenOnce
from service_runtime.web.client_limits import ClientLimits
from service_runtime.web.problems import Problem


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    client = open_redis(os.environ["LAHETTI_TEST_REDIS"])
    yield client
    await client.aclose()


async def test_a_name_is_seen_once_by_all_processes_and_forgotten_when_it_has_expired(redis: Redis) -> None:
    async def never(_: str) -> bool:
        raise AssertionError("Redis is there")

    other = open_redis(os.environ["LAHETTI_TEST_REDIS"])
    name = f"client {new_id()}"
    assert await SeenOnce(redis, never).first(name, 90)
    assert not await SeenOnce(other, never).first(name, 90)
    key = f"lahetti:seen:{sha256(name.encode()).hexdigest()}"
    assert 0 < await redis.ttl(key) <= 90
    await other.aclose()


async def test_two_processes_share_a_client_s_limit(redis: Redis) -> None:
    caller = Caller(f"ehr-{new_id()}", "ehr", frozenset(), None, "jti")
    processes = [ClientLimits(RateLimits(redis), 20) for _ in range(2)]
    passed = 0
    for _ in range(150):
        for one in processes:
            try:
                await one.count(caller)
            except Problem:
                continue
            passed += 1
    assert 198 <= passed <= 200
