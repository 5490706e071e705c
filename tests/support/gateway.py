"""The gateway as its callers meet it: the real application on a fresh database, with a clock that stands."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from referral_contracts.events import EventBody, TaskStatusChanged
from referral_gateway.adapters import tables
from referral_gateway.bootstrap import SCHEMA, build, migrate
from referral_gateway.bootstrap.base import Base, open_base
from referral_gateway.bootstrap.loops import record_outcomes, sweep_overdue
from referral_gateway.settings import Settings
from service_runtime.database.statements import table_of
from service_runtime.event_log.port import Record
from service_runtime.events import ReceivedEvent
from service_runtime.ids import new_id
from service_runtime.inbox import Inbox
from service_runtime.parts import Parts, open_parts
from service_runtime.results import Done, Result
from service_runtime.service import Service
from service_runtime.tokens import TokenSigner, generate_keys
from service_runtime.web.access import Act
from sqlalchemy import func, select, text
from support.clocks import StandingClock
from support.gateway_county import OTHER_EHR, county_files
from support.referrals import referral_bundle

BASE = "https://lahetti.example"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EHR_SCOPE = (
    "system/Bundle.c system/ServiceRequest.crus system/Patient.crus system/Consent.crus"
    " system/Organization.rs system/Task.rs"
)
PROVIDER_SCOPE = "system/ServiceRequest.rs system/Patient.rs system/Consent.rs system/Endpoint.rs"
SERVICE_SCOPE = f"{PROVIDER_SCOPE} system/Organization.r system/HealthcareService.r"
STAFF_SCOPE = (
    "lahetti/agreements.r lahetti/cases.r lahetti/county.w lahetti/trace.r lahetti/topics.r"
    " system/Endpoint.rs"
)

TERMINAL = {"completed", "rejected", "failed", "cancelled", "entered-in-error"}


class Gateway:
    """One gateway process, what it keeps, and the callers that its tokens make."""

    def __init__(
        self,
        service: Service,
        base: Base,
        parts: Parts,
        signer: TokenSigner,
        clock: StandingClock,
        jwks_file: Path,
    ) -> None:
        self.base, self.parts, self.clock = base, parts, clock
        self.service = service
        self._signer = signer
        self.jwks_file = jwks_file
        transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://gateway")

    def as_ehr(self, client: str = OTHER_EHR) -> dict[str, str]:
        return self._as(client, "ehr", EHR_SCOPE)

    def only(self, scope: str, client: str = OTHER_EHR) -> dict[str, str]:
        """An EHR whose token grants `scope` and nothing else."""
        return self._as(client, "ehr", scope)

    def as_provider(self, provider: str) -> dict[str, str]:
        return self._as(provider, "provider", PROVIDER_SCOPE)

    def as_page_of(self, provider: str) -> dict[str, str]:
        return self._as("outcome-collector", "service", SERVICE_SCOPE, Act(provider, new_id(), new_id()))

    def as_service(self) -> dict[str, str]:
        return self._as("outcome-collector", "service", SERVICE_SCOPE)

    def as_staff(self) -> dict[str, str]:
        return self._as("coordinator", "staff", STAFF_SCOPE)

    def as_officer(self) -> dict[str, str]:
        return self._as("officer", "staff", "lahetti/person.r lahetti/person.w")

    def as_manager(self) -> dict[str, str]:
        return self._as("coordinator", "staff", "lahetti/clients.r lahetti/clients.w")

    def _as(self, client: str, kind: Any, scope: str, act: Act | None = None) -> dict[str, str]:
        token = self._signer.sign(client_id=client, kind=kind, scope=scope, seconds=60, act=act)
        return {"Authorization": f"Bearer {token}"}

    async def post(self, bundle: Mapping[str, Any], client: str = OTHER_EHR) -> httpx.Response:
        """Post a Bundle as an EHR does."""
        return await self.http.post("/fhir", json=bundle, headers=self.as_ehr(client))

    async def refer(self, client: str = OTHER_EHR, **said: Any) -> str:
        """Post a referral that is accepted; answers its id."""
        said.setdefault("identifier", new_id())
        response = await self.post(bundle(**said), client)
        assert response.status_code == 200, response.text
        return referral_id(response)

    async def get(self, path: str, headers: Mapping[str, str]) -> httpx.Response:
        return await self.http.get(f"/fhir/{path}", headers=headers)

    async def load_county(self, files: Mapping[str, str]) -> httpx.Response:
        return await self.http.post("/gateway/county", json={"files": dict(files)}, headers=self.as_staff())

    async def rows(self, table_class: Any, **wanted: Any) -> list[Any]:
        """The rows of a table, by its columns."""
        table = table_of(table_class)
        query = select(table)
        for name, value in wanted.items():
            query = query.where(table.c[name] == value)
        async with self.base.database.read() as session:
            return list((await session.execute(query)).all())

    async def counts(self, *left_out: str) -> dict[str, int]:
        """How many rows each table has."""
        counted: dict[str, int] = {}
        async with self.base.database.read() as session:
            for table in tables.Base.metadata.sorted_tables:
                if table.name not in left_out:
                    counted[table.name] = (
                        await session.execute(select(func.count()).select_from(table))
                    ).scalar_one()
        return counted

    async def told(self, event_type: str | None = None) -> list[dict[str, Any]]:
        """The bodies of the events in the outbox, oldest first, with their id as `event`."""
        found = sorted(await self.rows(tables.Outbox), key=lambda row: row.sequence)
        return [
            {"event": row.id, "type": kind, "topic": row.topic, "key": row.key, **orjson.loads(row.value)}
            for row in found
            if (kind := orjson.loads(row.headers)["ce_type"]) == event_type
            or (event_type is None and not kind.endswith(".changed"))
        ]

    async def routing(self, referral: str) -> Any:
        """The newest routing of a referral."""
        return max(await self.rows(tables.Routing, referral=referral), key=lambda row: row.number)

    async def open_cases(self, referral: str) -> list[str]:
        return sorted(
            row.kind for row in await self.rows(tables.Case, referral=referral) if row.closed_at is None
        )

    async def hear(self, *facts: EventBody, ids: Sequence[str] = ()) -> Sequence[Result]:
        """Let the consumer handle these facts as the runtime does: inbox and facts in one transaction."""
        heard = [
            received(fact, ids[index] if ids else new_id(), self.clock.now())
            for index, fact in enumerate(facts)
        ]
        await self.base.counties.look()
        async with self.base.database.write() as session:
            new = await Inbox(tables.Inbox, self.clock).take(session, "gateway", [one.id for one in heard])
            results = await record_outcomes(self.parts, self.base)(
                session, [one for one in heard if one.id in new]
            )
        assert all(isinstance(result, Done) for result in results), results
        return results

    async def sweep(self) -> int:
        """Let the sweep look once."""
        async with self.base.database.write() as session:
            return await sweep_overdue(self.parts, self.base)(session)

    async def publish_all(self) -> None:
        """As if the relay had published everything."""
        async with self.base.database.write() as session:
            await session.execute(table_of(tables.Outbox).update().values(published_at=self.clock.now()))

    async def close(self) -> None:
        await self.http.aclose()
        await self.service.close()
        await self.base.close()


def bundle(**said: Any) -> dict[str, Any]:
    """A referral's Bundle, written at the standing clock's time."""
    return referral_bundle(**({"at": NOW} | said))


def referral_id(response: httpx.Response) -> str:
    """The referral's id, from where its ServiceRequest is."""
    locations = [entry["response"]["location"] for entry in response.json()["entry"]]
    return next(location.split("/")[1] for location in locations if location.startswith("ServiceRequest/"))


def issues(response: httpx.Response) -> list[tuple[str, str | None]]:
    """(slug, expression) of each issue of an OperationOutcome."""
    assert response.headers["content-type"] == "application/fhir+json", response.text
    return [
        (issue["details"]["coding"][0]["code"], issue.get("expression", [None])[0])
        for issue in response.json()["issue"]
    ]


def moved(routing: Any, status: str, version: int = 2, **said: Any) -> TaskStatusChanged:
    """That the Task of a routing moved, as the collector tells it."""
    ended: datetime | None = NOW if status in TERMINAL else None
    facts: dict[str, Any] = {"releases_quota": False, "reroute": None, "ended_at": ended} | said
    return TaskStatusChanged(
        referral=routing.referral,
        service_request=routing.id,
        task=routing.task or new_id(),
        version=version,
        status=status,
        **facts,
    )


def received(fact: EventBody, event_id: str, at: datetime) -> ReceivedEvent:
    """The fact as the consumer gets it."""
    record = Record("topic", 0, 0, "key", {}, b"")
    return ReceivedEvent(event_id, fact.type, "/test", "key", at, None, fact, record)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the gateway's tables, to be copied."""
    folder = tmp_path_factory.mktemp("gateway")
    asyncio.run(migrate(_settings(f"sqlite:///{folder / 'gateway.db'}", folder)))
    return folder / "gateway.db"


@pytest.fixture(scope="module")
def migrated_postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PostgreSQL database with the gateway's tables, emptied for each test."""
    asyncio.run(migrate(_settings(postgres_url, tmp_path_factory.mktemp("gateway"))))
    return postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def gateway_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each engine in turn, with empty tables."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("migrated_file")
        (tmp_path / "gateway.db").write_bytes(template.read_bytes())
        return f"sqlite:///{tmp_path / 'gateway.db'}"
    return request.getfixturevalue("migrated_postgres")


@pytest.fixture
async def gateway(gateway_database: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway that has a county loaded."""
    started = await start_gateway(gateway_database, tmp_path)
    if gateway_database.startswith("postgresql"):
        await _empty(started.base)
    response = await started.load_county(county_files())
    assert response.status_code == 200, response.text
    yield started
    await started.close()
    await started.parts.close()


async def start_gateway(url: str, folder: Path) -> Gateway:
    """A gateway process on that database."""
    settings = _settings(url, folder)
    clock = StandingClock(NOW)
    opened = open_parts(settings)
    parts = Parts(clock=clock, event_log=opened.event_log, redis=opened.redis)
    service = await build(settings, parts)
    base = await open_base(settings, parts)
    return Gateway(
        service, base, parts, TokenSigner(settings.key_file, clock=clock), clock, settings.jwks_file
    )


async def _empty(base: Base) -> None:
    names = ", ".join(f'{SCHEMA}."{table.name}"' for table in tables.Base.metadata.sorted_tables)
    async with base.database.write() as session:
        await session.execute(text(f"TRUNCATE {names}"))


def _settings(url: str, folder: Path) -> Settings:
    keys = generate_keys(folder / "keys")
    return Settings(
        database_url=url,
        event_log_url=f"sqlite:///{folder / 'events.db'}",
        public_base_url=BASE,
        gateway_url="http://gateway",
        collector_url="http://collector",
        key_file=keys.private,
        jwks_file=keys.public,
        wakeups="off",
        private_key_addresses=True,
    )
