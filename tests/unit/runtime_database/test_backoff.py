"""What failed is left alone for longer each time."""

from service_runtime.backoff import Backoff
from service_runtime.clock import SystemClock


class Clock(SystemClock):
    seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


def test_each_failure_in_a_row_doubles_the_wait_up_to_the_most() -> None:
    clock = Clock()
    backoff: Backoff[str] = Backoff(clock, first=1.0, most=5.0)
    waits: list[float] = []
    for _ in range(5):
        backoff.failed("topic")
        waits.append(backoff.next_in() or 0.0)
        clock.seconds += waits[-1]
    assert waits == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_thing_is_postponed_until_its_wait_is_over() -> None:
    clock = Clock()
    backoff: Backoff[str] = Backoff(clock, first=1.0, most=5.0)
    backoff.failed("a")
    clock.seconds += 0.5
    backoff.failed("b")
    assert backoff.postponed() == ["a", "b"]
    assert backoff.next_in() == 0.5
    clock.seconds += 0.5
    assert backoff.postponed() == ["b"]
    clock.seconds += 0.5
    assert backoff.postponed() == []
    assert backoff.next_in() is None


def test_a_success_forgets_the_failures() -> None:
    backoff: Backoff[str] = Backoff(Clock(), first=1.0, most=5.0)
    backoff.failed("a")
    backoff.failed("a")
    backoff.worked("a")
    backoff.worked("never failed")
    assert backoff.postponed() == []
    backoff.failed("a")
    assert backoff.next_in() == 1.0


def test_what_failed_long_ago_is_forgotten() -> None:
    clock = Clock()
    backoff: Backoff[str] = Backoff(clock, first=1.0, most=5.0)
    for _ in range(3):
        backoff.failed("a")
    clock.seconds += 60
    assert backoff.postponed() == []
    backoff.failed("a")
    assert backoff.next_in() == 1.0
