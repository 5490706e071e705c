"""Keys at an address: read when needed, not more often, and kept while the address is away."""

from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc.jwk import ECKey, OctKey, RSAKey
from service_runtime.redis_port import open_redis
from service_runtime.tokens.published_keys import PublishedKeys, public_keys
from service_runtime.tokens.seen import SeenOnce
from support.clocks import StandingClock
from support.processes import free_port
from support.smart_client import key_set, new_key

FIRST, SECOND = new_key("ES384", "first"), new_key("RS384", "second")


class Publisher:
    """An EHR's address: `body` and `status` are what it answers, `asked` how often it was asked."""

    def __init__(self) -> None:
        self.body = orjson.dumps(key_set(FIRST))
        self.status = 200
        self.asked = 0
        self.url = ""

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status, body=self.body)


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    publisher = Publisher()
    application = web.Application()
    application.router.add_get("/keys", publisher.answer)
    server = TestServer(application)
    await server.start_server()
    publisher.url = str(server.make_url("/keys"))
    yield publisher
    await server.close()


async def test_a_set_is_read_once_and_again_after_a_quarter_of_an_hour(publisher: Publisher) -> None:
    clock = StandingClock()
    keys = PublishedKeys(clock, private_addresses=True)
    for _ in range(3):
        assert await keys.find(publisher.url, "first") is not None
    assert publisher.asked == 1
    clock.move(901)
    assert await keys.find(publisher.url, "first") is not None
    assert publisher.asked == 2


async def test_a_new_key_is_found_at_once_and_a_removed_one_is_gone(publisher: Publisher) -> None:
    clock = StandingClock()
    keys = PublishedKeys(clock, private_addresses=True)
    assert await keys.find(publisher.url, "first") is not None
    publisher.body = orjson.dumps(key_set(SECOND))
    clock.move(31)
    assert await keys.find(publisher.url, "second") is not None
    assert await keys.find(publisher.url, "first") is None


async def test_invented_kids_do_not_make_us_ask_faster(publisher: Publisher) -> None:
    """INVARIANT: an address is asked at most every 30 s, whatever strangers send."""
    clock = StandingClock()
    keys = PublishedKeys(clock, private_addresses=True)
    for number in range(100):
        assert await keys.find(publisher.url, f"invented-{number}") is None
        clock.move(0.5)
    assert publisher.asked == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, b""), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": 5}'), (302, b""), (200, b"x" * 70_000)],
)
async def test_while_an_address_does_not_answer_what_was_read_holds_for_a_day(
    publisher: Publisher, status: int, body: bytes
) -> None:
    clock = StandingClock()
    keys = PublishedKeys(clock, private_addresses=True)
    assert await keys.find(publisher.url, "first") is not None
    publisher.status, publisher.body = status, body
    clock.move(3600)
    assert await keys.find(publisher.url, "first") is not None
    clock.move(24 * 3600)
    assert await keys.find(publisher.url, "first") is None


async def test_an_address_where_nobody_listens_has_no_keys() -> None:
    keys = PublishedKeys(StandingClock(), private_addresses=True)
    assert await keys.find(f"http://127.0.0.1:{free_port()}/keys", "first") is None


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # such keys are what is refused
def test_keys_that_prove_nothing_are_left_out() -> None:
    weak = RSAKey.generate_key(1024, {"kid": "weak"}, auto_kid=False)
    secret = OctKey.generate_key(256, {"kid": "secret"})
    unnamed = ECKey.generate_key("P-384")
    short = ECKey.generate_key("P-256", {"kid": "short"})
    listed = [key.as_dict(private=False) for key in (FIRST, SECOND, weak, unnamed, short)]
    listed += [secret.as_dict(private=True), new_key("ES384", "encrypts").as_dict() | {"use": "enc"}]
    listed += [{"kty": "EC"}, {"kty": "PQ", "kid": "new"}, 5]  # type: ignore[list-item]
    assert set(public_keys({"keys": listed})) == {"first", "second"}


async def test_a_name_is_seen_once_with_redis_and_without() -> None:
    remembered: set[str] = set()

    async def remember(name: str) -> bool:
        new = name not in remembered
        remembered.add(name)
        return new

    with_redis = open_redis("fake://")
    away = open_redis(f"redis://127.0.0.1:{free_port()}/0")
    for redis, kept in ((with_redis, 0), (away, 1)):
        seen = SeenOnce(redis, remember)
        assert [await seen.first("client 1", 60) for _ in range(3)] == [True, False, False]
        assert len(remembered) == kept
        assert "client 1" not in remembered
        await redis.aclose()
