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


async def _make_again(log, event_log, topic):
    log.delete_topic(topic)
    for _ in range(200):
        if topic not in await event_log.topics():
            break
    await event_log.ensure_topics([topic])
