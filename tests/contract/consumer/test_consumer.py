"""What a consumer promises its service, on both sets of engines."""

import asyncio
from time import monotonic

import pytest
from service_runtime.event_log.port import MemberFencedError
from service_runtime.ids import new_id
from service_runtime.results import DeadLetter, Done, Retry
from support.consumers import Handler, Workplace, event, eventually, unreadable
from support.event_logs import opened


class OutOfOrderError(Exception):
    """A handler's bug or bad luck."""


async def test_a_poll_is_one_transaction(workplace):
    handler = Handler()
    await workplace.event_log.publish([event(f"key-{n}", n) for n in range(50)])
    consumer = workplace.consumer(handler)
    async with workplace.running(consumer):
        await eventually(lambda: _committed(workplace, 50))
    assert len(handler.polls) < 20, "most events were handled together"
    assert sorted(handler.order) == list(range(50))
    assert consumer.counts.handled == 50
    assert await consumer.lag() == 0


async def test_an_event_is_handled_once_however_often_it_comes(workplace):
    handler, same = Handler(), new_id()
    first = [event("a", 1, id_=same), event("a", 1, id_=same), event("a", 2)]
    await workplace.event_log.publish(first)
    async with workplace.running(workplace.consumer(handler)):
        await eventually(lambda: _committed(workplace, 2))
        await workplace.event_log.publish([event("b", 1, id_=same), event("a", 3)])
        await eventually(lambda: _committed(workplace, 3))
    assert sorted(handler.order) == [1, 2, 3]


async def test_when_a_poll_fails_each_event_has_a_transaction_of_its_own_in_order(workplace):
    def answer(number, attempt):
        if number == 3 and attempt < 3:
            raise OutOfOrderError
        return Done()

    handler = Handler(answer)
    await workplace.event_log.publish([event("a", n) for n in range(6)])
    async with workplace.running(workplace.consumer(handler)):
        await eventually(lambda: _committed(workplace, 6))
    singles = [poll[0] for poll in handler.polls if len(poll) == 1]
    assert singles[:4] == [0, 1, 2, 3]
    done = list(dict.fromkeys(handler.order[handler.order.index(3, 6) :]))
    assert done == sorted(done)


async def test_a_lane_that_must_wait_does_not_hold_the_others_up(workplace):
    """INVARIANT: order per key survives a retry, and no other lane waits for it."""
    ready = asyncio.Event()
    handler = Handler(lambda number, _: Done() if number != 0 or ready.is_set() else Retry(0.05))
    slow = [event("slow", n) for n in range(3)]
    await workplace.event_log.publish(slow)
    async with workplace.running(workplace.consumer(handler)):
        await eventually(lambda: _attempted(handler, 0, 2))
        keys = [f"key-{n}" for n in range(40)]
        await workplace.event_log.publish([event(key, 100 + n) for n, key in enumerate(keys)])
        await eventually(lambda: _committed_at_least(workplace, 20))
        assert not {1, 2} & set(_alone(handler))
        ready.set()
        await eventually(lambda: _committed(workplace, 43))
    assert [number for number in dict.fromkeys(reversed(handler.order)) if number < 3] == [2, 1, 0]


async def test_what_can_never_be_handled_becomes_a_dead_letter_once_and_the_lane_goes_on(workplace):
    bad = new_id()
    handler = Handler(lambda number, _: DeadLetter("no such thing") if number == 1 else Done())
    await workplace.event_log.publish([event("a", 0), event("a", 1, id_=bad), event("a", 2)])
    consumer = workplace.consumer(handler)
    async with workplace.running(consumer):
        await eventually(lambda: _committed(workplace, 2))
    [letter] = await workplace.dead_letters()
    assert (letter["reason"], letter["event"], letter["attempts"]) == ("no such thing", bad, 1)
    assert (letter["topic"], letter["consumer"]) == ("events", "counter")
    assert consumer.counts.dead_lettered == 1
    assert await consumer.lag() == 0


async def test_a_record_that_cannot_be_read_is_a_dead_letter_before_the_rest_is_handled(workplace):
    handler = Handler()
    await workplace.event_log.publish([unreadable("a"), event("a", 0), unreadable("a"), event("a", 1)])
    async with workplace.running(workplace.consumer(handler)):
        await eventually(lambda: _committed(workplace, 2))
    letters = await workplace.dead_letters()
    assert [letter["reason"] for letter in letters] == ["not a CloudEvent of ours"] * 2
    assert "not json" not in str(letters)
    assert handler.order == [0, 1]


async def test_an_unreadable_record_read_again_is_the_same_dead_letter(log, workplace):
    """The consumer dies after it wrote the letter and before it committed the position."""
    ready = asyncio.Event()
    handler = Handler(lambda number, _: Done() if ready.is_set() else Retry(30))
    await workplace.event_log.publish([event("a", 0), unreadable("a")])
    async with workplace.running(workplace.consumer(handler)):
        await eventually(lambda: _letters(workplace, 1))
        await eventually(lambda: _attempted(handler, 0, 1))
    ready.set()
    async with opened(log) as again:
        consumer = Workplace(again, workplace.database).consumer(handler)
        async with workplace.running(consumer):
            await eventually(lambda: _committed(workplace, 1))
            await eventually(lambda: _caught_up(consumer))
    assert len(await workplace.dead_letters()) == 1


async def test_what_fails_for_too_long_is_given_up(workplace):
    def answer(number, attempt):
        if number == 0:
            raise OutOfOrderError
        return Done()

    handler = Handler(answer)
    await workplace.event_log.publish([event("a", 0), event("a", 1)])
    async with workplace.running(workplace.consumer(handler, give_up_after_seconds=1)):
        await eventually(lambda: _committed(workplace, 1))
    [letter] = await workplace.dead_letters()
    assert letter["reason"] == "not possible for too long"
    assert letter["attempts"] >= 2
    assert letter["first_at"] < letter["last_at"]
    assert handler.order[-1] == 1


async def test_the_loop_beats_and_stops_when_told(workplace):
    beats = 0

    def beat():
        nonlocal beats
        beats += 1

    async def has_beaten():
        return beats > 1

    consumer = workplace.consumer(Handler(), beat=beat)
    async with workplace.running(consumer):
        await eventually(has_beaten)
        began = monotonic()
    assert monotonic() - began < 5


async def test_a_consumer_whose_name_another_took_ends(log, workplace):
    await workplace.event_log.publish([event("a", 0)])
    old = asyncio.create_task(workplace.consumer(Handler()).run(asyncio.Event()))
    await eventually(lambda: _committed(workplace, 1))
    async with opened(log) as elsewhere:
        new = Workplace(elsewhere, workplace.database).consumer(Handler())
        async with workplace.running(new):
            with pytest.raises(MemberFencedError):
                await asyncio.wait_for(old, 30)


async def _committed(workplace, number):
    return await workplace.committed() == number


async def _committed_at_least(workplace, number):
    return await workplace.committed() >= number


async def _attempted(handler, number, times):
    return handler.attempts[number] >= times


async def _letters(workplace, number):
    return len(await workplace.dead_letters()) == number


async def _caught_up(consumer):
    return await consumer.lag() == 0


def _alone(handler):
    return [poll[0] for poll in handler.polls if len(poll) == 1]
