"""The whole collector in one process: a routed referral in, a provider's reports, Task A brought home."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from lahetti.simulators.ehr import EhrSimulator
from lahetti.simulators.loopback import LoopbackServer
from outcome_collector.bootstrap import build, migrate
from outcome_collector.settings import Settings
from referral_contracts.events import (
    EventBody,
    ReferralRevoked,
    ReferralRouted,
    TaskCancelled,
    TaskRequested,
    WriteBackSucceeded,
    parse,
)
from referral_contracts.systems import REQUEST_STATUS_REASON_EXTENSION, STATUS_REASON
from referral_contracts.topics import OUTCOMES, REFERRALS, tasks_topic
from service_runtime.event_log.port import Message
from service_runtime.ids import new_id
from service_runtime.parts import Parts, open_parts
from service_runtime.secret_box import generate_secret_keys
from service_runtime.service import Service
from service_runtime.tokens import TokenSigner, generate_keys
from support.clocks import StandingClock
from support.collector import EHR, PROVIDER, routing, status

TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}


@dataclass
class World:
    """A record system, and the gateway as far as the collector reads it."""

    ehr: EhrSimulator
    gateway: LoopbackServer
    requests: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    keys = generate_keys(tmp_path / "keys")
    published = keys.public.read_bytes()
    requests: dict[str, dict[str, Any]] = {}

    async def jwks(_: web.Request) -> web.Response:
        return web.Response(body=published, content_type="application/json")

    async def service_request(request: web.Request) -> web.Response:
        found = requests.get(request.match_info["id"])
        return web.json_response(found) if found else web.Response(status=404)

    async def nothing_to_record(_: web.Request) -> web.Response:
        return web.json_response({"any": False, "recordings": {}})

    gateway = LoopbackServer(
        lambda: [
            web.get("/jwks.json", jwks),
            web.get("/fhir/ServiceRequest/{id}", service_request),
            web.get("/gateway/recordings", nothing_to_record),
        ]
    )
    ehr = EhrSimulator(f"{gateway.origin}/jwks.json")
    await gateway.come_up()
    await ehr.server.come_up()
    yield World(ehr, gateway, requests)
    await ehr.server.close()
    await gateway.close()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, world: World) -> Settings:
    keys = tmp_path / "keys"
    generate_secret_keys(tmp_path / "secret-keys.json")
    return Settings(
        database_url=database_url,
        event_log_url=f"sqlite:///{tmp_path / 'events.db'}",
        public_base_url="https://lahetti.example.org",
        gateway_url=world.gateway.origin,
        collector_url=world.gateway.origin,
        key_file=keys / "keys.json",
        jwks_file=keys / "jwks.json",
        secret_key_file=tmp_path / "secret-keys.json",
        write_back_delays=(0.0, *[0.1] * 50),
        revocation_retry_seconds=0.05,
        poll_seconds=0.2,
    )


@dataclass
class Running:
    """The collector at work, and what goes in and out of it."""

    service: Service
    parts: Parts
    settings: Settings
    world: World

    async def publish(self, body: EventBody) -> None:
        key = getattr(body, "referral", "")
        headers = {
            "ce_specversion": "1.0",
            "ce_id": new_id(),
            "ce_type": body.type,
            "ce_source": "/kymenlaakso/test",
            "ce_time": StandingClock().now().isoformat(),
            "ce_subject": key,
            "content-type": "application/json",
        }
        (answer,) = await self.parts.event_log.publish(
            [Message(REFERRALS, key, headers, body.model_dump_json().encode())]
        )
        assert answer is None

    async def heard(self, topic: str, fact: Callable[[EventBody], bool]) -> EventBody:
        """The first event on `topic` of which `fact` is true, waiting at most 30 s for it."""
        subscription = await self.parts.event_log.subscribe(new_id(), "test-0", topics=[topic])
        try:
            async with asyncio.timeout(30):
                while True:
                    for record in await subscription.poll(timeout=0.5):
                        body = parse(record.headers["ce_type"], record.value)
                        if fact(body):
                            return body
        finally:
            await subscription.close()

    async def routed(self) -> tuple[ReferralRouted, str, str]:
        """A routed referral that has its Task: the event, the Task's id, Task A's address."""
        url = self.world.ehr.new_task_url()
        self.world.ehr.keep_task(url, dict(TASK))
        routed = routing(StandingClock(), task_a=url)
        await self.publish(routed)
        requested = await self.heard(
            tasks_topic(PROVIDER.client),
            lambda body: isinstance(body, TaskRequested) and body.referral == routed.referral,
        )
        assert isinstance(requested, TaskRequested)
        return routed, requested.task, url

    async def patch(self, task: str, version: int, *operations: dict[str, Any]) -> httpx.Response:
        signer = TokenSigner(self.settings.key_file)
        token = signer.sign(client_id=PROVIDER.client, kind="provider", scope="system/Task.rsu", seconds=60)
        transport = httpx.ASGITransport(self.service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://collector") as client:
            return await client.patch(
                f"/fhir/Task/{task}",
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/json-patch+json",
                    "If-Match": f'W/"{version}"',
                },
                json=list(operations),
            )


@asynccontextmanager
async def running(settings: Settings, world: World) -> AsyncGenerator[Running]:
    await migrate(settings)
    parts = open_parts(settings)
    service = await build(settings, parts)
    stop = asyncio.Event()
    await parts.event_log.ensure_topics([REFERRALS, OUTCOMES, tasks_topic(PROVIDER.client)])
    roles = [asyncio.ensure_future(role(stop)) for role in service.roles.values()]
    try:
        yield Running(service, parts, settings, world)
    finally:
        stop.set()
        await asyncio.gather(*roles)
        await service.close()
        await parts.close()


async def test_the_loop_closes_from_the_event_to_the_record_system(settings: Settings, world: World) -> None:
    async with running(settings, world) as collector:
        routed, task, url = await collector.routed()
        for version, step in enumerate(("accepted", "in-progress", "completed"), start=1):
            assert (await collector.patch(task, version, status(step))).status_code == 200
        await collector.heard(
            OUTCOMES,
            lambda body: (
                isinstance(body, WriteBackSucceeded) and body.referral == routed.referral and body.final
            ),
        )
        assert world.ehr.statuses(url) == ["requested", "accepted", "in-progress", "completed"]
        assert (await collector.parts.health.ready()).parts["collector-database"] == "ok"
        figures = (await collector.parts.metrics.render()).decode()
        for figure in (
            'lahetti_due_rows{kind="write-backs",service="collector"} 0.0',
            'lahetti_open_tasks{service="collector"} 0.0',
        ):
            assert figure in figures


async def test_a_revocation_is_read_from_the_gateway_and_cancels(settings: Settings, world: World) -> None:
    async with running(settings, world) as collector:
        routed, task, url = await collector.routed()
        await world.gateway.go_down()
        revoked = ReferralRevoked(
            referral=routed.referral, service_request=routed.service_request, by="referrer"
        )
        await collector.publish(revoked)
        world.requests[routed.service_request] = {
            "resourceType": "ServiceRequest",
            "status": "revoked",
            "extension": [
                {
                    "url": REQUEST_STATUS_REASON_EXTENSION,
                    "valueCodeableConcept": {
                        "coding": [{"system": STATUS_REASON, "code": "raised-in-error"}]
                    },
                }
            ],
        }
        await world.gateway.come_up()
        await collector.heard(
            tasks_topic(PROVIDER.client),
            lambda body: isinstance(body, TaskCancelled) and body.task == task,
        )
        await collector.heard(
            OUTCOMES, lambda body: isinstance(body, WriteBackSucceeded) and body.referral == routed.referral
        )
        theirs = world.ehr.task(url)
        assert (theirs["status"], theirs["statusReason"]["coding"][0]["code"]) == (
            "cancelled",
            "raised-in-error",
        )
        assert EHR.client == routed.client
