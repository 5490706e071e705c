"""The provider simulator acts on signed webhooks once, and its ledger keeps all of them."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from lahetti.simulators.facts import until
from lahetti.simulators.fhir_client import FhirClient
from lahetti.simulators.loopback import LoopbackServer
from lahetti.simulators.provider import ProviderSimulator
from lahetti.simulators.provider_task import ProviderTask
from standardwebhooks import Webhook

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class PlatformOfOneTask:
    """Serves one Task with its ServiceRequest and Patient; takes PATCHes; can refuse the first with 412."""

    def __init__(self) -> None:
        self.server = LoopbackServer(
            lambda: [web.get("/fhir/{type}/{id}", self._read), web.patch("/fhir/Task/{id}", self._patch)]
        )
        self.version = 1
        self.conflicts = 0
        self.patches: list[list[dict[str, Any]]] = []
        self.status = "requested"

    async def _read(self, request: web.Request) -> web.Response:
        bodies = {
            "Task": {"status": self.status, "focus": {"reference": "ServiceRequest/b"}},
            "ServiceRequest": {
                "basedOn": [{"reference": "ServiceRequest/R-1"}],
                "subject": {"reference": "Patient/p"},
            },
            "Patient": {},
        }
        kind = request.match_info["type"]
        body = bodies[kind] | {"resourceType": kind, "id": request.match_info["id"]}
        return web.json_response(body, headers={"ETag": f'W/"{self.version}"'})

    async def _patch(self, request: web.Request) -> web.Response:
        if self.conflicts:
            self.conflicts -= 1
            self.version += 1
        if request.headers["If-Match"] != f'W/"{self.version}"':
            return web.json_response({}, status=412)
        self.patches.append(operations := await request.json())
        self.version += 1
        self.status = next(o["value"] for o in operations if o["path"] == "/status")
        return await self._read(_as_task(request))


def _as_task(request: web.Request) -> web.Request:
    request.match_info["type"] = "Task"
    return request


@pytest.fixture
async def platform() -> AsyncIterator[PlatformOfOneTask]:
    platform = PlatformOfOneTask()
    await platform.server.come_up()
    yield platform
    await platform.server.close()


@pytest.fixture
async def provider(platform: PlatformOfOneTask) -> AsyncIterator[ProviderSimulator]:
    provider = ProviderSimulator("kotka", FhirClient(f"{platform.server.origin}/fhir", lambda: "token"))
    provider.secret = SECRET
    await provider.server.come_up()
    yield provider
    await provider.close()


def notification(task: str = "t1", number: int = 1) -> bytes:
    event = [
        {"name": "event-number", "valueString": str(number)},
        {"name": "focus", "valueReference": {"reference": f"https://lahetti.example.org/fhir/Task/{task}"}},
    ]
    status = {"resourceType": "Parameters", "parameter": [{"name": "notification-event", "part": event}]}
    return json.dumps({"resourceType": "Bundle", "type": "history", "entry": [{"resource": status}]}).encode()


async def send(
    provider: ProviderSimulator, body: bytes, *, webhook_id: str = "w1", secret: str = SECRET
) -> int:
    at = datetime.now(UTC)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, body.decode()),
        "referral-sequence": "1",
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(provider.webhook_url, data=body, headers=headers) as response,
    ):
        return response.status


async def test_a_signed_notification_runs_the_script_of_its_referral(
    provider: ProviderSimulator, platform: PlatformOfOneTask
) -> None:
    async def script(task: ProviderTask) -> None:
        await task.accept()
        await task.complete()

    provider.on_referral("R-1", script)
    assert await send(provider, notification()) == 200
    await until("the Task is completed", lambda: platform.status == "completed", seconds=5)
    assert provider.task_for("R-1") is not None
    assert platform.patches[-1][1]["path"] == "/output"
    assert provider.failures == {}


async def test_a_script_that_is_given_late_runs_on_the_task_that_came_before(
    provider: ProviderSimulator, platform: PlatformOfOneTask
) -> None:
    await send(provider, notification())
    await until("the Task was read", lambda: provider.task_for("R-1"), seconds=5)
    provider.on_referral("R-1", ProviderTask.accept)
    await until("the Task is accepted", lambda: platform.status == "accepted", seconds=5)


async def test_a_forged_signature_is_refused_and_nothing_is_done(
    provider: ProviderSimulator, platform: PlatformOfOneTask
) -> None:
    assert await send(provider, notification(), secret="whsec_" + "A" * 32) == 401
    assert [(line.verified, line.answered) for line in provider.ledger] == [(False, 401)]
    assert provider.taken("t1") == {}


async def test_a_repeated_webhook_is_counted_and_acted_on_once(
    provider: ProviderSimulator, platform: PlatformOfOneTask
) -> None:
    runs = 0

    async def script(task: ProviderTask) -> None:
        nonlocal runs
        runs += 1
        await task.accept()

    provider.on_referral("R-1", script)
    assert await send(provider, notification()) == 200
    await until("the Task is accepted", lambda: platform.status == "accepted", seconds=5)
    assert await send(provider, notification()) == 200
    assert await send(provider, notification(number=2), webhook_id="w2") == 200
    await until("the second was read", lambda: len(provider.ledger) == 3, seconds=5)
    assert provider.taken("t1") == {"w1": 2, "w2": 1}
    assert runs == 1


async def test_a_busy_provider_answers_503_and_then_takes_it(
    provider: ProviderSimulator, platform: PlatformOfOneTask
) -> None:
    provider.busy = True
    assert await send(provider, notification()) == 503
    provider.busy = False
    assert await send(provider, notification()) == 200
    assert [line.answered for line in provider.notifications("t1")] == [503, 200]
    assert provider.taken("t1") == {"w1": 1}


async def test_a_move_that_meets_another_version_is_made_again_on_the_new_one(
    provider: ProviderSimulator, platform: PlatformOfOneTask
) -> None:
    platform.conflicts = 1
    provider.on_referral("R-1", ProviderTask.accept)
    await send(provider, notification())
    await until("the Task is accepted", lambda: platform.status == "accepted", seconds=5)
    assert len(platform.patches) == 1


async def test_what_the_platform_refuses_is_kept_as_a_failure(
    provider: ProviderSimulator, platform: PlatformOfOneTask
) -> None:
    platform.conflicts = 99
    provider.on_referral("R-1", ProviderTask.accept)
    await send(provider, notification())
    await until("the refusal is known", lambda: bool(provider.failures), seconds=5)
    assert provider.failures == {"t1": "kotka: PATCH Task/t1 was answered 412"}


async def test_a_body_that_is_no_notification_is_kept_and_changes_nothing(
    provider: ProviderSimulator,
) -> None:
    assert await send(provider, b'{"resourceType": "Bundle", "entry": "none"}') == 200
    assert [line.task for line in provider.ledger] == [""]
    assert provider.tasks == {}
