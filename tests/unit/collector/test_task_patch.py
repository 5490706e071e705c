"""What a JSON Patch on a Task may touch, and what it asks for."""

from typing import Any

import orjson
import pytest
from outcome_collector.domain.task_patch import BY_PROVIDER, patched, read_patch, wanted_change
from outcome_collector.domain.task_state import Change
from referral_contracts.errors import LahettiError
from referral_contracts.systems import CONTACT_ATTEMPTS_EXTENSION, PROGRESS, STATUS_REASON

TASK: dict[str, Any] = {
    "resourceType": "Task",
    "id": "t",
    "meta": {"versionId": "1"},
    "status": "requested",
    "intent": "order",
    "owner": {"reference": "Organization/kotka"},
}


def wanted(*operations: dict[str, Any], task: dict[str, Any] = TASK) -> Change:
    return wanted_change(task, patched(task, list(operations), BY_PROVIDER))


def refused(*operations: dict[str, Any], task: dict[str, Any] = TASK) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(LahettiError) as error:
        wanted(*operations, task=task)
    return [(issue.slug, issue.expression) for issue in error.value.issues]


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def coded(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


def test_the_status_alone() -> None:
    assert wanted(replace("/status", "accepted")) == Change(status="accepted")


def test_the_same_status_again_is_no_move() -> None:
    assert wanted(replace("/status", "requested")) == Change()


def test_codes_and_words_that_come_along() -> None:
    reason = coded(STATUS_REASON, "other", text="Ohjaaja vaihtui.")
    change = wanted(
        replace("/status", "rejected"),
        add("/statusReason", reason),
        add("/businessStatus", coded(PROGRESS, "no-show")),
    )
    assert change == Change("rejected", "other", True, "no-show", True, True)


def test_a_note_is_a_comment() -> None:
    assert wanted(add("/note", [{"text": "Soitan huomenna."}])).commented
    assert not wanted(replace("/status", "accepted")).commented


@pytest.mark.parametrize("name", ["valueInteger", "valuePositiveInt"])
def test_the_number_of_contact_attempts_is_an_extension_of_the_reason(name: str) -> None:
    extension = [{"url": CONTACT_ATTEMPTS_EXTENSION, name: 3}]
    change = wanted(add("/statusReason", coded(STATUS_REASON, "client-not-reached", extension=extension)))
    assert change.contact_attempts == 3


def test_a_reason_taken_away_is_told_from_one_left_alone() -> None:
    paused = TASK | {"status": "on-hold", "statusReason": coded(STATUS_REASON, "waiting-for-place")}
    taken = wanted({"op": "remove", "path": "/statusReason"}, task=paused)
    assert (taken.reason, taken.sets_reason) == (None, True)
    left = wanted(add("/note", [{"text": "x"}]), task=paused)
    assert (left.reason, left.sets_reason) == (None, False)


def test_a_system_s_own_codes_may_stand_beside_ours() -> None:
    concept = {"coding": [{"system": "https://provider.example/codes", "code": "X1"},
                          {"system": STATUS_REASON, "code": "no-capacity"}]}  # fmt: skip
    assert wanted(add("/statusReason", concept)).reason == "no-capacity"


@pytest.mark.parametrize(
    "concept",
    [
        {"text": "vain sanoja"},
        coded("https://provider.example/codes", "no-capacity"),
        {
            "coding": [
                {"system": STATUS_REASON, "code": "no-capacity"},
                {"system": STATUS_REASON, "code": "other"},
            ]
        },
    ],
)
def test_a_reason_without_exactly_one_of_our_codes_is_refused(concept: dict[str, Any]) -> None:
    assert refused(add("/statusReason", concept)) == [("unknown-code", ("Task.statusReason",))]


@pytest.mark.parametrize(
    "element",
    [
        "owner",
        "focus",
        "for",
        "partOf",
        "intent",
        "code",
        "id",
        "meta",
        "restriction",
        "requester",
        "resourceType",
    ],
)
def test_an_element_that_is_not_the_provider_s_is_named(element: str) -> None:
    assert refused(add(f"/{element}", {})) == [("element-not-yours", (f"Task.{element}",))]


def test_all_foreign_elements_are_named_at_once_and_odd_ones_not_repeated() -> None:
    places = refused(
        add("/owner", {}), {"op": "remove", "path": "/focus"}, add("/<script>", 1), replace("", {})
    )
    assert [place for _, (place,) in places] == ["Task.owner", "Task.focus", "Task"]


def test_moving_away_is_changing() -> None:
    assert refused({"op": "move", "from": "/owner", "path": "/output"}) == [
        ("element-not-yours", ("Task.owner",))
    ]


def test_a_test_may_look_anywhere() -> None:
    looked = {"op": "test", "path": "/owner/reference", "value": "Organization/kotka"}
    assert wanted(looked, replace("/status", "accepted")).status == "accepted"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/status", "value": "accepted"},
        {"op": "remove", "path": "/note/3"},
        {"op": "replace", "path": "/output/0/type", "value": {}},
        {"op": "add", "path": "/note/x/y", "value": 1},
    ],
)
def test_what_cannot_be_applied_is_refused(operation: dict[str, Any]) -> None:
    assert refused(operation) == [("patch-inapplicable", ())]


@pytest.mark.parametrize(
    "operation",
    [
        add("/output", [{"valueString": "ilman tyyppiä"}]),
        add("/note", "ei lista"),
        add("/note", [{"text": ""}]),
        add("/executionPeriod", {"start": "eilen"}),
        add("/status", 7),
        {"op": "remove", "path": "/status"},
        add("/output", [{"type": {"text": "x"}, "valueString": "a", "valueInteger": 1}]),
    ],
)
def test_the_result_is_a_sound_task(operation: dict[str, Any]) -> None:
    ((_, (place,)), *_) = refused(operation)
    assert place.startswith("Task.")


OBSERVATION = {"resourceType": "Observation", "id": "steps", "status": "final", "code": {"text": "askeleet"}}
POINTER = {"type": {"text": "measure"}, "valueReference": {"reference": "#steps"}}


def test_a_measure_is_contained_and_pointed_to() -> None:
    assert wanted(add("/contained", [OBSERVATION]), add("/output", [POINTER])) == Change()


def test_nothing_else_is_contained() -> None:
    patient = {"resourceType": "Patient", "id": "p"}
    for contained in ([patient], [OBSERVATION, patient]):
        slugs = refused(add("/contained", contained), add("/output", [POINTER]))
        assert ("element-not-yours", ("Task.contained",)) in slugs
    assert refused(add("/contained", [OBSERVATION])) == [("invariant", ("Task.contained[0]",))]
    assert refused(add("/output", [POINTER])) == [("dangling-reference", ("Task.output[0].value.reference",))]


def test_the_document_before_stays_as_it_was() -> None:
    before = orjson.dumps(TASK)
    patched(TASK, [replace("/status", "accepted"), add("/note", [{"text": "x"}])], BY_PROVIDER)
    assert orjson.dumps(TASK) == before


def test_a_task_does_not_grow_without_end() -> None:
    assert refused(add("/note", [{"text": "x" * 1_048_576}])) == [("body-too-large", ())]


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"", "malformed-json"),
        (b"[{", "malformed-json"),
        (b"{}", "patch-malformed"),
        (b"[]", "patch-malformed"),
        (b"[1]", "patch-malformed"),
        (b'[{"op":"replace"}]', "patch-malformed"),
        (b'[{"op":"replace","path":"/status"}]', "patch-malformed"),
        (b'[{"op":"replace","path":"status","value":1}]', "patch-malformed"),
        (b'[{"op":"explode","path":"/status","value":1}]', "patch-malformed"),
        (b'[{"op":["add"],"path":"/status","value":1}]', "patch-malformed"),
        (b'[{"op":"move","path":"/status"}]', "patch-malformed"),
        (orjson.dumps([replace("/status", "x")] * 101), "patch-malformed"),
        (orjson.dumps([{"op": "copy", "from": "/note", "path": "/note/0/x"}] * 4), "patch-malformed"),
    ],
)
def test_what_is_no_json_patch_is_refused(body: bytes, slug: str) -> None:
    with pytest.raises(LahettiError) as error:
        read_patch(body)
    assert [issue.slug for issue in error.value.issues] == [slug]
