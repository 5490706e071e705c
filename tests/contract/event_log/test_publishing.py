import asyncio
from time import monotonic

from service_runtime.event_log.port import TopicMissingError
from support.event_logs import count, messages, read_until, values


async def test_only_the_messages_of_a_missing_topic_wait(event_log):
    await event_log.ensure_topics(["there"])
    mixed = [
        *messages("there", ["a"]),
        *messages("missing", ["a", "b"], first=1),
        *messages("there", ["a"], first=3),
    ]

    began = monotonic()
    answers = await event_log.publish(mixed)

    assert [type(answer) for answer in answers] == [
        type(None),
        TopicMissingError,
        TopicMissingError,
        type(None),
    ]
    assert monotonic() - began < 5, "a missing topic must not hold the others up"
    subscription = await event_log.subscribe("readers", "0", topics=["there"])
    assert values(await read_until(subscription, count(2))) == [0, 3]
    await subscription.close()


async def test_a_topic_can_be_published_to_as_soon_as_it_is_made(event_log):
    assert [type(a) for a in await event_log.publish(messages("new", ["a"]))] == [TopicMissingError]
    await event_log.ensure_topics(["new"])
    assert await event_log.publish(messages("new", ["a"])) == [None]


async def test_making_a_topic_again_changes_nothing(event_log):
    await event_log.ensure_topics(["kept"])
    await event_log.publish(messages("kept", ["a"]))
    await event_log.ensure_topics(["kept", "kept-too"])
    assert list(await event_log.topics()) == ["kept", "kept-too"]
    subscription = await event_log.subscribe("readers", "0", topics=["kept"])
    assert values(await read_until(subscription, count(1))) == [0]
    await subscription.close()


async def test_nothing_to_publish_is_fine(event_log):
    assert list(await event_log.publish([])) == []


async def test_a_record_is_read_by_a_waiting_member_at_once(event_log):
    await event_log.ensure_topics(["quick"])
    subscription = await event_log.subscribe("readers", "0", topics=["quick"])
    await event_log.publish(messages("quick", ["a"]))
    await read_until(subscription, count(1))
    waiting = asyncio.create_task(subscription.poll(10))
    await asyncio.sleep(0)
    began = monotonic()
    await event_log.publish(messages("quick", ["a"], first=1))
    assert values(await waiting) == [1]
    assert monotonic() - began < 0.8, "faster than the fallback poll"
    await subscription.close()
