"""Seek, pause, resume, commit and lag of single lanes."""

from service_runtime.event_log.port import TopicLane
from support.event_logs import count, messages, read_until, values


async def _reading(event_log, topic, keys):
    await event_log.ensure_topics([topic])
    await event_log.publish(messages(topic, keys))
    return await event_log.subscribe("readers", "0", topics=[topic])


async def test_a_lane_is_read_again_from_where_it_is_sought(event_log):
    subscription = await _reading(event_log, "sought", ["a"] * 5)
    got = await read_until(subscription, count(5), commit=False)
    await subscription.seek(got[2].topic_lane, got[2].offset)
    assert values(await read_until(subscription, count(3))) == [2, 3, 4]
    await subscription.close()


async def test_a_paused_lane_waits_and_the_others_go_on(event_log):
    keys = [f"key-{n}" for n in range(24)]
    subscription = await _reading(event_log, "paused", keys)
    got = await read_until(subscription, count(24), commit=False)
    slow = got[0].topic_lane
    await subscription.pause(slow)
    await subscription.seek(slow, min(record.offset for record in got if record.topic_lane == slow))

    await event_log.publish(messages("paused", keys, first=24))
    here = [record.value for record in got if record.topic_lane == slow]
    others = await read_until(subscription, count(24 - len(here)), commit=False)
    assert slow not in {record.topic_lane for record in others}

    await subscription.resume(slow)
    again = await read_until(subscription, count(2 * len(here)))
    assert {record.topic_lane for record in again} == {slow}
    assert values(again) == sorted(values(again))
    await subscription.close()


async def test_lanes_of_others_are_left_alone(event_log):
    subscription = await _reading(event_log, "own", ["a"])
    await read_until(subscription, count(1))
    foreign = TopicLane("not-read", 0)
    await subscription.pause(foreign)
    await subscription.seek(foreign, 0)
    await subscription.resume(foreign)
    await subscription.commit({foreign: 7})
    await event_log.publish(messages("own", ["a"], first=1))
    assert values(await read_until(subscription, count(1))) == [1]
    await subscription.close()


async def test_no_more_records_come_than_asked_for(event_log):
    subscription = await _reading(event_log, "many", [f"key-{n}" for n in range(30)])
    got = []
    while len(got) < 30:
        records = await subscription.poll(5, 7)
        assert 0 < len(records) <= 7
        got += records
    assert sorted(values(got)) == list(range(30))
    await subscription.close()


async def test_lag_is_what_waits_behind_the_committed_positions(event_log):
    subscription = await _reading(event_log, "lagging", [f"key-{n}" for n in range(12)])
    got = await read_until(subscription, count(12), commit=False)
    assert sum((await event_log.lag("readers")).values()) == 12

    first = {record.topic_lane: record.offset + 1 for record in reversed(got)}
    await subscription.commit(first)
    await subscription.close()
    lag = await event_log.lag("readers")
    assert {lane.topic for lane in lag} == {"lagging"}
    assert sum(lag.values()) == 12 - len(first)
    assert await event_log.lag("nobody") == {}
