"""FHIRPath Patch as the JSON Patch that does the same."""

from typing import Any

import jsonpatch
import pytest
from referral_contracts.errors import LahettiError
from referral_contracts.fhir.fhirpath_patch import json_patch

TASK: dict[str, Any] = {
    "resourceType": "Task",
    "status": "requested",
    "intent": "order",
    "statusReason": {"coding": [{"system": "s", "code": "a"}]},
    "note": [{"text": "one"}, {"text": "two"}, {"text": "three"}],
    "output": [{"type": {"text": "visits"}, "valueString": "4/10"}],
}


def op(kind: str, path: str, *parts: dict[str, Any]) -> dict[str, Any]:
    named = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    return {"name": "operation", "part": [*named, *parts]}


def value(**content: Any) -> dict[str, Any]:
    return {"name": "value", **content}


def name(text: str) -> dict[str, Any]:
    return {"name": "name", "valueString": text}


def number(what: str, index: Any) -> dict[str, Any]:
    return {"name": what, "valueInteger": index}


def patched(*operations: dict[str, Any]) -> Any:
    parameters = {"resourceType": "Parameters", "parameter": list(operations)}
    return jsonpatch.apply_patch(TASK, json_patch(parameters, TASK))


@pytest.mark.parametrize(
    ("operation", "element", "expected"),
    [
        (op("replace", "Task.status", value(valueCode="accepted")), "status", "accepted"),
        (op("add", "Task", name("priority"), value(valueCode="urgent")), "priority", "urgent"),
        (
            op("add", "Task", name("note"), value(valueAnnotation={"text": "four"})), "note",
            [*TASK["note"], {"text": "four"}],
        ),
        (
            op("add", "Task", name("partOf"), value(valueReference={"reference": "Task/1"})), "partOf",
            [{"reference": "Task/1"}],
        ),
        (op("delete", "Task.statusReason"), "statusReason", None),
        (op("delete", "Task.businessStatus"), "businessStatus", None),
        (op("delete", "Task.note[1]"), "note", [TASK["note"][0], TASK["note"][2]]),
        (op("delete", "Task.note.where(text = 'two')"), "note", [TASK["note"][0], TASK["note"][2]]),
        (
            op("insert", "Task.note", number("index", 1), value(valueAnnotation={"text": "x"})), "note",
            [TASK["note"][0], {"text": "x"}, *TASK["note"][1:]],
        ),
        (
            op("move", "Task.note", number("source", 0), number("destination", 2)), "note",
            [*TASK["note"][1:], TASK["note"][0]],
        ),
        (
            op("replace", "Task.statusReason.coding.where(system='s').code", value(valueCode="b")),
            "statusReason", {"coding": [{"system": "s", "code": "b"}]},
        ),
        (
            op("add", "Task.statusReason", name("text"), value(valueString="why")),
            "statusReason", {**TASK["statusReason"], "text": "why"},
        ),
        (
            op("replace", "Task.output[0].value", value(valueString="5/10")),
            "output", [{"type": {"text": "visits"}, "valueString": "5/10"}],
        ),
        (
            op("add", "Task", name("output"), {"name": "value", "part": [
                {"name": "type", "valueCodeableConcept": {"text": "group"}}, value(valueString="Tuesdays")]}),
            "output", [*TASK["output"], {"type": {"text": "group"}, "valueString": "Tuesdays"}],
        ),
    ],
)  # fmt: skip
def test_an_operation_does_what_r4_says(operation: dict[str, Any], element: str, expected: Any) -> None:
    after = patched(operation)
    assert after.get(element) == expected
    assert {key: after.get(key) for key in TASK if key != element} == {
        key: TASK[key] for key in TASK if key != element
    }


def test_each_operation_sees_what_those_before_it_made() -> None:
    after = patched(
        op("add", "Task", name("businessStatus"), value(valueCodeableConcept={"text": "x"})),
        op("replace", "Task.businessStatus.text", value(valueString="y")),
        op("delete", "Task.note[0]"),
        op("delete", "Task.note[0]"),
    )
    assert (after["businessStatus"], after["note"]) == ({"text": "y"}, [{"text": "three"}])


@pytest.mark.parametrize(
    ("parameters", "slug"),
    [
        ({}, "patch-malformed"),
        ({"resourceType": "Task"}, "patch-malformed"),
        ({"resourceType": "Parameters"}, "patch-malformed"),
        ({"resourceType": "Parameters", "parameter": []}, "patch-malformed"),
        ({"resourceType": "Parameters", "parameter": ["x"]}, "patch-malformed"),
        ({"resourceType": "Parameters", "parameter": [{"name": "x", "part": []}]}, "patch-malformed"),
        (op("upsert", "Task.status", value(valueCode="x")), "patch-malformed"),
        (op("replace", "Task.status"), "patch-malformed"),
        (op("replace", "Task.status | Task.note", value(valueCode="x")), "patch-malformed"),
        (op("replace", "Task.note.first()", value(valueCode="x")), "patch-malformed"),
        (op("replace", "Task.status", value(valueCode="x"), value(valueCode="y")), "patch-malformed"),
        (op("replace", "Task.status", value(valueCode="x", valueString="y")), "patch-malformed"),
        (op("add", "Task", value(valueCode="x")), "patch-malformed"),
        (op("insert", "Task.note", number("index", -1), value(valueAnnotation={})), "patch-malformed"),
        (op("insert", "Task.note", number("index", True), value(valueAnnotation={})), "patch-malformed"),
        (op("replace", "Patient.name", value(valueString="x")), "patch-inapplicable"),
        (op("replace", "Task.businessStatus", value(valueString="x")), "patch-inapplicable"),
        (op("delete", "Task.note.text"), "patch-inapplicable"),
        (op("insert", "Task.note", number("index", 9), value(valueAnnotation={})), "patch-inapplicable"),
        (op("add", "Task", name("nonsense"), value(valueString="x")), "patch-inapplicable"),
        (op("add", "Task.status", name("x"), value(valueString="x")), "patch-inapplicable"),
        (op("move", "Task.note", number("source", 7), number("destination", 0)), "patch-inapplicable"),
    ],
)  # fmt: skip
def test_what_is_none_or_does_not_fit_is_refused(parameters: dict[str, Any], slug: str) -> None:
    given = parameters
    if parameters.get("name") == "operation":
        given = {"resourceType": "Parameters", "parameter": [parameters]}
    with pytest.raises(LahettiError) as error:
        json_patch(given, TASK)
    assert [issue.slug for issue in error.value.issues] == [slug]
