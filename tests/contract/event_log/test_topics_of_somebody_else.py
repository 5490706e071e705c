"""Topics that an operator manages (`topics_managed=external`): the platform checks, and makes none."""

from collections.abc import AsyncIterator

import pytest
from kafka.admin import KafkaAdminClient
from service_runtime.event_log.kafka_sockets import DIRECT
from service_runtime.event_log.opening import open_event_log
from service_runtime.event_log.port import EventLog, TopicMissingError
from support.event_logs import (
    SESSION_SECONDS,
    KafkaLog,
    count,
    kafka_servers,
    messages,
    opened,
    read_until,
    values,
)


async def test_what_is_missing_is_told_with_its_settings_and_nothing_is_made(event_log: EventLog) -> None:
    await event_log.ensure_topics(["there"])
    [told] = await event_log.missing(["there", "absent"])
    assert told.topic == "absent"
    assert told.lanes >= 1
    assert told.retention_ms == 14 * 24 * 60 * 60 * 1000
    assert list(await event_log.topics()) == ["there"]
    await event_log.ensure_topics(["absent"])
    assert await event_log.missing(["there", "absent"]) == []


@pytest.fixture
async def kafka() -> AsyncIterator[KafkaLog]:
    log = KafkaLog(kafka_servers())
    yield log
    log.delete_everything()


def a_process(log: KafkaLog, *, makes_topics: bool) -> EventLog:
    """The log as a process of ours has it."""
    return open_event_log(
        log.url,
        topic_prefix=log.prefix,
        client_id="process",
        session_seconds=SESSION_SECONDS,
        small_topics=("tasks.",),
        makes_topics=makes_topics,
    )


@pytest.mark.engines
async def test_no_topic_is_made_and_the_messages_go_once_the_operator_has_made_it(kafka: KafkaLog) -> None:
    external = a_process(kafka, makes_topics=False)
    try:
        with pytest.raises(TopicMissingError):
            await external.ensure_topics(["tasks.gym"])
        assert [type(one) for one in await external.publish(messages("tasks.gym", ["a"]))] == [
            TopicMissingError
        ]
        assert list(await external.topics()) == []

        async with opened(kafka) as operator:
            await operator.ensure_topics(["tasks.gym"])
        await external.ensure_topics(["tasks.gym"])
        assert await external.publish(messages("tasks.gym", ["a"])) == [None]
        subscription = await external.subscribe("readers", "0", prefixes=["tasks."])
        assert values(await read_until(subscription, count(1))) == [0]
        await subscription.close()
    finally:
        await external.close()


@pytest.mark.engines
async def test_the_settings_that_are_told_are_those_that_the_platform_makes_topics_with(
    kafka: KafkaLog,
) -> None:
    external = a_process(kafka, makes_topics=False)
    told = {one.topic: one for one in await external.missing(["tasks.gym", "shared"])}
    await external.close()
    platform = a_process(kafka, makes_topics=True)
    await platform.ensure_topics(["tasks.gym", "shared"])
    await platform.close()
    admin = KafkaAdminClient(bootstrap_servers=kafka.servers, proxy_url=DIRECT)
    made = {
        one["name"].removeprefix(kafka.prefix): len(one["partitions"])
        for one in admin.describe_topics([kafka.prefix + topic for topic in told])
    }
    admin.close()
    assert made == {topic: one.lanes for topic, one in told.items()} == {"tasks.gym": 1, "shared": 6}
