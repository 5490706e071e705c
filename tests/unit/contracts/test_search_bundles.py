"""The Bundle that answers a search, and resources told in part."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from referral_contracts.errors import Issue
from referral_contracts.fhir.search.bundle import Hit, Page, searchset
from referral_contracts.fhir.search.definitions import SEARCHES, TASK
from referral_contracts.fhir.search.including import hits_of, referred
from referral_contracts.fhir.search.query import Cursor
from referral_contracts.fhir.search.reading import read_query
from referral_contracts.fhir.search.summaries import MANDATORY, SUMMARY, summarised
from referral_contracts.fhir.validation import validate

BASE = "https://lahetti.example/fhir"
TASK_1 = {
    "resourceType": "Task",
    "id": "1",
    "meta": {"versionId": "1"},
    "text": {"status": "generated", "div": "<div/>"},
    "status": "requested",
    "intent": "order",
    "focus": {"reference": "ServiceRequest/b"},
    "for": {"reference": "Patient/p"},
    "note": [{"text": "x"}],
}
HIT = Hit("Task", "1", orjson.dumps(TASK_1))
LAST = Cursor(datetime(2026, 3, 2, tzinfo=UTC), "1")


def answered(page: Page, *given: tuple[str, str], posted: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    return orjson.loads(searchset(page, read_query(TASK, given, posted), BASE, "fi"))


def test_nothing_found_is_a_bundle_without_entries() -> None:
    bundle = answered(Page((), total=0), ("status", "accepted"))
    assert bundle == {
        "resourceType": "Bundle", "type": "searchset", "total": 0,
        "link": [{"relation": "self", "url": f"{BASE}/Task?status=accepted"}],
    }  # fmt: skip


def test_the_next_page_asks_the_same_behind_the_last_match() -> None:
    bundle = answered(Page((HIT,), LAST), ("status", "requested"), ("_count", "1"), ("unknown", "x"))
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    assert links["self"] == f"{BASE}/Task?status=requested&_count=1"
    following = parse_qsl(urlsplit(links["next"]).query)
    assert read_query(TASK, following).cursor == LAST
    assert following[:2] == [("status", "requested"), ("_count", "1")]


def test_what_was_not_understood_is_named_beside_the_results_in_the_readers_language() -> None:
    bundle = answered(Page((HIT,), warnings=[Issue("include-withheld", (), {"type": "Patient"})]), ("x", "1"))
    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match", "outcome"]
    issues = bundle["entry"][1]["resource"]["issue"]
    assert [(one["severity"], one["details"]["coding"][0]["code"]) for one in issues] == [
        ("warning", "unknown-parameter"), ("warning", "include-withheld")
    ]  # fmt: skip
    assert "Hakuehtoa x ei tueta" in issues[0]["details"]["text"]


def test_what_was_posted_in_secret_stands_in_no_link() -> None:
    secret = (("requester:identifier", "urn:oid:1.2.246.21|010190-901X"),)
    bundle = answered(Page((HIT,), LAST), posted=secret)
    assert bundle["link"] == [{"relation": "self", "url": f"{BASE}/Task"}]


def test_included_resources_are_told_apart_and_read_back() -> None:
    patient = Hit("Patient", "p", b'{"resourceType":"Patient","id":"p"}')
    raw = searchset(Page((HIT,), included=(patient,)), read_query(TASK, []), BASE)
    assert [entry["search"]["mode"] for entry in orjson.loads(raw)["entry"]] == ["match", "include"]
    assert [(hit.type, hit.id) for hit in hits_of(200, raw, "Task")] == [("Task", "1")]


def test_what_matches_refer_to_is_found_once_and_only_at_home() -> None:
    elsewhere = Hit("Task", "2", orjson.dumps({"focus": {"reference": "https://ehr.example.org/fhir/X/1"}}))
    query = read_query(TASK, [("_include", "Task:focus"), ("_include", "Task:patient")])
    assert referred([HIT, HIT, elsewhere], query.includes) == {"ServiceRequest": ["b"], "Patient": ["p"]}


@pytest.mark.parametrize(
    ("summary", "there", "gone"),
    [
        ("true", {"status", "focus", "for"}, {"note", "text"}),
        ("text", {"status", "intent", "text"}, {"note", "focus"}),
        ("data", {"status", "note", "focus"}, {"text"}),
    ],
)
def test_a_summary_says_that_it_is_not_the_whole(summary: Any, there: set[str], gone: set[str]) -> None:
    told = orjson.loads(summarised(HIT.body, summary))
    assert there <= set(told)
    assert not gone & set(told)
    assert told["meta"]["tag"][0]["code"] == "SUBSETTED"
    bundle = answered(Page((HIT,)), ("_summary", summary))
    assert bundle["entry"][0]["resource"] == told


@pytest.mark.parametrize("kind", sorted(SUMMARY))
def test_summary_and_mandatory_elements_are_those_of_r4(kind: str) -> None:
    model: Any = get_fhir_model_class(kind)
    assert SUMMARY[kind] == set(model.summary_elements_sequence()) - {"id", "meta", "implicitRules"}
    needed = {
        field.alias or name
        for name, field in model.model_fields.items()
        if field.is_required() or (field.json_schema_extra or {}).get("element_required")
    }
    assert MANDATORY.get(kind, frozenset()) == needed


def test_a_summary_keeps_what_is_contained_as_far_as_it_refers_to_it() -> None:
    contained = [
        {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "#person"}},
        {"resourceType": "Practitioner", "id": "person", "name": [{"text": "Tarja Testaaja"}]},
        {"resourceType": "Observation", "id": "walk", "status": "final", "code": {"text": "x"}},
    ]
    whole = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "contained": contained,
        "subject": {"reference": "Patient/1"}, "requester": {"reference": "#role"},
        "supportingInfo": [{"reference": "#walk"}],
    }  # fmt: skip
    told = orjson.loads(summarised(orjson.dumps(whole), "true"))
    assert [one["id"] for one in told["contained"]] == ["role", "person"]
    assert "supportingInfo" not in told
    assert "contained" not in orjson.loads(summarised(orjson.dumps(whole), "text"))
    assert validate(told) == []


@pytest.mark.parametrize("summary", ["true", "text", "data"])
@pytest.mark.parametrize(
    "more",
    [
        {"resourceType": "Organization", "name": "Kotkan liikuntapalvelut", "active": True},
        {
            "resourceType": "Consent", "status": "active", "scope": {"text": "x"},
            "category": [{"text": "x"}], "policyRule": {"text": "x"}, "dateTime": "2026-03-02",
        },
        {
            "resourceType": "AuditEvent", "type": {"code": "rest"}, "recorded": "2026-03-02T09:00:00Z",
            "agent": [{"requestor": True}], "source": {"observer": {"display": "x"}},
        },
    ],
    ids=["Organization", "Consent", "AuditEvent"],
)  # fmt: skip
def test_a_summary_is_still_a_resource_that_keeps_r4(more: dict[str, Any], summary: Any) -> None:
    assert validate(more) == []
    assert validate(orjson.loads(summarised(orjson.dumps(more), summary))) == []


def test_every_searchable_type_has_its_summary() -> None:
    assert set(SEARCHES) <= set(SUMMARY)
