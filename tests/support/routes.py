"""The three services as applications in one place, over SQLite, with their routes as data."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import outcome_collector.bootstrap
import provider_notifier.bootstrap
import referral_gateway.bootstrap
from fastapi.routing import APIRoute
from lahetti.composition.blueprint import (
    COLLECTOR,
    GATEWAY,
    INGRESS,
    NOTIFIER,
    PRODUCT,
    SCHEMAS,
)
from lahetti.composition.embedded import embedded_blueprint, free_port
from lahetti.state import StateFolder
from outcome_collector.settings import Settings as CollectorSettings
from provider_notifier.settings import Settings as NotifierSettings
from referral_gateway.settings import Settings as GatewaySettings
from service_runtime.clock import Clock
from service_runtime.ingress import Ingress
from service_runtime.parts import open_parts
from service_runtime.service import Service
from service_runtime.tokens import TokenSigner
from service_runtime.web.access import Requires, public_route
from service_runtime.web.server import WebServer

BUILT = {
    GATEWAY: (referral_gateway.bootstrap, GatewaySettings),
    COLLECTOR: (outcome_collector.bootstrap, CollectorSettings),
    NOTIFIER: (provider_notifier.bootstrap, NotifierSettings),
}
LOOPS = ("consumer", "relay")
"""The loops that move a referral on inside; nothing leaves, as no dispatcher runs."""


@dataclass(frozen=True)
class Route:
    """One method of one route. `access` is None where the route is public."""

    service: str
    method: str
    path: str
    access: Requires | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, **ids: str) -> str:
        """The path with each of its parameters replaced: by `ids`, or by an id that nobody has."""
        parameters = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return self.path.format(**{name: ids.get(name, UNKNOWN) for name in parameters})


UNKNOWN = "01900000-0000-7000-8000-000000000000"


@dataclass
class Installation:
    """The services behind one front, called in process; what they call each other goes over loopback."""

    services: dict[str, Service]
    ingress: Ingress
    databases: dict[str, Path]
    key_file: Path
    base_url: str
    max_body_bytes: int
    http: httpx.AsyncClient = field(init=False)
    _looks: dict[str, "DatabaseLook"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(self.ingress, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=self.base_url)

    @property
    def routes(self) -> list[Route]:
        """Every method of every route of the three applications."""
        return [route for service in self.services.values() for route in routes_of(service)]

    def token(
        self,
        scope: str,
        kind: Any,
        client_id: str = "somebody",
        *,
        clock: Clock | None = None,
        key_file: Path | None = None,
    ) -> dict[str, str]:
        """The header of a caller; `clock` says when its token was made, `key_file` who signed it."""
        signer = TokenSigner(key_file or self.key_file, clock=clock)
        signed = signer.sign(client_id=client_id, kind=kind, scope=scope, seconds=600)
        return {"Authorization": f"Bearer {signed}"}

    def stored(self) -> dict[str, tuple[int, str]]:
        """The number of rows and a digest of all that is in them, of each table of each service, whatever
        tables there are."""
        found: dict[str, tuple[int, str]] = {}
        for schema, path in self.databases.items():
            if schema not in self._looks:
                self._looks[schema] = DatabaseLook(path)
            found |= {f"{schema}.{name}": one for name, one in self._looks[schema].stored().items()}
        return found

    def close(self) -> None:
        for look in self._looks.values():
            look.close()

    @asynccontextmanager
    async def loops(self, *more: tuple[str, str]) -> AsyncGenerator[None]:
        """The loops run inside this block, and those of `more` (service and role)."""
        stop = asyncio.Event()
        wanted = [(service, name) for service in self.services for name in LOOPS]
        running = [
            asyncio.create_task(self.services[service].roles[name](stop))
            for service, name in (*wanted, *more)
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*running)


class DatabaseLook:
    """Looks at one database file from outside; it reads the tables again only when somebody has written."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._seen_at = -1
        self._seen: dict[str, tuple[int, str]] = {}

    def stored(self) -> dict[str, tuple[int, str]]:
        (changed_at,) = self._database.execute("PRAGMA data_version").fetchone()
        if changed_at != self._seen_at:
            names = self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            self._seen = {name: self._table(name) for (name,) in names}
            self._seen_at = changed_at
        return self._seen

    def close(self) -> None:
        self._database.close()

    def _table(self, name: str) -> tuple[int, str]:
        rows = sorted(repr(row) for row in self._database.execute(f'SELECT * FROM "{name}"'))
        return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


def routes_of(service: Service) -> Iterator[Route]:
    """The routes of one application. Fails on a route that is not one of ours, and on a route without
    exactly one access rule."""
    application: Any = service.app
    for route in application.routes:
        assert isinstance(route, APIRoute), route
        rules = access_rules(route)
        assert len(rules) == 1, f"{route.path} has {len(rules)} of requires(...) and public_route"
        access = rules[0] if isinstance(rules[0], Requires) else None
        for method in sorted(route.methods):
            yield Route(service.name, method, route.path, access)


def access_rules(route: APIRoute) -> Sequence[Any]:
    """The access rules that a route depends on, at any depth."""
    found: list[Any] = []
    waiting = list(route.dependant.dependencies)
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        if isinstance(one.call, Requires) or one.call is public_route:
            found.append(one.call)
    return found


@asynccontextmanager
async def installation(folder: Path, *, migrated: bool = True, **more: Any) -> AsyncGenerator[Installation]:
    """The three services, each from its own composition root; without loops until `loops()` runs them.
    `more` are further settings of all."""
    state = StateFolder(folder)
    blueprint = embedded_blueprint(
        state,
        port=free_port(),
        county="kymenlaakso",
        schedule=PRODUCT,
        smtp_port=None,
        poll_seconds=0.05,
        **more,
    )
    blueprint.make_keys()
    services: dict[str, Service] = {}
    settings = {name: kind(**blueprint.values(name)) for name, (_, kind) in BUILT.items()}
    parts = open_parts(settings[GATEWAY])
    for name, (bootstrap, _) in BUILT.items():
        if migrated:
            await bootstrap.migrate(settings[name])
        services[name] = await bootstrap.build(settings[name], parts)
    ingress = Ingress([(prefix, services[name].app) for prefix, name in INGRESS], services[GATEWAY].app)
    web = WebServer(ingress, "127.0.0.1", blueprint.ports[GATEWAY])
    serving = asyncio.create_task(web.serve())
    opened = Installation(
        services=services,
        ingress=ingress,
        databases={SCHEMAS[name]: folder / f"{SCHEMAS[name]}.db" for name in services},
        key_file=blueprint.folder.keys / "keys.json",
        base_url=blueprint.base_url,
        max_body_bytes=settings[GATEWAY].max_body_bytes,
    )
    try:
        await web.started()
        yield opened
    finally:
        opened.close()
        await opened.http.aclose()
        web.stop()
        await serving
        for service in services.values():
            await service.close()
        await parts.close()


async def until(what: str, look: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """The first true answer of `look`; fails naming `what` after 30 s."""
    try:
        async with asyncio.timeout(seconds):
            while not (answer := await look()):  # noqa: ASYNC110 the fact is in a database
                await asyncio.sleep(0.02)
            return answer
    except TimeoutError:
        raise AssertionError(f"not within {seconds:.0f} s: {what}") from None


def outcome_fault(answer: httpx.Response) -> str | None:
    """What keeps an answer from being a proper OperationOutcome."""
    if answer.headers.get("content-type") != "application/fhir+json":
        return f"content type {answer.headers.get('content-type')}"
    outcome = answer.json()
    if outcome.get("resourceType") != "OperationOutcome" or not outcome.get("issue"):
        return "no OperationOutcome"
    for issue in outcome["issue"]:
        if not issue["details"]["coding"][0]["code"] or not issue["details"]["text"] or not issue["code"]:
            return "an issue without code, slug or text"
    return "a traceback" if "Traceback" in answer.text else None
