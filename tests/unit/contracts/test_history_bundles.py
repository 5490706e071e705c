"""The history of one resource: as much of it as is asked for, in pages that stay put."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from referral_contracts.errors import LahettiError
from referral_contracts.fhir.search.versions import Version, history_bundle, read_history_query

BASE = "https://lahetti.example/fhir"
ADDRESS = f"{BASE}/Task/t/_history"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def versions(newest: int) -> list[Version]:
    """The newest first, an hour apart."""
    return [
        Version(
            "Task",
            "t",
            number,
            AT + timedelta(hours=number),
            orjson.dumps({"resourceType": "Task", "id": "t"}),
        )
        for number in range(newest, 0, -1)
    ]


def told(newest: int, *given: tuple[str, str]) -> dict[str, Any]:
    return orjson.loads(history_bundle(versions(newest), read_history_query(given), BASE, ADDRESS))


def numbers(bundle: dict[str, Any]) -> list[str]:
    return [entry["response"]["etag"] for entry in bundle.get("entry", [])]


def test_the_whole_history_says_how_each_version_came_to_be() -> None:
    bundle = told(2)
    assert (bundle["total"], numbers(bundle)) == (2, ['W/"2"', 'W/"1"'])
    assert [entry["request"] for entry in bundle["entry"]] == [
        {"method": "PUT", "url": "Task/t"},
        {"method": "POST", "url": "Task"},
    ]
    assert bundle["link"] == [{"relation": "self", "url": ADDRESS}]
    for entry in bundle["entry"]:
        del entry["resource"]  # a Task in two words, which the model would refuse
    get_fhir_model_class("Bundle").model_validate(bundle)


def test_a_page_leads_to_the_next_whatever_came_since() -> None:
    first = told(5, ("_count", "2"))
    assert numbers(first) == ['W/"5"', 'W/"4"']
    assert first["link"][1] == {"relation": "next", "url": f"{ADDRESS}?_count=2&_cursor=4"}
    assert numbers(told(9, ("_count", "2"), ("_cursor", "4"))) == ['W/"3"', 'W/"2"']
    last = told(5, ("_count", "2"), ("_cursor", "2"))
    assert (numbers(last), len(last["link"])) == (['W/"1"'], 1)


@pytest.mark.parametrize(
    "since", ["2026-03-02T11:00:00Z", "2026-03-02T13:00:00+02:00", "2026-03-02T13:00:00 02:00"]
)
def test_from_a_time_on(since: str) -> None:
    bundle = told(4, ("_since", since))
    assert (numbers(bundle), bundle["total"]) == (['W/"4"', 'W/"3"', 'W/"2"'], 3)


def test_none_of_it_is_a_count() -> None:
    bundle = told(3, ("_count", "0"))
    assert (bundle["total"], "entry" in bundle, len(bundle["link"])) == (3, False, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [("_since", "x"), ("_since", ""), ("_count", "-1"), ("_cursor", "x"), ("_cursor", "9" * 10)],
)
def test_what_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(LahettiError) as error:
        read_history_query([(name, value)])
    assert [issue.slug for issue in error.value.issues] == ["invalid-parameter"]


def test_said_twice_is_refused() -> None:
    with pytest.raises(LahettiError):
        read_history_query([("_count", "1"), ("_count", "2")])


def test_what_is_not_known_is_refused_where_wanted() -> None:
    assert read_history_query([("_at", "2026"), ("_format", "json")]).used == ()
    with pytest.raises(LahettiError) as error:
        read_history_query([("_at", "2026")], strict=True)
    assert [issue.params for issue in error.value.issues] == [{"name": "_at"}]
