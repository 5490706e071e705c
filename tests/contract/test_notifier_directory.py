"""Following the gateway's directory over HTTP, and giving endpoints their secrets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from provider_notifier.adapters import tables
from provider_notifier.adapters.collector_links import CollectorLinks
from provider_notifier.adapters.delivery_rows import DeliveryRows
from provider_notifier.adapters.endpoint_book import EndpointTable
from provider_notifier.adapters.gateway_directory import GatewayDirectory
from provider_notifier.adapters.person_rows import PersonRows
from provider_notifier.adapters.sealed_secrets import SealedSecrets
from provider_notifier.adapters.service_token import ServiceToken
from provider_notifier.entrypoints.routes import router
from provider_notifier.ports import LinkUnavailableError
from provider_notifier.use_cases.follow_directory import FollowDirectory
from provider_notifier.use_cases.give_secret import GiveSecret, new_secret
from provider_notifier.use_cases.trace_referral import TraceReferral
from service_runtime import http
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.tokens import TokenSigner, TokenVerifier, generate_keys
from service_runtime.wakeup import LocalWakeup
from sqlalchemy import select
from support.databases import create_tables
from support.notifier import a_box, a_fhir_endpoint
from support.web_app import small_service

BOOK = EndpointTable()
CLOCK = SystemClock()


class Installation:
    """Plays the gateway and the collector; remembers with which token it was asked."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.tokens: list[str] = []
        self.asked: list[str] = []
        self.down = False
        app = web.Application()
        app.router.add_get("/fhir/Endpoint", self._search)
        app.router.add_get("/fhir/Endpoint/{id}", self._read)
        app.router.add_post("/p/links", self._link)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def _note(self, request: web.Request) -> None:
        self.asked.append(request.path_qs)
        self.tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        if self.down:
            raise web.HTTPServiceUnavailable

    async def _search(self, request: web.Request) -> web.Response:
        """One endpoint a page, with a link to the next under the public address."""
        self._note(request)
        page, found = int(request.query.get("page", 0)), list(self.endpoints.values())
        entries = [{"resource": endpoint} for endpoint in found[page : page + 1]]
        bundle: dict[str, Any] = {"resourceType": "Bundle", "entry": entries}
        if page + 1 < len(found):
            next_page = f"https://public.example.org/fhir/Endpoint?page={page + 1}"
            bundle["link"] = [{"relation": "next", "url": next_page}]
        return web.json_response(bundle)

    async def _read(self, request: web.Request) -> web.Response:
        self._note(request)
        endpoint = self.endpoints.get(request.match_info["id"])
        if endpoint is None:
            raise web.HTTPNotFound
        return web.json_response(endpoint)

    async def _link(self, request: web.Request) -> web.Response:
        self._note(request)
        task = (await request.json())["task"]
        return web.json_response({"url": f"https://public.example.org/p/{task}"}, status=201)


@pytest.fixture
async def installation() -> AsyncIterator[Installation]:
    installation = Installation()
    await installation.server.start_server()
    yield installation
    await installation.server.close()


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database.open(sqlite_url, schema="notifier")
    await create_tables(database, tables.Base.metadata)
    yield database
    await database.close()


@pytest.fixture
def token(tmp_path: Path) -> ServiceToken:
    return ServiceToken(TokenSigner(generate_keys(tmp_path / "keys").private), CLOCK)


@pytest.fixture
async def client() -> AsyncIterator[Any]:
    async with http.session(total_seconds=5) as client:
        yield client


@pytest.fixture
def follow(
    database: Database, installation: Installation, client: Any, token: ServiceToken
) -> FollowDirectory:
    directory = GatewayDirectory(client, installation.url, token)
    wakeup = LocalWakeup()
    database.on_commit = lambda channels: [wakeup.notify(channel) for channel in channels] and None
    return FollowDirectory(database, BOOK, directory, wakeup, poll_seconds=0.05)


async def known(database: Database) -> dict[str, Any]:
    async with database.read() as session:
        found = (await session.execute(select(tables.endpoints))).mappings().all()
    return {row["id"]: row for row in found}


async def learned(database: Database, endpoint: str) -> None:
    async with asyncio.timeout(30):
        while endpoint not in await known(database):  # noqa: ASYNC110 another connection writes it
            await asyncio.sleep(0.02)


async def test_a_cold_start_learns_every_endpoint_by_search(
    follow: FollowDirectory, installation: Installation, database: Database, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        installation.endpoints[name] = a_fhir_endpoint(id=name)
    installation.endpoints["broken"] = {"resourceType": "Endpoint", "id": "broken"}

    await follow.search()

    assert set(await known(database)) == {"a", "b", "c"}
    caller = TokenVerifier(tmp_path / "keys" / "jwks.json").verify(installation.tokens[0])
    assert (caller.kind, caller.may("system/Endpoint.s")) == ("service", True)


async def test_a_wanted_version_is_read_and_an_absent_endpoint_forgotten(
    follow: FollowDirectory, installation: Installation, database: Database
) -> None:
    installation.endpoints["a"] = a_fhir_endpoint(id="a", version=2)
    async with database.write() as session:
        await BOOK.want(session, "a", "gym", 2)
        await BOOK.want(session, "gone", "gym", 1)

    await follow.refresh()

    rows = await known(database)
    assert (rows["a"]["known_version"], rows["a"]["active"]) == (2, True)
    assert (rows["gone"]["known_version"], rows["gone"]["active"]) == (1, False)


async def test_the_loop_goes_on_asking_while_the_gateway_is_down(
    follow: FollowDirectory, installation: Installation, database: Database
) -> None:
    installation.down = True
    installation.endpoints["a"] = a_fhir_endpoint(id="a")
    stop = asyncio.Event()
    loop = asyncio.create_task(follow.run(stop))
    async with asyncio.timeout(30):
        while len(installation.asked) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    installation.down = False
    await learned(database, "a")
    stop.set()
    await loop


async def test_links_are_asked_of_the_collector(
    installation: Installation, client: Any, token: ServiceToken
) -> None:
    links = CollectorLinks(client, installation.url, token)

    assert await links.link("t-1") == "https://public.example.org/p/t-1"
    installation.down = True
    with pytest.raises(LinkUnavailableError):
        await links.link("t-1")


@pytest.fixture
def api(tmp_path: Path, database: Database, follow: FollowDirectory) -> Any:
    secrets = SealedSecrets(a_box(tmp_path), overlap_seconds=3600)
    give = GiveSecret(database, BOOK, secrets, follow, CLOCK)
    erase = PersonRows(database).erase
    return small_service(tmp_path, [router(give, TraceReferral(database, DeliveryRows()), erase)])


async def ask_secret(api: Any, endpoint: str, body: Any = None, kind: str = "staff") -> httpx.Response:
    headers = api.token("lahetti/secrets.w", kind)
    async with api.client() as client:
        return await client.post(f"/notifier/endpoints/{endpoint}/secret", json=body or {}, headers=headers)


async def test_a_secret_is_shown_once_and_kept_sealed(
    api: Any, installation: Installation, database: Database, tmp_path: Path
) -> None:
    installation.endpoints["a"] = a_fhir_endpoint(id="a")

    answer = await ask_secret(api, "a")

    secret = answer.json()["secret"]
    row = (await known(database))["a"]
    assert answer.status_code == 201
    assert secret.startswith("whsec_")
    assert secret.encode() not in row["secret"]
    assert a_box(tmp_path).open(row["secret"], about="a").decode() == secret


async def test_a_new_secret_keeps_the_one_before_for_the_overlap(
    api: Any, installation: Installation, database: Database, tmp_path: Path
) -> None:
    installation.endpoints["a"] = a_fhir_endpoint(id="a")
    first, second = new_secret(), new_secret()
    await ask_secret(api, "a", {"secret": first})
    await ask_secret(api, "a", {"secret": second})

    row, box = (await known(database))["a"], a_box(tmp_path)
    assert box.open(row["secret"], about="a").decode() == second
    assert box.open(row["previous_secret"], about="a").decode() == first
    assert 3000 < (row["previous_until"] - CLOCK.now()).total_seconds() <= 3600


@pytest.mark.parametrize(
    ("endpoint", "body", "kind", "status"),
    [
        ("unheard-of", None, "staff", 404),
        ("a", {"secret": "too short"}, "staff", 422),
        ("a", {"secret": 7}, "staff", 422),
        ("a", None, "provider", 403),
    ],
)
async def test_what_cannot_be_done_is_refused_and_nothing_kept(
    api: Any, installation: Installation, database: Database, endpoint: str, body: Any, kind: str, status: int
) -> None:
    installation.endpoints["a"] = a_fhir_endpoint(id="a")

    answer = await ask_secret(api, endpoint, body, kind)

    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert all(row["secret"] is None for row in (await known(database)).values())


async def test_while_the_gateway_is_down_a_new_endpoints_secret_has_to_wait(
    api: Any, installation: Installation
) -> None:
    installation.down = True

    assert (await ask_secret(api, "a")).status_code == 503
