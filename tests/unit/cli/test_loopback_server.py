"""A simulated server is either up, or refuses connections on a port that stays its own."""

import aiohttp
import pytest
from aiohttp import web
from lahetti.simulators.loopback import LoopbackServer


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


@pytest.fixture
async def server():
    server = LoopbackServer(lambda: [web.get("/", hello)])
    yield server
    await server.close()


async def get(session: aiohttp.ClientSession, server: LoopbackServer) -> str:
    async with session.get(f"{server.origin}/") as response:
        return await response.text()


async def test_a_server_that_is_not_up_refuses_connections(server: LoopbackServer) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(session, server)


async def test_a_server_that_goes_down_drops_open_connections_and_comes_back_on_the_same_port(
    server: LoopbackServer,
) -> None:
    origin = server.origin
    async with aiohttp.ClientSession() as session:
        await server.come_up()
        assert await get(session, server) == "hello"
        await server.go_down()
        with pytest.raises(aiohttp.ClientConnectionError):
            await get(session, server)
        await server.come_up()
        assert await get(session, server) == "hello"
    assert server.origin == origin


async def test_going_up_or_down_twice_changes_nothing(server: LoopbackServer) -> None:
    await server.go_down()
    await server.come_up()
    await server.come_up()
    async with aiohttp.ClientSession() as session:
        assert await get(session, server) == "hello"
