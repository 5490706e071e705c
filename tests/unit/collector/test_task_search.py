"""What a query string on Task asks for."""

from datetime import UTC, datetime, timedelta

import pytest
from outcome_collector.domain.task_search import Bound, Cursor, Search, cursor_text, read_search
from referral_contracts.errors import LahettiError
from service_runtime.ids import new_id

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_nothing_asked_is_everything_in_pages_of_fifty() -> None:
    assert read_search([]) == Search()


def test_references_with_and_without_their_type() -> None:
    search = read_search([("owner", "Organization/kotka,hamina"), ("focus", "ServiceRequest/a1,b2,Task/c3")])
    assert search.owners == ("kotka", "hamina")
    assert search.focuses == ("ServiceRequest/a1", "ServiceRequest/b2", "Task/c3")


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        ("gt2026-03-02T09:30:00.125Z", [("from", DAY + timedelta(hours=9, minutes=30, milliseconds=126))]),
        ("ge2026-03-02T09:30:00Z", [("from", DAY + timedelta(hours=9, minutes=30))]),
        ("lt2026-03-02T11:30:00+02:00", [("to", DAY + timedelta(hours=9, minutes=30))]),
        ("le2026-03-02T09:30:00Z", [("to", DAY + timedelta(hours=9, minutes=30, seconds=1))]),
        ("gt2026-03-02", [("from", DAY + timedelta(days=1))]),
        ("2026-03-02", [("from", DAY), ("to", DAY + timedelta(days=1))]),
        (
            "eq2026-03-02T09:30Z",
            [("from", DAY + timedelta(hours=9.5)), ("to", DAY + timedelta(hours=9.5, minutes=1))],
        ),
    ],
)
def test_times_mean_the_period_that_they_name(value: str, bounds: list[tuple[str, datetime]]) -> None:
    expected = tuple(Bound(side, at) for side, at in bounds)  # pyright: ignore[reportArgumentType]
    assert read_search([("_lastUpdated", value)]).bounds == expected


def test_two_times_make_a_window() -> None:
    search = read_search([("_lastUpdated", "ge2026-03-02"), ("_lastUpdated", "lt2026-03-03")])
    assert [bound.side for bound in search.bounds] == ["from", "to"]


def test_a_cursor_comes_back_as_it_went() -> None:
    cursor = Cursor(datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=UTC), new_id())
    assert read_search([("_cursor", cursor_text(cursor))]).cursor == cursor


def test_no_more_than_a_hundred_a_page() -> None:
    assert read_search([("_count", "100000")]).count == 100
    assert read_search([("_count", "0")]).count == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("owner", "Patient/x"),
        ("owner", "a b"),
        ("owner", ""),
        ("focus", "http://elsewhere/x y"),
        ("status", "accepted,gone"),
        ("_lastUpdated", "yesterday"),
        ("_lastUpdated", "2026-13-01"),
        ("_lastUpdated", "ne2026-03-02"),
        ("_lastUpdated", "le9999-12-31"),
        ("_count", "-1"),
        ("_count", "ten"),
        ("_cursor", "%%%"),
        ("_cursor", "MjAyNg"),
    ],
)
def test_a_value_that_is_not_understood_is_refused(name: str, value: str) -> None:
    assert _slug([(name, value)]) == ("invalid-parameter", name)


@pytest.mark.parametrize("name", ["patient", "owner:missing", "_sort", "name"])
def test_a_condition_that_is_not_known_is_never_left_out_in_silence(name: str) -> None:
    assert _slug([(name, "x")]) == ("unknown-parameter", name)


def test_a_name_that_looks_like_none_is_not_repeated() -> None:
    assert _slug([("<script>", "x")]) == ("unknown-parameter", "?")


@pytest.mark.parametrize("name", ["owner", "status", "focus", "_count", "_cursor"])
def test_a_condition_given_twice_is_refused(name: str) -> None:
    assert _slug([(name, "1"), (name, "1")]) == ("invalid-parameter", name)


def _slug(parameters: list[tuple[str, str]]) -> tuple[str, str]:
    with pytest.raises(LahettiError) as error:
        read_search(parameters)
    (issue,) = error.value.issues
    return issue.slug, issue.params["name"]
