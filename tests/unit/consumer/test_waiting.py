from service_runtime.consumer.waiting import Waiting
from service_runtime.event_log.port import Record, TopicLane
from support.clocks import StandingClock

LANE = TopicLane("events", 1)


def record(offset: int) -> Record:
    return Record(LANE.topic, LANE.lane, offset, "key", {}, b"")


def failed(waiting: Waiting, of: Record, after: float | None = None) -> float:
    waiting.failed(of)
    return waiting.postpone(LANE, after)


def test_each_failure_doubles_the_wait_to_a_limit():
    waiting = Waiting(StandingClock(), give_up_after=10_000)
    assert [failed(waiting, record(7)) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_handler_may_say_how_long():
    assert failed(Waiting(StandingClock(), give_up_after=600), record(7), 45) == 45


def test_no_wait_goes_past_the_moment_of_giving_up():
    clock = StandingClock()
    waiting = Waiting(clock, give_up_after=60)
    failed(waiting, record(7), 10)
    clock.move(50)
    assert failed(waiting, record(7), 3600) == 10


def test_a_record_is_tried_too_long_only_after_the_time_since_its_first_failure():
    clock = StandingClock()
    waiting = Waiting(clock, give_up_after=60)
    failed(waiting, record(7))
    clock.move(59)
    assert not waiting.too_long(record(7))
    clock.move(1)
    assert waiting.too_long(record(7))
    assert not waiting.too_long(record(8)), "another record of the lane has a time of its own"


def test_attempts_are_counted_for_the_record_that_waits():
    waiting = Waiting(StandingClock(), give_up_after=60)
    failed(waiting, record(7))
    failed(waiting, record(7))
    assert (waiting.attempts(record(7)), waiting.attempts(record(8))) == (2, 0)
    failed(waiting, record(8))
    assert waiting.attempts(record(8)) == 1
    waiting.handled(LANE)
    assert waiting.attempts(record(8)) == 0


def test_a_lane_whose_wait_is_over_is_told_of_once():
    clock = StandingClock()
    waiting = Waiting(clock, give_up_after=600)
    assert waiting.next_in() == float("inf")
    failed(waiting, record(7), 5)
    assert (waiting.take_due(), waiting.next_in()) == ([], 5)
    clock.move(5)
    assert waiting.next_in() == 0
    assert waiting.take_due() == [LANE]
    assert (waiting.take_due(), waiting.next_in()) == ([], float("inf"))
