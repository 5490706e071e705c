"""The collector on a database of the test's own: its consumer and its use cases, without HTTP and loops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from outcome_collector.adapters import tables
from outcome_collector.adapters.unit import TableUnits
from outcome_collector.domain.recorded import NOTHING, Recording
from outcome_collector.domain.task_documents import code_in
from outcome_collector.entrypoints.consumer import Taken, handler
from outcome_collector.ports import Author, RecordingsUnknownError
from outcome_collector.use_cases.advance_task import Patience
from outcome_collector.use_cases.record_outcome import Recorded, Report, record_outcome
from referral_contracts.events import EventBody, ReferralRouted, parse
from referral_contracts.systems import PROGRESS, STATUS_REASON
from service_runtime.database.engine import Database
from service_runtime.database.statements import table_of
from service_runtime.event_log.port import Record
from service_runtime.events import ReceivedEvent
from service_runtime.ids import new_id
from service_runtime.outbox import Outbox
from service_runtime.results import Done, Result
from service_runtime.tokens.bars import BarTable
from sqlalchemy import select
from support.clocks import StandingClock
from support.databases import create_tables

COUNTY = "kymenlaakso"
EHR = Author("ehr-1", "ehr")
PROVIDER = Author("kotka-liikunta", "provider")


@dataclass(frozen=True)
class Published:
    """An event in the outbox, with its body as its readers see it."""

    id: str
    topic: str
    key: str
    body: Any
    headers: dict[str, str]


@dataclass
class KnownRecordings:
    """What is recorded of each referral; `silent` while the gateway gives no answer."""

    recording: Recording = NOTHING
    silent: bool = False

    async def of(self, referrals: Sequence[str]) -> Mapping[str, Recording]:
        if self.silent:
            raise RecordingsUnknownError
        return dict.fromkeys(referrals, self.recording)


@dataclass
class Collector:
    """What a test does to the collector, and what it finds there."""

    database: Database
    clock: StandingClock = field(default_factory=StandingClock)
    patience: Patience = field(default_factory=Patience)
    recordings: KnownRecordings = field(default_factory=KnownRecordings)

    def __post_init__(self) -> None:
        self.outbox = Outbox(tables.Outbox, source=f"/{COUNTY}/outcome-collector", clock=self.clock)
        self.units = TableUnits(self.database, self.outbox, self.clock)
        self._handle = handler(
            Taken(self.units.on, self.clock, COUNTY, self.patience, 14.0), BarTable(tables.Bar, self.clock)
        )

    async def consume(self, *bodies: EventBody) -> Sequence[Result]:
        """Handle these events as one poll, in one transaction."""
        async with self.database.write() as session:
            return await self._handle(session, [received(body) for body in bodies])

    async def route(self, **facts: Any) -> ReferralRouted:
        """A referral is routed, and has its Tasks."""
        routed = routing(self.clock, **facts)
        assert list(await self.consume(routed)) == [Done()]
        return routed

    async def patch(
        self, task: str, *operations: dict[str, Any], by: Author = PROVIDER, version: int | None = None
    ) -> Recorded:
        """A JSON Patch on the newest version unless told otherwise."""
        known = version if version is not None else (await self.row(task))["version"]
        report = Report(task, known, list(operations), by)
        record = partial(record_outcome, report=report, now=self.clock.now, patience=self.patience)
        return await self.units.change(record)

    async def row(self, task: str) -> dict[str, Any]:
        """The Task's row."""
        async with self.database.read() as session:
            rows = table_of(tables.Task)
            found = await session.execute(select(rows).where(rows.c.id == task))
            return dict(found.mappings().one())

    async def task_b(self, routed: ReferralRouted) -> str:
        """The id of the Task B of a routing."""
        return (await self._where(tables.Task, service_request=routed.service_request, kind="B"))[0]["id"]

    async def document(self, task: str, version: int | None = None) -> dict[str, Any]:
        """The Task as it is served."""
        wanted = version or (await self.row(task))["version"]
        (row,) = await self._where(tables.Resource, id=task, version=wanted)
        return orjson.loads(row["body"])

    async def versions(self, task: str) -> list[int]:
        return [row["version"] for row in await self._where(tables.Resource, id=task)]

    async def events(self) -> list[Published]:
        """All events in the order of writing."""
        async with self.database.read() as session:
            rows = table_of(tables.Outbox)
            found = (await session.execute(select(rows).order_by(rows.c.sequence))).mappings().all()
        return [_published(dict(row)) for row in found]

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        return await self._where(table)

    async def _where(self, table: Any, **values: Any) -> list[dict[str, Any]]:
        rows = table_of(table)
        query = select(rows).where(*(rows.c[name] == value for name, value in values.items()))
        keys = list(rows.primary_key.columns)
        async with self.database.read() as session:
            return [dict(row) for row in (await session.execute(query.order_by(*keys))).mappings()]


def routing(clock: StandingClock, **facts: Any) -> ReferralRouted:
    """A routing of a new referral, or of the one that `facts` name, to the exercise counsellor in Kotka."""
    now = clock.now()
    referral = facts.get("referral") or new_id()
    given: dict[str, Any] = {
        "referral": referral,
        "service_request": new_id(),
        "provider": PROVIDER.client,
        "client": EHR.client,
        "test": False,
        "protected": False,
        "urgent": False,
        "accept_by": now + timedelta(days=3),
        "contact_by": now + timedelta(days=7),
        "remind_at": now + timedelta(days=2),
        "mode": "write",
        "task_a": f"http://ehr.example.org/fhir/Task/{referral}-a",
        "ehr_request": f"http://ehr.example.org/fhir/ServiceRequest/{referral}-a",
        "return_permitted": True,
    }
    return ReferralRouted(**(given | facts))


def received(body: EventBody, event_id: str | None = None) -> ReceivedEvent:
    """The event as the consumer's handler gets it."""
    identifier = event_id or new_id()
    key = getattr(body, "referral", "")
    record = Record("topic", 0, 0, key, {}, body.model_dump_json().encode())
    return ReceivedEvent(identifier, body.type, "/test", key, StandingClock().now(), None, body, record)


def status(value: str) -> dict[str, Any]:
    """The operation that sets the status."""
    return {"op": "replace", "path": "/status", "value": value}


def reason(code: str, **more: Any) -> dict[str, Any]:
    """The operation that gives a reason."""
    return {"op": "add", "path": "/statusReason", "value": concept(STATUS_REASON, code, **more)}


def progress(code: str) -> dict[str, Any]:
    """The operation that sets the businessStatus."""
    return {"op": "add", "path": "/businessStatus", "value": concept(PROGRESS, code)}


def note(text: str) -> dict[str, Any]:
    """The operation that adds the first note."""
    return {"op": "add", "path": "/note", "value": [{"text": text}]}


def concept(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


def reason_of(document: dict[str, Any]) -> str | None:
    return code_in(document.get("statusReason"), STATUS_REASON)


def progress_of(document: dict[str, Any]) -> str | None:
    return code_in(document.get("businessStatus"), PROGRESS)


def _published(row: dict[str, Any]) -> Published:
    headers = orjson.loads(row["headers"])
    body = parse(headers["ce_type"], row["value"])
    return Published(row["id"], row["topic"], row["key"], body, headers)


@pytest.fixture
async def collector(database: Database) -> Collector:
    """A collector with empty tables."""
    await create_tables(database, tables.Base.metadata)
    return Collector(database)
