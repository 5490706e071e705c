"""How a 429 lowers the rate at an endpoint, and how the rate comes back."""

from datetime import timedelta

import pytest
from service_runtime.delivery.pace import Pace, PaceLimits, let_go, slowed
from support.clocks import StandingClock

LIMITS = PaceLimits(full_per_second=16.0, least_per_second=1.0, ease_seconds=60.0)


def refused(pace: Pace | None, clock: StandingClock, *, took: float = 0.1, retry_after: float = 0.0) -> Pace:
    now = clock.now()
    return slowed(pace, now - timedelta(seconds=took), now, retry_after or None, LIMITS)


def test_each_refusal_halves_the_rate_down_to_the_least() -> None:
    clock, pace, rates = StandingClock(), None, list[float]()
    for _ in range(6):
        clock.move(5)
        pace = refused(pace, clock)
        rates.append(1 / pace.pause_seconds)
        assert pace.next_at == clock.now() + timedelta(seconds=pace.pause_seconds)
    assert rates == [8, 4, 2, 1, 1, 1]


def test_the_refusals_of_one_burst_halve_the_rate_once() -> None:
    """Sixteen attempts under way meet the same limit; counted one by one they would stop the endpoint."""
    clock = StandingClock()
    pace = first = refused(None, clock, took=2)
    for _ in range(15):
        clock.move(0.1)
        pace = refused(pace, clock, took=2)
    assert pace is first


@pytest.mark.parametrize(("said", "waits"), [(120.0, 120.0), (86_400.0, 3600.0), (0.001, 0.125)])
def test_a_retry_after_holds_back_the_endpoint_for_at_most_an_hour(said: float, waits: float) -> None:
    clock = StandingClock()
    pace = refused(None, clock, retry_after=said)
    assert pace.next_at - clock.now() == timedelta(seconds=waits)
    assert pace.eases_at > pace.next_at


def test_the_rate_doubles_each_minute_until_there_is_no_limit_again() -> None:
    clock, pace = StandingClock(), None
    for _ in range(3):
        clock.move(5)
        pace = refused(pace, clock)
    assert pace is not None
    rates: list[float] = []
    for _ in range(4):
        clock.move(61)
        pace = let_go(pace, clock.now(), LIMITS)
        if pace is None:
            break
        rates.append(1 / pace.pause_seconds)
        again = let_go(pace, clock.now(), LIMITS)
        assert again is not None
        assert again.pause_seconds == pace.pause_seconds
    assert (rates, pace) == ([4, 8], None)


def test_a_refusal_while_it_comes_back_halves_from_there() -> None:
    clock = StandingClock()
    pace = refused(refused(None, clock), clock, took=0)
    clock.move(61)
    eased = let_go(refused(pace, clock), clock.now(), LIMITS)
    assert eased is not None
    clock.move(1)
    assert refused(eased, clock).pause_seconds == 2 * eased.pause_seconds
