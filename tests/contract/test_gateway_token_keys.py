"""Keys that a client publishes at an address, and what is kept of assertions, at the gateway itself."""

from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc.jwk import Key
from referral_gateway.adapters.client_keys import UsedAssertions
from service_runtime.redis_port import open_redis
from service_runtime.tokens.seen import SeenOnce
from support.gateway import BASE, Gateway, gateway, gateway_database, migrated_file, migrated_postgres
from support.gateway_county import OTHER_EHR, county_files
from support.processes import free_port
from support.smart_client import SmartClient, key_set, new_key

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]

OLD, NEW, STRANGE = new_key("ES384", "old"), new_key("RS384", "new"), new_key("ES384", "strange")


@pytest.fixture
async def published(gateway: Gateway) -> AsyncIterator[list[Key]]:
    """The keys at the address of the polling EHR, to be changed; each time it is asked it says them."""
    keys = [OLD]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps(key_set(*keys)))

    application = web.Application()
    application.router.add_get("/keys", answer)
    server = TestServer(application)
    await server.start_server()
    files = county_files()
    clients = orjson.loads(files["clients.yaml"])
    clients["clients"][1]["jwks_url"] = str(server.make_url("/keys"))
    loaded = await gateway.load_county(files | {"clients.yaml": orjson.dumps(clients).decode()})
    assert loaded.status_code == 200, loaded.text
    yield keys
    await server.close()


async def status(gateway: Gateway, key: Key, algorithm: str) -> int:
    now = gateway.clock.now().timestamp()
    client = SmartClient(gateway.http, OTHER_EHR, key, f"{BASE}/oauth/token", now, algorithm)
    return (await client.ask()).status_code


async def test_a_client_that_rotates_its_key_needs_to_tell_nobody(
    gateway: Gateway, published: list[Key]
) -> None:
    assert await status(gateway, OLD, "ES384") == 200
    assert await status(gateway, NEW, "RS384") == 401
    published[:] = [NEW]
    gateway.clock.move(31)
    assert await status(gateway, NEW, "RS384") == 200
    assert await status(gateway, OLD, "ES384") == 401
    assert await status(gateway, STRANGE, "ES384") == 401


async def test_without_redis_the_database_knows_what_was_used(gateway: Gateway) -> None:
    away = open_redis(f"redis://127.0.0.1:{free_port()}/0")
    seen = SeenOnce(away, UsedAssertions(gateway.base.database, gateway.clock).remember)
    assert [await seen.first(name, 60) for name in ("one", "one", "two")] == [True, False, True]
    await away.aclose()
