"""The personal identity code: only invented ones (900-999) stand here."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referral_contracts.fhir.hetu import birth_date, check_character, is_valid

CENTURIES = {1800: "+", 1900: "-YXWVU", 2000: "ABCDEF"}


@given(
    day=st.dates(date(1850, 1, 1), date(2049, 12, 31)),
    individual=st.integers(900, 999),
    data=st.data(),
)
def test_each_separator_of_a_century_is_read(day: date, individual: int, data: st.DataObject) -> None:
    sign = data.draw(st.sampled_from(CENTURIES[day.year // 100 * 100]))
    digits = f"{day:%d%m}{day.year % 100:02}"
    code = f"{digits}{sign}{individual}{check_character(digits, str(individual))}"
    assert birth_date(code) == day


@given(st.sampled_from("0123456789ABCDEFHJKLMNPRSTUVWXY"))
def test_only_one_check_character_is_right(check: str) -> None:
    assert is_valid(f"010180-901{check}") == (check == check_character("010180", "901"))


@pytest.mark.parametrize(
    "code",
    [
        "",
        "010180-901",
        "310280-901X",
        "010180*9018",
        "010180-9018 ",
        "0101800-901",
        "010180-001K",
        "٠١٠١٨٠-901X",
    ],
)
def test_what_has_another_form_is_refused(code: str) -> None:
    assert birth_date(code) is None
