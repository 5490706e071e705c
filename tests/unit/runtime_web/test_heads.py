"""Heads of requests on a real socket: of any usual size, and no more; whole in time, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from service_runtime.web.bounded_head import MOST_BYTES, BoundedHead
from uvicorn import Config
from uvicorn.server import ServerState

CHUNK = b"a" * 65_536
ASK = b"GET / HTTP/1.1\r\nhost: x\r\n"


class Hasty(BoundedHead):
    """Waits for a head as long as a test may."""

    head_seconds = 0.3


async def application(scope: Any, receive: Any, send: Any) -> None:
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = Config(application, ws="none", lifespan="off", log_config=None, http=Hasty)
    config.load()
    state = ServerState()

    def made() -> asyncio.Protocol:
        return Hasty(config=config, server_state=state, app_state={})

    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def told(reader: asyncio.StreamReader) -> bytes:
    """The status line of an answer; empty where the connection ends without one."""
    line = await asyncio.wait_for(reader.readline(), 10)
    while line and (await asyncio.wait_for(reader.readline(), 10)).strip():
        pass
    return line.strip()


async def test_a_head_without_end_is_refused_before_it_fills_the_memory(port: int) -> None:
    """INVARIANT: nobody has shown a token yet; a head without bound would take the process down."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASK + b"x: ")
    sent = 0
    try:
        while sent < 1000 * MOST_BYTES and not reader.at_eof():
            writer.write(CHUNK)
            await writer.drain()
            sent += len(CHUNK)
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    assert sent < 1000 * MOST_BYTES
    writer.close()


async def test_who_stops_at_the_limit_is_told(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASK)
    await writer.drain()
    for _ in range(3):
        await asyncio.sleep(0.02)
        writer.write(b"x: " + b"a" * 30_000 + b"\r\n")
    assert await told(reader) == b"HTTP/1.1 431 Request Header Fields Too Large"
    writer.close()


async def test_a_head_in_pieces_within_the_limit_is_taken_and_the_next_one_too(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        for piece in (ASK, b"x: " + b"a" * 30_000 + b"\r\n", b"\r\n"):
            writer.write(piece)
            await asyncio.sleep(0.01)
        assert await told(reader) == b"HTTP/1.1 200 OK"
    writer.close()


async def test_a_body_is_no_head(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = 8 * len(CHUNK)
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size + CHUNK * 8)
    assert await told(reader) == b"HTTP/1.1 200 OK"
    writer.write(ASK + b"\r\n")
    assert await told(reader) == b"HTTP/1.1 200 OK"
    writer.close()


async def test_a_head_that_does_not_end_in_time_is_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASK + b"\r\n")
    assert await told(reader) == b"HTTP/1.1 200 OK"
    writer.write(ASK)
    assert await told(reader) == b"HTTP/1.1 408 Request Timeout"
    writer.close()


async def test_a_connection_that_asks_nothing_is_closed(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await told(reader) == b""
    writer.close()
