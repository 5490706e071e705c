"""What a query string asks for, whatever the type."""

from datetime import UTC, datetime, timedelta

import pytest
from referral_contracts.errors import LahettiError
from referral_contracts.fhir.search.dates import DateValue, period_of, read_date
from referral_contracts.fhir.search.definitions import SEARCHES, TASK
from referral_contracts.fhir.search.query import Cursor, Query, Reference, Token
from referral_contracts.fhir.search.reading import cursor_text, is_strict, read_query
from service_runtime.ids import new_id

HETUS = ["010190-901X", "311299A999Y", "urn:oid:1.2.246.21|010190-901X", "urn:oid:1.2.246.21|", "010190y901x"]


def asked(*given: tuple[str, str], strict: bool = True) -> Query:
    return read_query(TASK, given, strict=strict)


def values(*given: tuple[str, str]) -> list[object]:
    return [value for condition in asked(*given).conditions for value in condition.values]


def slug(*given: tuple[str, str], strict: bool = True) -> tuple[str, str | None]:
    with pytest.raises(LahettiError) as error:
        asked(*given, strict=strict)
    (issue,) = error.value.issues
    return issue.slug, issue.params.get("name")


def test_nothing_asked_is_everything_in_pages_of_fifty_oldest_change_first() -> None:
    assert asked() == Query("Task")
    assert (asked().count, asked().order, asked().descending) == (50, "_lastUpdated", False)


def test_commas_are_alternatives_and_repetitions_hold_together() -> None:
    query = asked(("status", "accepted,requested"), ("status", "http://hl7.org/fhir/task-status|accepted"))
    assert [len(condition.values) for condition in query.conditions] == [2, 1]


def test_tokens_with_and_without_system() -> None:
    assert values(("code", "fulfill,http://x|y,|z,http://x|")) == [
        Token(None, "fulfill"), Token("http://x", "y"), Token("", "z"), Token("http://x", None)
    ]  # fmt: skip


def test_references_with_and_without_their_type() -> None:
    given = values(("owner", "Organization/kotka,hamina"), ("focus", "a1,Task/c3,https://ehr.example.org/x"))
    texts = ["Organization/kotka", "Organization/hamina", "ServiceRequest/a1", "Task/c3"]
    assert given == [Reference(text) for text in [*texts, "https://ehr.example.org/x"]]


def test_a_reference_below_our_base_is_a_relative_one() -> None:
    given = [
        ("owner", "https://here.example/fhir/Organization/kotka"),
        ("focus", "https://there.example/fhir/x"),
    ]
    query = read_query(TASK, given, base="https://here.example/fhir")
    found = [value for condition in query.conditions for value in condition.values]
    assert found == [Reference("Organization/kotka"), Reference("https://there.example/fhir/x")]
    assert query.used == tuple(given)


def test_a_reference_may_name_its_type_beside_its_name() -> None:
    assert values(("focus:Task", "c3"), ("focus:Task", "Task/c3")) == [Reference("Task/c3")] * 2
    assert slug(("focus:Task", "ServiceRequest/c3")) == ("invalid-parameter", "focus")


@pytest.mark.parametrize(
    "name", ["status:not", "owner:missing", "owner:Patient", "_include:iterate", "_id:x"]
)
def test_a_modifier_that_is_not_offered_is_refused_also_where_handling_is_lenient(name: str) -> None:
    """INVARIANT: `status:not=active` answered without its condition would give what was to be left out."""
    assert slug((name, "x"), strict=False) == ("unknown-parameter", name)


def test_the_format_is_not_asked_of_the_search() -> None:
    query = asked(("_format", "json"), ("_pretty", "true"))
    assert (query.ignored, query.used) == ((), ())


def test_a_logical_reference_is_asked_for_by_identifier() -> None:
    assert values(("requester:identifier", "http://x|1")) == [Reference(identifier=Token("http://x", "1"))]


@pytest.mark.parametrize(
    ("text", "start", "width"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=365)),
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC), timedelta(days=28)),
        ("2026-12", datetime(2026, 12, 1, tzinfo=UTC), timedelta(days=31)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC), timedelta(days=1)),
        ("2026-03-02T11:30+02:00", datetime(2026, 3, 2, 9, 30, tzinfo=UTC), timedelta(minutes=1)),
        ("2026-03-02T09:30:00Z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC), timedelta(seconds=1)),
        ("2026-03-02T09:30:01.0Z", datetime(2026, 3, 2, 9, 30, 1, tzinfo=UTC), timedelta(seconds=0.1)),
    ],
)  # fmt: skip
def test_times_mean_the_period_that_they_name(text: str, start: datetime, width: timedelta) -> None:
    period = period_of(text)
    assert period is not None
    assert (period.start, period.end - period.start) == (start, width)


@pytest.mark.parametrize(
    ("prefix", "before", "overlapping", "within", "after"),
    [
        ("eq", False, False, True, False),
        ("gt", False, False, False, True),
        ("ge", False, False, True, True),
        ("lt", True, True, False, False),
        ("le", True, True, True, False),
        ("sa", False, False, False, True),
        ("eb", True, False, False, False),
    ],
)
def test_a_prefix_compares_periods(
    prefix: str, before: bool, overlapping: bool, within: bool, after: bool
) -> None:
    """Asked for 2 March; found 1 March, all of 1 and 2 March, noon of 2 March, 3 March."""
    value = read_date(f"{prefix}2026-03-02")
    assert value is not None
    both = DateValue("eq", value.period).period
    first, second, third = (period_of(f"2026-03-0{day}") for day in (1, 2, 3))
    noon = period_of("2026-03-02T12:00:00Z")
    assert first
    assert second
    assert third
    assert noon
    assert both == second
    assert [value.holds(one) for one in (first, noon, third)] == [before, within, after]
    wide = type(first)(first.start, second.end)
    assert value.holds(wide) is overlapping


def test_instants_inside_the_bounds_are_those_that_the_prefix_holds_for() -> None:
    """What a database compares gives the same as comparing periods."""
    instants = [f"2026-03-0{day}T{hour:02}:00:00.000Z" for day in (1, 2, 3) for hour in (0, 12, 23)]
    for prefix in ("eq", "gt", "ge", "lt", "le", "sa", "eb"):
        value = read_date(f"{prefix}2026-03-02")
        assert value is not None
        start, end = value.bounds
        for text in instants:
            period = period_of(text)
            assert period is not None
            bounded = (start is None or period.start >= start) and (end is None or period.start < end)
            assert bounded is value.holds(period), (prefix, text)


def test_a_cursor_comes_back_as_it_went() -> None:
    cursor = Cursor(datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=UTC), new_id())
    assert asked(("_cursor", cursor_text(cursor))).cursor == cursor


def test_no_more_than_a_hundred_a_page() -> None:
    assert asked(("_count", "100000")).count == 100


def test_what_comes_along_is_named_with_or_without_its_target() -> None:
    for text in ("Task:focus", "Task:focus:ServiceRequest"):
        assert [one.text for one in asked(("_include", text)).includes] == ["Task:focus"]
    assert slug(("_include", "Task:focus:Patient")) == ("invalid-parameter", "_include")
    assert slug(("_include", "*")) == ("invalid-parameter", "_include")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("owner", "Patient/x"), ("owner", "a b"), ("owner", ""), ("focus", "http://elsewhere/x y"),
        ("code", ""), ("code", "a,,b"), ("code", "|"), ("code", "a\x00b"), ("_id", "x|y"),
        ("_lastUpdated", "yesterday"), ("_lastUpdated", "2026-13-01"), ("_lastUpdated", "ne2026-03-02"),
        ("_lastUpdated", "le9999-12-31"), ("authored-on", ""), ("_count", "-1"), ("_count", "ten"),
        ("_cursor", "%%%"), ("_cursor", "MjAyNg"), ("_sort", "status"), ("_summary", "yes"), ("_total", "x"),
        ("_id", ",".join(["1"] * 101)),
    ],
)  # fmt: skip
def test_a_value_that_is_not_understood_is_refused_also_where_handling_is_lenient(
    name: str, value: str
) -> None:
    assert slug((name, value), strict=False) == ("invalid-parameter", name)


@pytest.mark.parametrize("name", ["_count", "_cursor", "_sort", "_summary", "_total"])
def test_what_is_said_about_results_is_said_once(name: str) -> None:
    first = {"_cursor": cursor_text(Cursor(datetime(2026, 3, 2, tzinfo=UTC), "x"))}.get(name, "1")
    assert slug((name, first), (name, first)) == ("invalid-parameter", name)


@pytest.mark.parametrize("name", ["identifier", "_has:x", "name", "_filter"])
def test_an_unknown_condition_is_refused_where_wanted_and_else_named(name: str) -> None:
    safe = name if name != "_has:x" else "_has:x"
    assert slug((name, "x")) == ("unknown-parameter", safe)
    lenient = asked((name, "x"), ("status", "accepted"), strict=False)
    assert (lenient.ignored, lenient.used) == ((safe,), (("status", "accepted"),))


def test_a_name_that_looks_like_none_is_not_repeated() -> None:
    assert slug(("<script>", "x")) == ("unknown-parameter", "?")
    assert asked(("<script>", "x"), strict=False).ignored == ("?",)


@pytest.mark.parametrize("hetu", HETUS)
@pytest.mark.parametrize("name", ["owner", "requester:identifier", "nonsense"])
def test_a_personal_identity_code_stands_in_no_address(name: str, hetu: str) -> None:
    """INVARIANT: addresses are logged by others; a code there could not be taken back."""
    assert slug((name, hetu), strict=False) == ("hetu-in-address", None)


@pytest.mark.parametrize("text", ["202603-0012", "01900000-0000-7000-8000-000000000000", "1010190-901X"])
def test_what_is_no_personal_identity_code_may_be_asked_for(text: str) -> None:
    assert not asked(("requester:identifier", f"http://x|{text}")).secret


def test_posted_it_is_taken_and_marked() -> None:
    query = read_query(TASK, [], [("requester:identifier", HETUS[2])], strict=True)
    assert query.secret


@pytest.mark.parametrize(
    ("prefer", "strict"),
    [("", False), ("handling=lenient", False), ("handling=strict", True), ("a=b, Handling = strict", True)],
)  # fmt: skip
def test_the_prefer_header_says_how_strictly_to_read(prefer: str, strict: bool) -> None:
    assert is_strict(prefer) is strict


def test_no_type_names_a_parameter_twice() -> None:
    for one in SEARCHES.values():
        names = [parameter.name for parameter in one.parameters]
        assert len(names) == len(set(names)), one.type
