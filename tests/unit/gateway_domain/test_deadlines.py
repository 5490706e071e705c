"""Working days of the Finnish calendar."""

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referral_gateway.domain.deadlines import FINLAND, deadlines, is_working_day, working_day_after
from referral_gateway.domain.finnish_holidays import BY_YEAR
from referral_gateway.domain.pathways import Clocks

CLOCKS = Clocks(accept=1, contact=3, remind=1)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 1, 6),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 14),
        date(2026, 6, 19),
        date(2026, 12, 24),
        date(2026, 12, 25),
        date(2027, 12, 6),
        date(2026, 3, 7),
        date(2026, 3, 8),
    ],
)
def test_holidays_their_eves_and_weekends_are_no_working_days(day: date) -> None:
    assert not is_working_day(day)


def test_a_friday_evening_referral_is_answered_on_monday() -> None:
    friday = datetime(2026, 3, 6, 20, 0, tzinfo=FINLAND)
    assert deadlines(friday, CLOCKS).accept_by == datetime(2026, 3, 9, 16, 0, tzinfo=FINLAND)


def test_easter_is_counted_over() -> None:
    maundy_thursday = datetime(2026, 4, 2, 9, 0, tzinfo=FINLAND)
    after = deadlines(maundy_thursday, CLOCKS)
    assert after.accept_by == datetime(2026, 4, 7, 16, 0, tzinfo=FINLAND)
    assert after.contact_by == datetime(2026, 4, 9, 16, 0, tzinfo=FINLAND)


def test_the_day_is_finlands_not_utcs() -> None:
    late_in_utc = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert deadlines(late_in_utc, CLOCKS).accept_by.date() == date(2026, 3, 4)


@pytest.mark.parametrize(("day", "offset"), [(date(2026, 3, 27), 3), (date(2026, 10, 23), 2)])
def test_a_deadline_over_a_change_of_clocks_stays_at_four_o_clock(day: date, offset: int) -> None:
    accepted = datetime(day.year, day.month, day.day, 9, 0, tzinfo=FINLAND)
    due = deadlines(accepted, CLOCKS).accept_by
    assert (due.hour, due.utcoffset()) == (16, timedelta(hours=offset))


@given(day=st.dates(date(2020, 1, 1), date(2060, 1, 1)), count=st.integers(1, 30))
def test_exactly_so_many_working_days_lie_between(day: date, count: int) -> None:
    end = working_day_after(day, count)
    days = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(is_working_day(one) for one in days) == count
    assert is_working_day(end)


def test_the_table_is_what_the_library_of_holidays_says_and_lasts() -> None:
    for year, days in BY_YEAR.items():
        told = sorted(holidays.country_holidays("FI", years=year))
        assert days == " ".join(f"{day:%m%d}" for day in told), year
    assert max(BY_YEAR) >= datetime.now(UTC).year + 20
