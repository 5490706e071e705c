"""What an entry of a batch asks, and how its answer is told."""

import base64
from typing import Any

import orjson
import pytest
from referral_contracts.errors import LahettiError
from referral_contracts.fhir.batch import MOST_ENTRIES, answered, asked, entries_of

BASE = "https://lahetti.example/fhir"


def entry(method: Any, url: Any, resource: Any = None, **conditions: Any) -> dict[str, Any]:
    told = {"request": {"method": method, "url": url} | conditions}
    return told | ({"resource": resource} if resource is not None else {})


def refusal(given: Any) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(LahettiError) as refused:
        asked(given, 4, BASE)
    return refused.value.issues[0].slug, tuple(refused.value.issues[0].expression)


@pytest.mark.parametrize(
    "url",
    ["Task", "Task/1", "Task/1/_history/2", "Task?status=requested&_count=5", "metadata", "Patient/a-b.c"],
)
def test_a_reading_entry_is_its_request(url: str) -> None:
    for spelled in (url, f"{BASE}/{url}"):
        one = asked(entry("GET", spelled, ifNoneMatch='W/"3"'), 0, BASE)
        assert (one.method, one.url, one.body) == ("GET", url, b"")
        assert one.headers == {"If-None-Match": 'W/"3"'}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/Task",
        "../gateway/cases",
        "Task/../../collector/trace/1",
        "Task/..",
        "Task/./1",
        "Task/..?x=1",
        "Task//1",
        "Task/a/b/c/d",
        "Task/%2e%2e",
        "Task#x",
        "Task?status=a b",
        "Task?näin",
        "gateway/cases",
        "https://other.example/fhir/Task",
        f"{BASE}/",
        "Task\n",
        "Task?" + "a" * 2001,
        None,
        5,
        ["Task"],
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(url: Any) -> None:
    assert refusal(entry("GET", url)) == ("invalid-value", ("Bundle.entry[4].request.url",))


@pytest.mark.parametrize("method", ["TRACE", "get", "", None, 1, "CONNECT", ["GET"]])
def test_a_method_that_fhir_has_not_is_refused(method: Any) -> None:
    if isinstance(method, list):
        method = "GET "
    assert refusal(entry(method, "Task")) == ("invalid-value", ("Bundle.entry[4].request.method",))


@pytest.mark.parametrize("given", [None, "x", [], {}, {"request": None}, {"request": "GET Task"}])
def test_what_asks_nothing_is_refused(given: Any) -> None:
    assert refusal(given) == ("required-element", ("Bundle.entry[4].request",))


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "ä", 5, {}])
def test_a_condition_that_no_header_can_carry_is_refused(value: Any) -> None:
    given = entry("PUT", "Consent/1", {"resourceType": "Consent"}, ifMatch=value)
    assert refusal(given) == ("invalid-value", ("Bundle.entry[4].request.ifMatch",))


def test_a_writing_entry_carries_its_resource_and_its_conditions() -> None:
    resource = {"resourceType": "ServiceRequest", "status": "active"}
    one = asked(entry("POST", "ServiceRequest", resource, ifNoneExist="identifier=a|b"), 0, BASE)
    assert orjson.loads(one.body) == resource
    assert one.headers == {"Content-Type": "application/fhir+json", "If-None-Exist": "identifier=a|b"}
    assert refusal(entry("POST", "ServiceRequest")) == ("required-element", ("Bundle.entry[4].resource",))


def test_a_json_patch_comes_in_a_binary_and_a_fhirpath_patch_as_parameters() -> None:
    patch = b'[{"op": "replace", "path": "/status", "value": "accepted"}]'
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json"}
    one = asked(entry("PATCH", "Task/1", binary | {"data": base64.b64encode(patch).decode()}), 0, BASE)
    assert (one.body, one.headers["Content-Type"]) == (patch, "application/json-patch+json")
    one = asked(entry("PATCH", "Task/1", {"resourceType": "Parameters"}), 0, BASE)
    assert one.headers["Content-Type"] == "application/fhir+json"
    for spoiled in ({"data": "%%%"}, {}, {"data": 5}):
        place = "Bundle.entry[4].resource.data"
        assert refusal(entry("PATCH", "Task/1", binary | spoiled)) == ("invalid-value", (place,))
    other = binary | {"contentType": "application/xml-patch+xml"}
    assert refusal(entry("PATCH", "Task/1", other))[1] == ("Bundle.entry[4].resource.contentType",)


def test_so_many_entries_and_no_more() -> None:
    assert len(entries_of({"entry": [{}] * MOST_ENTRIES})) == MOST_ENTRIES
    assert entries_of({}) == []
    for spoiled, slug in (([{}] * (MOST_ENTRIES + 1), "too-many-entries"), ({}, "invalid-value")):
        with pytest.raises(LahettiError) as refused:
            entries_of({"entry": spoiled})
        assert refused.value.issues[0].slug == slug


def told(*given: Any, **more: Any) -> dict[str, Any]:
    return orjson.loads(orjson.dumps(answered(*given, **more)))


def test_an_answer_says_version_place_and_time() -> None:
    headers = {
        "etag": 'W/"2"',
        "location": "https://lahetti.example/fhir/ServiceRequest/1/_history/2",
        "last-modified": "Mon, 02 Mar 2026 09:00:00 GMT",
    }
    assert told(201, headers, b'{"resourceType":"ServiceRequest"}') == {
        "resource": {"resourceType": "ServiceRequest"},
        "response": {
            "status": "201 Created",
            "etag": 'W/"2"',
            "location": "https://lahetti.example/fhir/ServiceRequest/1/_history/2",
            "lastModified": "2026-03-02T09:00:00+00:00",
        },
    }


def test_a_refusal_is_the_outcome_of_its_entry() -> None:
    outcome = {"resourceType": "OperationOutcome"}
    assert told(404, {}, orjson.dumps(outcome)) == {
        "response": {"status": "404 Not Found", "outcome": outcome}
    }
    assert told(200, {}, orjson.dumps(outcome)) == {"response": {"status": "200 OK"}, "resource": outcome}
    assert "outcome" in told(200, {}, orjson.dumps(outcome), about_change=True)["response"]
    assert told(304, {"etag": 'W/"1"'}, b"") == {"response": {"status": "304 Not Modified", "etag": 'W/"1"'}}
