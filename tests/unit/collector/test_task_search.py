"""What a query on Task means for the rows of Tasks."""

from datetime import UTC, datetime

import pytest
from outcome_collector.domain.task_search import Between, OneOf, Search, task_search
from referral_contracts.errors import LahettiError
from referral_contracts.fhir.search.definitions import TASK
from referral_contracts.fhir.search.reading import read_query

DAY = datetime(2026, 3, 2, tzinfo=UTC)
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"


def searched(*given: tuple[str, str]) -> Search:
    return task_search(read_query(TASK, given, strict=True))


@pytest.mark.parametrize(
    ("name", "value", "facts"),
    [
        ("owner", "Organization/kotka,hamina", [OneOf("provider", ("kotka", "hamina"))]),
        ("status", "accepted", [OneOf("status", ("accepted",))]),
        ("status", "http://hl7.org/fhir/task-status|accepted", [OneOf("status", ("accepted",))]),
        ("status", "http://elsewhere|accepted", [OneOf("status", ())]),
        ("focus", "a1,Task/c3", [OneOf("focus", ("ServiceRequest/a1", "Task/c3"))]),
        ("patient", "Patient/p", [OneOf("referral", ("p",))]),
        ("subject", "p", [OneOf("referral", ("p",))]),
        ("code", "fulfill", [OneOf("kind", ("A", "B"))]),
        ("code", f"{TASK_CODE}|abort", [OneOf("kind", ("stop",))]),
        ("code", "approve", [OneOf("kind", ())]),
        ("part-of", "Task/r", [OneOf("referral", ("r",)), OneOf("kind", ("B", "stop"))]),
        ("requester:identifier", "ehr-1", [OneOf("client", ("ehr-1",))]),
        ("requester:identifier", "http://elsewhere|ehr-1", [OneOf("client", ())]),
        ("requester", "Organization/x", [OneOf("client", ())]),
        ("business-status", "opened", [OneOf("progress", ("opened",))]),
        ("_id", "1,2", [OneOf("id", ("1", "2"))]),
    ],
)
def test_a_condition_is_about_a_column(name: str, value: str, facts: list[OneOf]) -> None:
    assert searched((name, value)).facts == tuple(facts)


def test_every_parameter_of_tasks_means_something() -> None:
    values = {"token": "requested", "reference": "x", "date": "2026-03-02"}
    for parameter in TASK.by_name.values():
        search = searched((parameter.name, values[parameter.kind]))
        assert len(search.facts) + len(search.times) > 0, parameter.name


def test_two_times_make_a_window_and_alternatives_stay_together() -> None:
    search = searched(("_lastUpdated", "ge2026-03-02"), ("authored-on", "lt2026-03-02,gt2026-03-02"))
    assert search.times[0] == (Between("changed", DAY, None),)
    assert search.times[1][0] == Between("authored", None, DAY)
    assert len(search.times[1]) == 2
    assert search.polls
    assert not searched(("authored-on", "2026")).polls


def test_counting_gives_no_rows() -> None:
    assert (searched(("_summary", "count")).count, searched(("_summary", "count")).counted) == (0, True)
    assert searched(("_total", "accurate")).counted


def test_a_status_that_no_task_has_is_refused() -> None:
    with pytest.raises(LahettiError) as error:
        searched(("status", "accepted,gone"))
    assert error.value.issues[0].slug == "invalid-parameter"
