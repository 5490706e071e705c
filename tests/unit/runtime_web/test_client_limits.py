"""How many requests a client may make: its own limit, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Depends
from redis.asyncio import Redis
from service_runtime.caller import Caller, Kind
from service_runtime.redis_port import RateLimits, open_redis
from service_runtime.web.access import requires
from service_runtime.web.client_limits import ClientLimits
from service_runtime.web.problems import Problem
from service_runtime.web.responses import JsonResponse
from support.web_app import small_service

READING = Depends(requires("system/Task.r"))


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    client = open_redis("fake://")
    yield client
    await client.aclose()


async def passed(limits: ClientLimits, tries: int, client: str = "ehr-1", kind: Kind = "ehr") -> int:
    """How many of so many requests at once are let through."""

    async def one() -> int:
        try:
            await limits.count(Caller(client, kind, frozenset(), None, "jti"))
        except Problem as refused:
            return 0 if refused.http_status == 429 else -1
        return 1

    return sum(await asyncio.gather(*(one() for _ in range(tries))))


@pytest.mark.parametrize("per_second", [1, 7, 40])
async def test_a_client_past_its_limit_is_refused_and_no_other(redis: Redis, per_second: int) -> None:
    limits = ClientLimits(RateLimits(redis), per_second)
    assert await passed(limits, per_second * 10 + 50) == per_second * 10
    assert await passed(limits, 5, "ehr-2") == 5
    assert await passed(limits, 5, "ehr-1", "provider") == 5, "a provider with the same id is somebody else"


async def test_two_processes_share_one_limit(redis: Redis) -> None:
    rates = RateLimits(redis)
    first, second = ClientLimits(rates, 20), ClientLimits(rates, 20)
    together = await passed(first, 150) + await passed(second, 150)
    assert 198 <= together <= 200


async def test_our_own_services_and_staff_are_not_counted_and_nought_is_no_limit(redis: Redis) -> None:
    limits = ClientLimits(RateLimits(redis), 1)
    assert await passed(limits, 50, "outcome-collector", "service") == 50
    assert await passed(limits, 50, "coordinator", "staff") == 50
    assert await passed(ClientLimits(RateLimits(redis), 0), 50) == 50


async def test_the_answer_says_when_to_come_again(tmp_path: Path, redis: Redis) -> None:
    routes = APIRouter()

    @routes.get("/fhir/Task/1")
    async def read(_: Caller = READING) -> JsonResponse:
        return JsonResponse({})

    service = small_service(tmp_path, [routes])
    service.app.state.limits = ClientLimits(RateLimits(redis), 1)
    async with service.client() as http:

        async def ask(client: str) -> httpx.Response:
            return await http.get("/fhir/Task/1", headers=service.token("system/Task.r", client_id=client))

        answers = [await ask("ehr-1") for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert answers[-1].headers["retry-after"] == "10"
        assert answers[-1].json()["issue"][0]["code"] == "throttled"
        assert (await ask("ehr-2")).status_code == 200
