"""What only the embedded log does: leases of lanes, and forgetting."""

import asyncio
import sqlite3
from time import time

import pytest
from service_runtime.event_log.sqlite import RETENTION_DAYS, SqliteEventLog
from support.event_logs import messages, values

KEYS = [f"key-{n}" for n in range(24)]


@pytest.fixture
async def two_logs(tmp_path):
    """The same file, as two processes have it."""
    logs = [SqliteEventLog(tmp_path / "events.db", lease_seconds=0.3) for _ in range(2)]
    await logs[0].ensure_topics(["events"])
    yield logs
    for log in logs:
        await log.close()


async def test_a_member_that_hangs_loses_its_lanes_and_its_late_commit_counts_for_nothing(two_logs):
    """INVARIANT: commits are fenced by the lane's token; a late one would undo the new owner's position."""
    first, second = two_logs
    await first.publish(messages("events", KEYS))
    hung = await first.subscribe("readers", "0", topics=["events"])
    in_hand = await hung.poll(5)
    assert len(in_hand) == 24

    other = await second.subscribe("readers", "1", topics=["events"])
    got = []
    while len(got) < 24:
        got += await other.poll(1)
    assert sorted(values(got)) == list(range(24))
    await other.commit({record.topic_lane: record.offset + 1 for record in got})
    assert sum((await second.lag("readers")).values()) == 0

    await hung.commit({record.topic_lane: record.offset for record in reversed(in_hand)})
    assert sum((await second.lag("readers")).values()) == 0


async def test_the_members_lanes_differ_by_one_topic_at_most(two_logs):
    members = [await log.subscribe("readers", str(n), topics=["events"]) for n, log in enumerate(two_logs)]
    for _ in range(3):
        for member in members:
            await member.poll(0.11)
    await two_logs[0].publish(messages("events", KEYS))
    lanes = [{record.lane for record in await member.poll(2)} for member in members]
    assert [len(each) for each in lanes] == [2, 2]
    assert not lanes[0] & lanes[1]


async def test_callers_that_publish_at_once_are_all_answered(two_logs):
    log = two_logs[0]
    answers = await asyncio.gather(*(log.publish(messages("events", ["a"], first=n)) for n in range(50)))
    assert answers == [[None]] * 50
    subscription = await log.subscribe("readers", "0", topics=["events"])
    assert values(await subscription.poll(5)) == list(range(50))


async def test_records_older_than_the_retention_are_forgotten_and_offsets_never_given_again(
    two_logs, tmp_path
):
    log = two_logs[0]
    await log.publish(messages("events", KEYS))
    with sqlite3.connect(tmp_path / "events.db") as file:
        file.execute("UPDATE records SET at = ?", (int((time() - RETENTION_DAYS * 86400 - 60) * 1000),))
    await log.publish(messages("events", ["a"], first=100))
    subscription = await log.subscribe("readers", "0", topics=["events"])
    [record] = await subscription.poll(5)
    assert (record.value, record.offset) == (b"100", 25)


async def test_a_topic_whose_name_kafka_would_refuse_is_refused(two_logs):
    with pytest.raises(ValueError, match="not a topic's name"):
        await two_logs[0].ensure_topics(["lahetti/tasks"])
