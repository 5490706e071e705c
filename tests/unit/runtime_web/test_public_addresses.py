"""Which addresses are called that others name: those of the public network, and no other."""

import socket
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from service_runtime.public_addresses import NotPublicError, PublicResolver, check_public_url, is_public
from service_runtime.tokens.published_keys import PublishedKeys
from support.clocks import StandingClock


@pytest.mark.parametrize("address", ["1.1.1.1", "193.229.0.40", "2a00:1450:400f::1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "2001:db8::1", "nonsense",
        "",
    ],
)  # fmt: skip
def test_addresses_that_are_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://ehr.example.org/keys", "ftp://ehr.example.org/", "https://127.0.0.1/", "https://[::1]/keys",
        "https://[::ffff:10.0.0.1]/keys", "https://169.254.169.254/latest/meta-data", "https:///keys",
        "nonsense",
    ],
)  # fmt: skip
def test_addresses_that_are_refused_before_they_are_called(url: str) -> None:
    with pytest.raises(NotPublicError):
        check_public_url(url)


@pytest.mark.parametrize("url", ["https://ehr.example.org/keys", "https://1.1.1.1/keys"])
def test_addresses_that_are_called(url: str) -> None:
    check_public_url(url)


async def test_a_name_that_leads_into_this_network_is_refused() -> None:
    """INVARIANT: what was checked is what is connected to; a name is no way around the check."""
    resolver = PublicResolver()
    with pytest.raises(NotPublicError):
        await resolver.resolve("localhost", 443, socket.AF_UNSPEC)
    await resolver.close()


async def test_keys_in_this_network_are_not_asked_for() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"keys": []})

    application = web.Application()
    application.router.add_get("/keys", answer)
    server: Any = TestServer(application)
    await server.start_server()
    for host in ("127.0.0.1", "localhost"):
        for scheme in ("http", "https"):
            url = f"{scheme}://{host}:{server.port}/keys"
            assert await PublishedKeys(StandingClock()).find(url, "one") is None
    await server.close()
    assert asked == []
