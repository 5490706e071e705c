"""A small service to send requests to: the runtime's edge around routes that the test declares."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from referral_contracts.operation_outcome import render
from service_runtime import logs
from service_runtime.clock import SystemClock
from service_runtime.health import Health
from service_runtime.metrics import Metrics
from service_runtime.tokens import TokenSigner, TokenVerifier, generate_keys
from service_runtime.web.app import create_app
from service_runtime.web.refusals import Pages

LIMIT = 10_000


@dataclass
class SmallService:
    """The application, a client for it, its tokens and what it logged."""

    app: FastAPI
    signer: TokenSigner
    health: Health
    metrics: Metrics
    stream: io.StringIO = field(default_factory=io.StringIO)

    def client(self) -> httpx.AsyncClient:
        """An in-process client; errors of the application are answers, not exceptions."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://service")

    def token(self, scope: str, kind: Any = "ehr", client_id: str = "ehr-1") -> dict[str, str]:
        """The header of a client with `scope`."""
        token = self.signer.sign(client_id=client_id, kind=kind, scope=scope, seconds=60)
        return {"Authorization": f"Bearer {token}"}

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event name."""
        every = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in every if line["event"] == event]


def small_service(folder: Path, routers: Sequence[APIRouter], *, pages: Pages | None = None) -> SmallService:
    """The service `small` with `routers`, its log caught from now on."""
    keys = generate_keys(folder / "keys")
    health, metrics = Health(), Metrics()
    app = create_app(
        service="small",
        routers=routers,
        health=health,
        tokens=TokenVerifier(keys.public, clock=SystemClock()),
        render_problem=render,
        max_body_bytes=LIMIT,
        metrics=metrics,
        pages=pages,
    )
    service = SmallService(app, TokenSigner(keys.private), health, metrics)
    logs.configure(service="small", stream=service.stream)
    return service


def slug(response: httpx.Response) -> str:
    """The code by which an OperationOutcome names its first issue."""
    assert response.headers["content-type"] == "application/fhir+json"
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]["details"]["coding"][0]["code"]
