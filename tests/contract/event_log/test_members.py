"""Several members of a group, and what a kill does."""

import pytest
from service_runtime.event_log.port import MemberFencedError
from support.event_logs import (
    OtherProcess,
    count,
    in_order_per_key,
    messages,
    opened,
    read_until,
    values,
)

KEYS = [f"key-{n % 24}" for n in range(96)]


@pytest.mark.kill
async def test_what_was_not_committed_before_a_crash_is_read_again(log, event_log):
    await event_log.ensure_topics(["crash"])
    await event_log.publish(messages("crash", ["a"] * 4))
    with OtherProcess(log, "readers", "0", "crash", commit=False) as member:
        assert [member.reads()["value"] for _ in range(2)] == [0, 1]
        member.kill()

    subscription = await event_log.subscribe("readers", "0", topics=["crash"])
    assert values(await read_until(subscription, count(4))) == [0, 1, 2, 3]
    await subscription.close()


@pytest.mark.kill
async def test_when_one_of_two_members_is_killed_the_other_takes_its_lanes(log, event_log):
    """INVARIANT: every record reaches the group although a member dies; a lane left to the dead breaks it."""
    await event_log.ensure_topics(["two"])
    with OtherProcess(log, "readers", "1", "two", commit=True) as other:
        subscription = await event_log.subscribe("readers", "0", topics=["two"])
        here, there = [], []
        first = 0
        while not there:  # both have lanes once the other has read something
            await event_log.publish(messages("two", KEYS[:24], first=first))
            first += 24
            here += await read_until(subscription, lambda got: True)
            while len(here) + len(there) < first:
                here += await _read_once(subscription)
                there += other.has_read()
        lanes_there = {each["lane"] for each in there}
        other.kill()
        there += other.has_read()
    await event_log.publish(messages("two", KEYS, first=first))

    expected = set(range(first + len(KEYS))) - {each["value"] for each in there}
    here += await read_until(subscription, lambda got: expected <= set(values(here)) | set(values(got)))
    assert lanes_there <= {record.lane for record in here}
    assert in_order_per_key(here)
    await subscription.close()


async def test_the_lanes_are_shared_between_members(log, event_log):
    await event_log.ensure_topics(["shared"])
    async with opened(log, "second") as second:
        one = await event_log.subscribe("readers", "0", topics=["shared"])
        two = await second.subscribe("readers", "1", topics=["shared"])
        here, there, first = [], [], 0
        while not (here and there):
            await event_log.publish(messages("shared", KEYS, first=first))
            first += len(KEYS)
            here, there = [], []
            while len({*values(here), *values(there)}) < len(KEYS):
                here += await _read_once(one)
                there += await _read_once(two)
        assert not {record.lane for record in here} & {record.lane for record in there}
        await one.close()
        await two.close()


async def test_a_member_started_again_takes_over_at_once_and_the_old_one_is_fenced(log, event_log):
    await event_log.ensure_topics(["fenced"])
    old = await event_log.subscribe("readers", "0", topics=["fenced"])
    await event_log.publish(messages("fenced", ["a"]))
    await read_until(old, count(1))
    async with opened(log, "second") as second:
        new = await second.subscribe("readers", "0", topics=["fenced"])
        await event_log.publish(messages("fenced", ["a"], first=1))
        await read_until(new, lambda got: 1 in values(got))
        with pytest.raises(MemberFencedError):
            await read_until(old, lambda _: False)
        await new.close()
    await old.close()


async def _read_once(subscription):
    records = await subscription.poll(0.05)
    await subscription.commit({record.topic_lane: record.offset + 1 for record in records})
    return list(records)
