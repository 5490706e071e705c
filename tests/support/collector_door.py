"""The collector's routes with somebody who calls them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from outcome_collector.adapters.gateway_includes import GatewayIncludes
from outcome_collector.adapters.pin_hasher import Argon2PinHasher
from outcome_collector.adapters.trace_rows import TraceRows
from outcome_collector.entrypoints import admin_routes, task_routes
from outcome_collector.entrypoints.task_access import TaskApi
from service_runtime import http
from support.collector import EHR, PROVIDER, Collector
from support.web_app import SmallService, small_service

BASE = "https://lahetti.example.org"
PATCH = "application/json-patch+json"


@dataclass
class Caller:
    """Somebody with a token at the collector's door."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def get(self, path: str, **more: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers | more)

    async def post(self, body: Any, **more: str) -> httpx.Response:
        headers = self.headers | {"Content-Type": "application/fhir+json"} | more
        return await self.client.post("/fhir/Task", headers=headers, json=body)

    async def patch(
        self, task: str, version: str | None, *operations: dict[str, Any], **more: str
    ) -> httpx.Response:
        headers = self.headers | {"Content-Type": PATCH} | more
        if version is not None:
            headers["If-Match"] = version
        return await self.client.patch(f"/fhir/Task/{task}", headers=headers, json=list(operations))


@dataclass
class Door:
    """The routes, and the collector behind them."""

    collector: Collector
    service: SmallService
    client: httpx.AsyncClient

    def caller(self, kind: str, client_id: str, scope: str = "system/Task.crsu") -> Caller:
        return Caller(self.client, self.service.token(scope, kind, client_id))


@pytest.fixture
async def door(collector: Collector, tmp_path: Path) -> AsyncIterator[Door]:
    outgoing = http.session()
    nobody = GatewayIncludes(outgoing, "http://127.0.0.1:9")
    tasks = TaskApi(
        collector.units, collector.clock, collector.patience, f"{BASE}/fhir", nobody, collector.recordings
    )
    admin = admin_routes.AdminApi(
        units=collector.units,
        hasher=Argon2PinHasher(),
        clock=collector.clock,
        trace=TraceRows(collector.database, collector.clock),
        page_base=BASE,
        page_days=14.0,
    )
    service = small_service(tmp_path, [task_routes.router(tasks), admin_routes.router(admin)])
    async with service.client() as client:
        yield Door(collector, service, client)
    await outgoing.close()


@pytest.fixture
def provider(door: Door) -> Caller:
    return door.caller("provider", PROVIDER.client)


@pytest.fixture
def ehr(door: Door) -> Caller:
    return door.caller("ehr", EHR.client)
