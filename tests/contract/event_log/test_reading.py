from support.event_logs import count, messages, opened, read_until, values

GROUP = "readers"


async def test_records_of_one_key_arrive_in_the_order_of_publication(event_log):
    """INVARIANT: order per key; a second lane for a key, or a publication that overtakes, breaks it."""
    await event_log.ensure_topics(["orders"])
    keys = [f"key-{n % 20}" for n in range(200)]
    for first in range(0, 200, 40):
        answers = await event_log.publish(messages("orders", keys[first : first + 40], first=first))
        assert answers == [None] * 40

    subscription = await event_log.subscribe(GROUP, "0", topics=["orders"])
    got = await read_until(subscription, count(200))

    assert sorted(values(got)) == list(range(200))
    for key in set(keys):
        numbers = [int(record.value) for record in got if record.key == key]
        assert numbers == sorted(numbers)
        assert len({record.lane for record in got if record.key == key}) == 1
    await subscription.close()


async def test_a_record_arrives_as_it_was_published(event_log):
    await event_log.ensure_topics(["whole"])
    [message] = messages("whole", ["käyttäjä"])
    await event_log.publish([message])

    subscription = await event_log.subscribe(GROUP, "0", topics=["whole"])
    [record] = await read_until(subscription, count(1))

    assert (record.topic, record.key, record.headers, record.value) == ("whole", "käyttäjä", {"n": "0"}, b"0")
    await subscription.close()


async def test_a_member_that_comes_back_goes_on_where_it_was(log):
    async with opened(log) as first:
        await first.ensure_topics(["resumed"])
        await first.publish(messages("resumed", ["a", "b", "c"]))
        subscription = await first.subscribe(GROUP, "0", topics=["resumed"])
        await read_until(subscription, count(3))
        await subscription.close()
    async with opened(log) as second:
        await second.publish(messages("resumed", ["a", "b"], first=3))
        subscription = await second.subscribe(GROUP, "0", topics=["resumed"])
        got = await read_until(subscription, count(2))
        assert sorted(values(got)) == [3, 4]
        await subscription.close()


async def test_each_group_reads_everything(event_log):
    await event_log.ensure_topics(["shared"])
    await event_log.publish(messages("shared", ["a", "b"]))
    for group in ("one", "two"):
        subscription = await event_log.subscribe(group, "0", topics=["shared"])
        assert sorted(values(await read_until(subscription, count(2)))) == [0, 1]
        await subscription.close()


async def test_a_topic_of_a_prefix_that_appears_later_is_read_from_its_beginning(event_log):
    await event_log.ensure_topics(["tasks.first", "elsewhere"])
    subscription = await event_log.subscribe(GROUP, "0", prefixes=["tasks."])
    await event_log.publish([*messages("tasks.first", ["a"]), *messages("elsewhere", ["x"], first=9)])
    assert values(await read_until(subscription, count(1))) == [0]

    await event_log.ensure_topics(["tasks.second"])
    await event_log.publish(messages("tasks.second", ["b", "c"], first=1))

    got = await read_until(subscription, count(2))
    assert sorted(values(got)) == [1, 2]
    assert {record.topic for record in got} == {"tasks.second"}
    await subscription.close()


async def test_a_topic_that_is_made_after_its_reader_is_read(event_log):
    await event_log.ensure_topics(["other"])
    subscription = await event_log.subscribe(GROUP, "0", topics=["late"])
    assert list(await subscription.poll(0.2)) == []
    await event_log.ensure_topics(["late"])
    await event_log.publish(messages("late", ["a"]))
    assert values(await read_until(subscription, count(1))) == [0]
    await subscription.close()


async def test_a_member_finds_a_new_topic_however_short_its_polls_are(event_log):
    """INVARIANT: no poll cuts a join short: one that is begun and forgotten reads nothing for ever."""
    await event_log.ensure_topics(["tasks.first"])
    subscription = await event_log.subscribe(GROUP, "0", prefixes=["tasks."])
    await event_log.publish(messages("tasks.first", ["a"]))
    await read_until(subscription, count(1), poll_seconds=0.002)
    for number in (1, 2, 3):
        await event_log.ensure_topics([f"tasks.{number}"])
        await event_log.publish(messages(f"tasks.{number}", ["a"], first=number))
        assert values(await read_until(subscription, count(1), poll_seconds=0.002)) == [number]
    await subscription.close()


async def test_a_record_that_nobody_of_ours_wrote_does_not_stop_the_lane(log, event_log):
    await event_log.ensure_topics(["foreign"])
    log.foreign_record("foreign")
    await event_log.publish(messages("foreign", [f"key-{n}" for n in range(12)]))

    subscription = await event_log.subscribe(GROUP, "0", topics=["foreign"])
    got = await read_until(subscription, count(13))

    [foreign] = [record for record in got if not record.value.isdigit()]
    assert foreign.key == ""
    await subscription.close()


async def test_installations_do_not_see_each_other(log, event_log):
    await event_log.ensure_topics(["mine"])
    log.prefix += "other."
    async with opened(log) as other:
        assert list(await other.topics()) == []
    assert list(await event_log.topics()) in (["mine"], ["mine", "other.mine"])
