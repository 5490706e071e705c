"""A topic deleted and made again: offsets start anew, what is published then must reach the group."""

import pytest
from support.event_logs import count, messages, opened, read_until, values


@pytest.mark.parametrize("then", [2, 5, 9])
async def test_a_member_that_reads_on_gets_what_is_published_afterwards(log, event_log, then):
    """INVARIANT: no record is skipped because an older topic of the name was read further."""
    await event_log.ensure_topics(["again"])
    await event_log.publish(messages("again", ["a"] * 5))
    subscription = await event_log.subscribe("readers", "0", topics=["again"])
    await read_until(subscription, count(5))

    await _make_again(log, event_log, "again")
    await event_log.publish(messages("again", ["a"] * then, first=100))

    expected = set(range(100, 100 + then))
    got = await read_until(subscription, lambda got: expected <= set(values(got)))
    assert set(values(got)) == expected
    await subscription.close()
    assert sum((await event_log.lag("readers")).values()) == 0


@pytest.mark.parametrize("then", [2, 5, 9])
async def test_a_member_that_was_away_gets_what_was_published_meanwhile(log, event_log, then):
    await event_log.ensure_topics(["away"])
    await event_log.publish(messages("away", ["a"] * 5))
    subscription = await event_log.subscribe("readers", "0", topics=["away"])
    await read_until(subscription, count(5))
    await subscription.close()

    await _make_again(log, event_log, "away")
    await event_log.publish(messages("away", ["a"] * then, first=100))

    assert sum((await event_log.lag("readers")).values()) in (
        0,
        then,
    )  # Kafka may have forgotten the group's topic
    async with opened(log, "back") as back:
        subscription = await back.subscribe("readers", "0", topics=["away"])
        got = await read_until(subscription, count(then))
        assert values(got) == list(range(100, 100 + then))
        await subscription.close()


async def test_when_a_topic_is_deleted_the_others_are_read_on(log, event_log):
    await event_log.ensure_topics(["tasks.gone", "tasks.stays"])
    subscription = await event_log.subscribe("readers", "0", prefixes=["tasks."])
    await event_log.publish([*messages("tasks.gone", ["a"]), *messages("tasks.stays", ["a"], first=1)])
    await read_until(subscription, count(2))

    log.delete_topic("tasks.gone")
    await event_log.publish(messages("tasks.stays", ["a"] * 3, first=2))

    assert values(await read_until(subscription, count(3))) == [2, 3, 4]
    await subscription.close()


@pytest.mark.parametrize("log", ["kafka"], indirect=True)
async def test_a_position_of_the_old_topic_that_kafka_still_has_does_not_count(log, event_log):
    """A commit under way while the topic is deleted and made again survives; it names the old topic's id."""
    await event_log.ensure_topics(["stale"])
    await event_log.publish(messages("stale", [f"key-{n}" for n in range(24)]))
    log.commit("stale", offset=2, note="another topic's id", group="readers")

    assert sum((await event_log.lag("readers")).values()) == 24
    subscription = await event_log.subscribe("readers", "0", topics=["stale"])
    assert sorted(values(await read_until(subscription, count(24)))) == list(range(24))
    await subscription.close()


async def _make_again(log, event_log, topic):
    log.delete_topic(topic)
    for _ in range(200):
        if topic not in await event_log.topics():
            break
    await event_log.ensure_topics([topic])
