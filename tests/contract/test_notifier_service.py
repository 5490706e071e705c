"""The whole notifier in one process: an event in, a signed webhook out, its success told."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from provider_notifier.bootstrap import build, migrate
from provider_notifier.settings import Settings
from pydantic import ValidationError
from referral_contracts.events import TaskCancelled, TaskNotice, TaskRequested
from referral_contracts.topics import DELIVERIES, tasks_topic
from service_runtime.event_log.port import EventLog, Message, Record
from service_runtime.ids import new_id
from service_runtime.parts import Parts, open_parts
from service_runtime.secret_box import generate_secret_keys
from service_runtime.service import Service
from service_runtime.tokens import TokenSigner, generate_keys
from standardwebhooks import Webhook
from support.notifier import CLOCK, a_fhir_endpoint


class World:
    """The gateway's directory and a provider's receiver at one address; `status` is the provider's answer."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.at: list[float] = []
        self.status = 200
        app = web.Application()
        app.router.add_get("/fhir/Endpoint", self._search)
        app.router.add_get("/fhir/Endpoint/{id}", self._read)
        app.router.add_post("/notifications", self._receive)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def _search(self, _: web.Request) -> web.Response:
        entries = [{"resource": endpoint} for endpoint in self.endpoints.values()]
        return web.json_response({"resourceType": "Bundle", "entry": entries})

    async def _read(self, request: web.Request) -> web.Response:
        return web.json_response(self.endpoints[request.match_info["id"]])

    async def _receive(self, request: web.Request) -> web.Response:
        self.at.append(time.monotonic())
        self.received.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.server.start_server()
    yield world
    await world.server.close()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, world: World) -> Settings:
    keys = generate_keys(tmp_path / "keys")
    generate_secret_keys(tmp_path / "secret-keys.json")
    return Settings(
        database_url=database_url,
        event_log_url=f"sqlite:///{tmp_path / 'events.db'}",
        public_base_url="https://lahetti.example.org",
        gateway_url=world.url,
        collector_url=world.url,
        key_file=keys.private,
        jwks_file=keys.public,
        secret_key_file=tmp_path / "secret-keys.json",
        webhook_delays=(0.0, 0.05, 0.05, 0.05),
        floor_seconds=0.05,
        fault_seconds=0.05,
        poll_seconds=0.2,
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Service, Parts]]:
    parts = open_parts(settings)
    service = await build(settings, parts)
    stop = asyncio.Event()
    roles = [asyncio.create_task(role(stop)) for role in service.roles.values()]
    try:
        yield service, parts
    finally:
        stop.set()
        await asyncio.gather(*roles)
        await service.close()
        await parts.close()


def message(topic: str, key: str, body: Any, sequence: int | None = None) -> Message:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": new_id(),
        "ce_type": body.type,
        "ce_source": "/kymenlaakso/test",
        "ce_time": CLOCK.now().isoformat(),
        "ce_subject": key,
        "content-type": "application/json",
    }
    if sequence is not None:
        headers["ce_sequence"] = str(sequence)
    return Message(topic, key, headers, body.model_dump_json().encode())


def about_task(
    kind: type[TaskNotice], referral: str, task: str, sequence: int, provider: str = "gym"
) -> Message:
    body = kind(referral=referral, task=task, version=sequence, provider=provider, test=False, urgent=False)
    return message(tasks_topic(provider), referral, body, sequence)


def a_request(provider: str) -> Message:
    """Of a referral of its own, so that it waits for no other."""
    return about_task(TaskRequested, new_id(), new_id(), 1, provider)


async def publish(log: EventLog, *messages: Message) -> None:
    await log.ensure_topics({one.topic for one in messages})
    assert all(answer is None for answer in await log.publish(messages))


async def told(log: EventLog, count: int) -> list[Record]:
    """The first `count` events about deliveries."""
    subscription = await log.subscribe("test", "test-0", topics=[DELIVERIES])
    records: list[Record] = []
    async with asyncio.timeout(30):
        while len(records) < count:
            records += await subscription.poll(timeout=1)
    await subscription.close()
    return records


async def give_secret(service: Service, settings: Settings, endpoint: str) -> str:
    signer = TokenSigner(settings.key_file)
    token = signer.sign(client_id="someone", kind="staff", scope="lahetti/secrets.w", seconds=60)
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await client.post(f"/notifier/endpoints/{endpoint}/secret", json={}, headers=headers)
    assert answer.status_code == 201
    return answer.json()["secret"]


async def test_an_event_becomes_a_signed_webhook_and_its_success_is_told(
    settings: Settings, world: World
) -> None:
    world.endpoints["gym-webhook"] = a_fhir_endpoint(address=f"{world.url}/notifications")
    world.status = 503
    await migrate(settings)
    referral, task = new_id(), new_id()
    async with running(settings) as (service, parts):
        secret = await give_secret(service, settings, "gym-webhook")
        asked = about_task(TaskRequested, referral, task, 1)
        ended = about_task(TaskCancelled, referral, task, 2)
        await publish(parts.event_log, asked, asked, ended)
        async with asyncio.timeout(30):
            while not world.received:  # noqa: ASYNC110 the receiver is a server
                await asyncio.sleep(0.02)
        world.status = 200
        records = await told(parts.event_log, 2)

    assert [record.headers["ce_type"] for record in records] == ["delivery.succeeded"] * 2
    assert [orjson.loads(record.value)["event"] for record in records] == [
        asked.headers["ce_id"],
        ended.headers["ce_id"],
    ]
    for headers, body in world.received:
        Webhook(secret).verify(body, headers)
    ids = [{k.lower(): v for k, v in headers.items()}["webhook-id"] for headers, _ in world.received]
    assert ids == sorted(ids, key=[asked.headers["ce_id"], ended.headers["ce_id"]].index)
    assert ids.count(ended.headers["ce_id"]) == 1


async def test_a_receiver_that_answers_429_gets_its_webhooks_at_half_the_rate(
    settings: Settings, world: World
) -> None:
    owner = {"reference": "Organization/pool"}
    address = f"{world.url}/notifications"
    hook = a_fhir_endpoint(id="pool-webhook", managingOrganization=owner, address=address)
    world.endpoints["pool-webhook"] = hook
    world.status = 429
    await migrate(settings)
    slow = settings.model_copy(update={"full_rate_per_second": 4.0})
    async with running(slow) as (service, parts):
        await give_secret(service, settings, "pool-webhook")
        await publish(parts.event_log, a_request("pool"))
        async with asyncio.timeout(30):
            while b'endpoints{service="notifier"} 1.0' not in await parts.metrics.render():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        refused, world.status = len(world.at), 200
        await publish(parts.event_log, *(a_request("pool") for _ in range(3)))
        await told(parts.event_log, 4)
    pauses = [after - before for before, after in pairwise(world.at[refused:])]
    assert len(pauses) >= 2
    assert min(pauses) >= 0.45, "two a second, less what a timer may be off"


def test_a_lease_that_an_attempt_could_outlive_is_refused(settings: Settings) -> None:
    with pytest.raises(ValidationError):
        Settings(**(settings.model_dump() | {"http_total_seconds": 60.0}))
