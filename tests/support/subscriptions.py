"""A record system that subscribes, the address where it is told, and what brings it there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import ClientSession, web
from lahetti.simulators.loopback import LoopbackServer
from outcome_collector.adapters import tables
from outcome_collector.adapters.notification_sender import NotificationSender
from outcome_collector.adapters.subscription_plans import SubscriptionPlans
from outcome_collector.adapters.subscription_rows import HANDSHAKE, NOTIFY, SubscriptionRows
from outcome_collector.entrypoints.subscription_planning import plan_notifications
from outcome_collector.entrypoints.subscription_routes import SubscriptionApi, router
from referral_contracts.systems import BACKPORT, TASK_STATUS_TOPIC
from service_runtime import http
from service_runtime.clock import SystemClock
from service_runtime.delivery.completions import Hooks
from service_runtime.delivery.dispatcher import Channel, Dispatcher
from service_runtime.delivery.schedule import Policy
from service_runtime.secret_box import AesGcmSecretBox, generate_secret_keys
from service_runtime.wakeup import LocalWakeup
from support.collector import EHR, Collector
from support.collector_door import BASE
from support.web_app import SmallService, small_service

SECRET = "Bearer very-secret-7Q9"
SCOPE = "system/Subscription.crd"


def wish(address: str, **changes: Any) -> dict[str, Any]:
    """A Subscription as a record system posts it; `changes` replace elements, None takes one away."""
    posted: dict[str, Any] = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Lähetteiden tila",
        "criteria": TASK_STATUS_TOPIC,
        "channel": channel(address),
    } | changes
    return {name: value for name, value in posted.items() if value is not None}


def channel(address: str, **changes: Any) -> dict[str, Any]:
    """Its channel."""
    content = {"url": f"{BACKPORT}/StructureDefinition/backport-payload-content", "valueCode": "id-only"}
    made: dict[str, Any] = {
        "type": "rest-hook",
        "endpoint": address,
        "payload": "application/fhir+json",
        "_payload": {"extension": [content]},
        "header": [f"Authorization: {SECRET}"],
    } | changes
    return {name: value for name, value in made.items() if value is not None}


@dataclass(frozen=True)
class Told:
    """A notification as it came in."""

    authorization: str
    bundle: dict[str, Any]

    def value(self, name: str) -> Any:
        """The value of the status's parameter `name`."""
        return value_in(self.bundle, name)

    @property
    def events(self) -> list[tuple[int, str]]:
        return events_in(self.bundle)


def value_in(bundle: dict[str, Any], name: str) -> Any:
    """The value of a parameter of the status that opens `bundle`."""
    parameters = bundle["entry"][0]["resource"]["parameter"]
    (found,) = [one for one in parameters if one["name"] == name]
    return next(value for key, value in found.items() if key.startswith("value"))


def events_in(bundle: dict[str, Any]) -> list[tuple[int, str]]:
    """Number and Task of each event that `bundle` tells of."""
    parameters = bundle["entry"][0]["resource"]["parameter"]
    found: list[tuple[int, str]] = []
    for one in parameters:
        if one["name"] == "notification-event":
            parts = {part["name"]: part for part in one["part"]}
            focus = parts["focus"]["valueReference"]["reference"]
            found.append(
                (int(parts["event-number"]["valueString"]), focus.removeprefix(f"{BASE}/fhir/Task/"))
            )
    return found


@dataclass
class Receiver:
    """The record system's address. `answers` are statuses for the next requests; then 200."""

    told: list[Told] = field(default_factory=list[Told])
    answers: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        self.server = LoopbackServer(lambda: [web.post("/told", self._take)])

    @property
    def address(self) -> str:
        return f"{self.server.origin}/told"

    @property
    def taken(self) -> list[Told]:
        """What it took, handshakes apart."""
        return [one for one in self.told if one.value("type") == "event-notification"]

    async def _take(self, request: web.Request) -> web.Response:
        told = Told(request.headers.get("Authorization", ""), orjson.loads(await request.read()))
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.told.append(told)
        return web.Response(status=status)


@dataclass
class Desk:
    """The collector with its subscriptions: the routes, the receiver, and the loops that run on demand."""

    collector: Collector
    service: SmallService
    client: httpx.AsyncClient
    receiver: Receiver
    plans: SubscriptionPlans
    sender: NotificationSender
    outgoing: ClientSession
    box: AesGcmSecretBox

    def caller(self, client: str = EHR.client, scope: str = SCOPE) -> dict[str, str]:
        return self.service.token(scope, "ehr", client)

    def sender_to_the_public(self) -> NotificationSender:
        """One as it is outside development."""
        return NotificationSender(
            self.collector.database,
            self.outgoing,
            self.box,
            SystemClock(),
            base=BASE,
            private_addresses=False,
        )

    async def post(self, document: Any = None, client: str = EHR.client) -> httpx.Response:
        """Ask for a subscription; one with everything unless told otherwise."""
        said = wish(self.receiver.address) if document is None else document
        headers = self.caller(client) | {"Content-Type": "application/fhir+json"}
        return await self.client.post("/fhir/Subscription", content=orjson.dumps(said), headers=headers)

    async def subscribed(self, client: str = EHR.client) -> str:
        """The id of a subscription that has shaken hands."""
        answer = await self.post(client=client)
        assert answer.status_code == 201, answer.text
        made = answer.json()["id"]
        async with self.running():
            await self.until(lambda rows: [row["status"] for row in rows if row["id"] == made] == ["active"])
        return made

    async def get(self, path: str, client: str = EHR.client) -> httpx.Response:
        return await self.client.get(f"/fhir/Subscription/{path}", headers=self.caller(client))

    async def status(self, subscription: str) -> str:
        return (await self.get(subscription)).json()["status"]

    @asynccontextmanager
    async def running(self, delays: Sequence[float] = (0.0, *[0.05] * 100)) -> AsyncIterator[None]:
        """Planner and dispatcher run inside this block."""
        stop = asyncio.Event()
        policy = Policy(tuple(delays)).without_floor()
        ways = {name: Channel(self.sender, policy) for name in (HANDSHAKE, NOTIFY)}
        dispatcher = Dispatcher(
            database=self.collector.database,
            deliveries=tables.Notification,
            attempts=tables.NotificationAttempt,
            wakeup=LocalWakeup(),
            channels=ways,
            clock=SystemClock(),
            hooks=Hooks(self.plans.succeeded, self.plans.exhausted),
            log_event="notification.attempted",
        )
        planning = plan_notifications(self.plans, stop, poll_seconds=0.05, beat=lambda: None)
        loops = [asyncio.create_task(one) for one in (dispatcher.run(stop), planning)]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*loops)

    async def until(self, fact: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Wait, at most 30 s, until `fact` is true of the subscriptions' rows."""
        async with asyncio.timeout(30):
            while not fact(await self.collector.rows(tables.Subscription)):  # noqa: ASYNC110 rows have no event
                await asyncio.sleep(0.02)

    async def settled(self) -> None:
        """Wait until all that was kept has been told or given up."""

        async def open_rows() -> list[Any]:
            events = await self.collector.rows(tables.SubscriptionEvent)
            notifications = await self.collector.rows(tables.Notification)
            waiting = [row for row in notifications if row["state"] in {"waiting", "sending"}]
            return [row for row in events if row["number"] is None] + waiting

        async with asyncio.timeout(30):
            while await open_rows():  # noqa: ASYNC110 rows have no event
                await asyncio.sleep(0.02)


@pytest.fixture
async def desk(collector: Collector, tmp_path: Path) -> AsyncIterator[Desk]:
    keys = tmp_path / "secret-keys.json"
    generate_secret_keys(keys)
    box, receiver, outgoing = AesGcmSecretBox(keys), Receiver(), http.session(total_seconds=5)
    rows = SubscriptionRows(collector.database, box, collector.clock, 3)
    service = small_service(
        tmp_path, [router(SubscriptionApi(rows, collector.clock, f"{BASE}/fhir", private_addresses=True))]
    )
    sender = NotificationSender(
        collector.database, outgoing, box, SystemClock(), base=f"{BASE}/fhir", private_addresses=True
    )
    plans = SubscriptionPlans(collector.database, collector.clock)
    await receiver.server.come_up()
    async with service.client() as client:
        yield Desk(collector, service, client, receiver, plans, sender, outgoing, box)
    await outgoing.close()
    await receiver.server.close()
