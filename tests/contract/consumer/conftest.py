"""The consumer on both sets of engines: embedded, and Kafka with PostgreSQL."""

from collections.abc import AsyncIterator, Iterator

import pytest
from support.consumers import TOPIC, Workplace
from support.databases import create_tables
from support.event_logs import KafkaLog, Log, SqliteLog, kafka_servers, opened
from support.runtime_tables import Base


@pytest.fixture(params=["embedded", pytest.param("engines", marks=pytest.mark.engines)])
def engines(request) -> str:
    return request.param


@pytest.fixture
def database_url(request, engines) -> str:
    return request.getfixturevalue("sqlite_url" if engines == "embedded" else "postgres_url")


@pytest.fixture
def log(engines, tmp_path) -> Iterator[Log]:
    if engines == "embedded":
        yield SqliteLog(tmp_path)
        return
    kafka = KafkaLog(kafka_servers())
    yield kafka
    kafka.delete_everything()


@pytest.fixture
async def workplace(log, database) -> AsyncIterator[Workplace]:
    await create_tables(database, Base.metadata)
    async with opened(log) as event_log:
        await event_log.ensure_topics([TOPIC])
        yield Workplace(event_log, database)
