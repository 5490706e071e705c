"""What leaves the process: tries counted in Redis, and HTTP that follows nobody."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis
from service_runtime import http
from service_runtime.redis_port import RateLimits, open_redis
from support.processes import free_port


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    client = open_redis("fake://")
    yield client
    await client.aclose()


async def test_tries_past_the_limit_are_refused_each_key_for_itself(redis: Redis) -> None:
    limits = RateLimits(redis)
    assert [await limits.allow("pin", "link-1", "3/hour") for _ in range(4)] == [True, True, True, False]
    assert await limits.allow("pin", "link-2", "3/hour")
    assert await limits.allow("read", "link-1", "3/hour")


async def test_without_redis_tries_are_still_counted() -> None:
    """INVARIANT: losing Redis loses speed; it neither lets everybody in nor keeps everybody out."""
    client = open_redis(f"redis://127.0.0.1:{free_port()}/0")
    limits = RateLimits(client)
    assert [await limits.allow("pin", "link-1", "2/hour") for _ in range(3)] == [True, True, False]
    await client.aclose()


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        if request.path == "/moved":
            return web.Response(status=302, headers={"Location": "/elsewhere"})
        if request.path == "/large":
            return web.Response(body=b"x" * 200_000)
        return web.Response(
            status=202, body=await request.read(), headers={"Set-Cookie": "a=1", "X-Seen": "yes"}
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    server.asked = asked  # type: ignore[attr-defined]
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with http.session() as client:
        yield client


async def test_a_call_gives_status_headers_and_body(
    server: TestServer, client: aiohttp.ClientSession
) -> None:
    answer = await http.call(client, "POST", str(server.make_url("/hook")), body=b"{}", headers={"A": "b"})
    assert (answer.status, answer.body, answer.headers["x-seen"], answer.truncated) == (
        202,
        b"{}",
        "yes",
        False,
    )


async def test_a_redirect_is_an_answer_and_not_followed(
    server: TestServer, client: aiohttp.ClientSession
) -> None:
    answer = await http.call(client, "GET", str(server.make_url("/moved")))
    assert (answer.status, answer.headers["location"]) == (302, "/elsewhere")
    assert [request.path for request in server.asked] == ["/moved"]  # type: ignore[attr-defined]


async def test_a_large_answer_is_read_only_so_far(server: TestServer, client: aiohttp.ClientSession) -> None:
    answer = await http.call(client, "GET", str(server.make_url("/large")))
    assert (len(answer.body), answer.truncated) == (65_536, True)
    assert (await http.call(client, "GET", str(server.make_url("/x")))).status == 202


async def test_cookies_and_proxies_of_the_environment_are_not_used(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with http.session() as client:
        for _ in range(2):
            assert (await http.call(client, "GET", str(server.make_url("/x")))).status == 202
    assert [request.cookies for request in server.asked] == [{}, {}]  # type: ignore[attr-defined]
