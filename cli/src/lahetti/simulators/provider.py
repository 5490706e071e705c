"""A provider's own system: it takes webhooks, checks who signed them, reads and answers Tasks."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_routedef import AbstractRouteDef
from standardwebhooks import Webhook, WebhookVerificationError

from lahetti.simulators.fhir_client import Answer, FhirClient
from lahetti.simulators.loopback import LoopbackServer
from lahetti.simulators.provider_task import ProviderTask

Script = Callable[[ProviderTask], Awaitable[None]]
"""What the provider does with one referral, once it has read Task, ServiceRequest and Patient."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One line of the raw ledger: a request as it arrived, before anything was made of it."""

    at: float
    webhook_id: str
    verified: bool
    task: str
    event_number: int | None
    sequence: int | None
    body: bytes
    answered: int


class ProviderSimulator:
    """The receiver at `webhook_url`, and what stands behind it. Programmable by referral, with a raw ledger.

    A webhook that was not signed with `secret` is answered 401 and acted on by nobody. A repeated
    `webhook-id` is answered 200 and acted on once. While `busy` every webhook is answered 503.
    """

    def __init__(self, name: str, client: FhirClient) -> None:
        self.name = name
        self.server = LoopbackServer(self._routes)
        self.webhook_url = f"{self.server.origin}/notifications"
        self.secret: str | None = None
        self.ledger: list[Notification] = []
        self.tasks: dict[str, ProviderTask] = {}
        self.failures: dict[str, str] = {}
        self.busy = False
        self._client = client
        self._scripts: dict[str, Script] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._taken_up: set[str] = set()

    def on_referral(self, referral: str, script: Script) -> None:
        """Run `script` for this referral's Task: now, if it was read already, or once it arrives."""
        self._scripts[referral] = script
        task = self.task_for(referral)
        if task is not None:
            self._work_on(self._follow_script(task))

    def notifications(self, task: str) -> list[Notification]:
        """The raw requests about this Task, in the order they arrived, refused ones included."""
        return [line for line in self.ledger if line.task == task]

    def taken(self, task: str) -> Counter[str]:
        """How often each webhook-id about this Task was answered with success."""
        return Counter(line.webhook_id for line in self.notifications(task) if line.answered < 300)

    def task_for(self, referral: str) -> ProviderTask | None:
        """The Task of a referral, as far as this provider has read it."""
        return next((task for task in self.tasks.values() if task.referral == referral), None)

    async def read(self, path: str) -> Answer:
        """A read with the provider's own token."""
        return await self._client.read(path)

    async def close(self) -> None:
        """Stop listening and end what scripts still do."""
        for work in self._work:
            work.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self.server.close()
        await self._client.close()

    def _routes(self) -> Iterable[AbstractRouteDef]:
        return [web.post("/notifications", self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        verified = self._is_signed(body, dict(request.headers))
        task, event_number = _notified_task(body)
        webhook_id = request.headers.get("webhook-id", "")
        answered = 503 if self.busy else 200 if verified else 401
        repeated = any(line.webhook_id == webhook_id and line.answered < 300 for line in self.ledger)
        sequence = request.headers.get("referral-sequence")
        line = Notification(
            at=time.time(), webhook_id=webhook_id, verified=verified, task=task, event_number=event_number,
            sequence=int(sequence) if sequence else None, body=body, answered=answered,
        )  # fmt: skip
        self.ledger.append(line)
        if answered == 200 and task and not repeated:
            self._work_on(self._take_up(task))
        return web.Response(status=answered)

    def _is_signed(self, body: bytes, headers: dict[str, str]) -> bool:
        if self.secret is None:
            return False
        try:
            Webhook(self.secret).verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            return False
        return True

    def _work_on(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _take_up(self, task_id: str) -> None:
        try:
            task = await self._read_task(task_id)
        except Exception as error:  # noqa: BLE001 - a counterpart's own fault must be seen, not end the world
            self.failures[task_id] = f"{self.name}: {error}"
        else:
            await self._follow_script(task)

    async def _follow_script(self, task: ProviderTask) -> None:
        script = self._scripts.get(task.referral)
        if script is None or task.status != "requested" or task.id in self._taken_up:
            return
        self._taken_up.add(task.id)
        try:
            await script(task)
        except Exception as error:  # noqa: BLE001 - as above
            self.failures[task.id] = f"{self.name}: {error}"

    async def _read_task(self, task_id: str) -> ProviderTask:
        if known := self.tasks.get(task_id):
            await known.refresh()
            return known
        task = self.tasks[task_id] = await ProviderTask.read(self._client, task_id)
        return task


def _notified_task(body: bytes) -> tuple[str, int | None]:
    """The Task id and event number of an id-only notification Bundle (Subscriptions R5 Backport for R4)."""
    try:
        return _of_bundle(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", None


def _of_bundle(bundle: dict[str, Any]) -> tuple[str, int | None]:
    parameters = next(
        entry["resource"]["parameter"]
        for entry in bundle["entry"]
        if entry.get("resource", {}).get("resourceType") == "Parameters"
    )
    event = next(part["part"] for part in parameters if part["name"] == "notification-event")
    focus = next(part["valueReference"]["reference"] for part in event if part["name"] == "focus")
    number = next((part["valueString"] for part in event if part["name"] == "event-number"), None)
    return focus.rsplit("/", 1)[-1], int(number) if number else None
