"""How many referrals an agreement allows, and over which time."""

from datetime import date

import pytest
from referral_gateway.domain.agreements import Number, Period, Quota, period_of, quota_of
from support.counties import agreement, party


@pytest.mark.parametrize(
    ("period", "day", "name"),
    [
        ("month", date(2026, 3, 31), "2026-03"),
        ("month", date(2026, 4, 1), "2026-04"),
        ("quarter", date(2026, 3, 31), "2026-Q1"),
        ("quarter", date(2026, 4, 1), "2026-Q2"),
        ("quarter", date(2026, 12, 31), "2026-Q4"),
        ("year", date(2026, 12, 31), "2026"),
        ("agreement", date(2026, 12, 31), "all"),
    ],
)
def test_periods_are_those_of_the_calendar(period: Period, day: date, name: str) -> None:
    assert period_of(day, period) == name


def test_no_number_is_no_limit() -> None:
    one = party("kotka", "285")
    assert quota_of(agreement("exercise", [one]), one, date(2026, 3, 2)) is None


def test_a_common_number_is_shared_by_the_parties_and_an_own_one_stands_apart() -> None:
    kotka, kouvola = party("kotka", "285"), party("kouvola", "286")
    own = party("hamina", "075", number=Number(2, "month"))
    shared = agreement("exercise", [kotka, kouvola, own], number=Number(10, "year"))
    day = date(2026, 3, 2)
    common = Quota("exercise/2026", 10, line=Quota("exercise/waitlist", 0))
    assert quota_of(shared, kotka, day) == quota_of(shared, kouvola, day) == common
    alone = Quota("exercise/hamina/2026-03", 2, line=Quota("exercise/hamina/waitlist", 0))
    assert quota_of(shared, own, day) == alone


@pytest.mark.parametrize(
    ("most", "warn_at", "reached"),
    [
        (10, 80, {8: "warning", 10: "full"}),
        (3, 80, {3: "full"}),
        (1, 80, {1: "full"}),
        (7, 50, {4: "warning", 7: "full"}),
        (2, 1, {1: "warning", 2: "full"}),
        (2, 100, {2: "full"}),
        (0, 80, {}),
    ],
)
def test_each_state_is_reached_by_one_use_only(most: int, warn_at: int, reached: dict[int, str]) -> None:
    quota = Quota("exercise/2026", most, warn_at)
    told = {used: state for used in range(1, most + 1) if (state := quota.reached(used))}
    assert told == reached
    assert quota.state(most) == "full"
