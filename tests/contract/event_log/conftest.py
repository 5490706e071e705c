"""Both logs for every test of the suite."""

from collections.abc import AsyncIterator, Iterator

import pytest
from service_runtime.event_log.port import EventLog
from support.event_logs import KafkaLog, Log, SqliteLog, kafka_servers, opened


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.engines)])
def log(request, tmp_path) -> Iterator[Log]:
    if request.param == "sqlite":
        yield SqliteLog(tmp_path)
        return
    kafka = KafkaLog(kafka_servers())
    yield kafka
    kafka.delete_everything()


@pytest.fixture
async def event_log(log) -> AsyncIterator[EventLog]:
    async with opened(log) as event_log:
        yield event_log
