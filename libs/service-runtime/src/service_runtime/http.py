"""Outgoing HTTP: no proxies from the environment, no cookies, no redirects, bounded in time and size."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver

MOST_BYTES = 65_536
CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. `truncated` where it said more than was read."""

    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    body: bytes
    truncated: bool = False


def session(
    *,
    total_seconds: float = TOTAL_SECONDS,
    connect_seconds: float = CONNECT_SECONDS,
    connections: int = 100,
    per_host: int = 0,
    resolver: AbstractResolver | None = None,
) -> aiohttp.ClientSession:
    """A session for one loop or dispatcher, to be closed by it. `resolver` is where addresses are checked."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connections, limit_per_host=per_host, resolver=resolver, keepalive_timeout=15
        ),
        timeout=aiohttp.ClientTimeout(total=total_seconds, sock_connect=connect_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": "lahetti", "Accept-Encoding": "identity"},
    )


async def call(
    client: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """One request, without following redirects, reading at most `most_bytes` of the answer.

    Raises aiohttp.ClientError or TimeoutError where no answer comes.
    """
    async with client.request(method, url, headers=headers, data=body, allow_redirects=False) as response:
        content = await _read(response.content, most_bytes)
        truncated = len(content) > most_bytes
        if truncated:
            response.close()
        return Answer(response.status, response.headers, content[:most_bytes], truncated)


async def _read(stream: aiohttp.StreamReader, most_bytes: int) -> bytes:
    content = bytearray()
    while len(content) <= most_bytes:
        chunk = await stream.read(most_bytes + 1 - len(content))
        if not chunk:
            break
        content += chunk
    return bytes(content)
