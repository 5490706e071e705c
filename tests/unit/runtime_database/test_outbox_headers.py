"""An event in the outbox is a CloudEvent in binary mode, ready to publish."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from service_runtime import trace_context
from service_runtime.clock import SystemClock
from service_runtime.database.engine import Database
from service_runtime.events import OutgoingEvent
from service_runtime.outbox import Outbox as OutboxWriter
from service_runtime.outbox import outbox_age
from sqlalchemy import select
from support.databases import create_tables
from support.runtime_tables import Base, Outbox


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path / 'service.db'}", schema="s")
    await create_tables(database, Base.metadata)
    yield database
    await database.close()


async def _headers(database: Database, *events: OutgoingEvent) -> list[dict[str, Any]]:
    writer = OutboxWriter(Outbox, source="/kymenlaakso/gateway", clock=SystemClock())
    async with database.write() as session:
        await writer.add(session, events)
    table = Outbox.__table__  # pyright: ignore[reportAttributeAccessIssue] SQLModel's
    async with database.read() as session:
        rows = await session.execute(select(table.c.headers).order_by(table.c.sequence))
        return [orjson.loads(each) for each in rows.scalars()]


def _event(number: int, sequence: int | None = None) -> OutgoingEvent:
    identifier = f"019b0000-0000-7000-8000-00000000000{number}"
    return OutgoingEvent(identifier, "referral.routed", "tests.v1", "key", {"a": 1}, sequence)


async def test_headers_name_the_event_its_source_its_subject_and_the_trace(database: Database) -> None:
    traceparent = trace_context.begin()
    (headers,) = await _headers(database, _event(1))
    time = headers.pop("ce_time")
    assert time.endswith("+00:00")
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": "019b0000-0000-7000-8000-000000000001",
        "ce_type": "referral.routed",
        "ce_source": "/kymenlaakso/gateway",
        "ce_subject": "key",
        "content-type": "application/json",
        "traceparent": traceparent,
    }


async def test_a_sequence_travels_as_a_header_where_there_is_one(database: Database) -> None:
    first, second = await _headers(database, _event(1), _event(2, sequence=7))
    assert "ce_sequence" not in first
    assert second["ce_sequence"] == "7"


async def test_the_age_of_the_outbox_is_that_of_the_oldest_event_never_published(database: Database) -> None:
    assert await outbox_age(database, Outbox, SystemClock()) == 0
    await _headers(database, _event(1))
    assert 0 < await outbox_age(database, Outbox, SystemClock()) < 30
