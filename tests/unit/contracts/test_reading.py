"""Reading what came over the wire."""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st
from referral_contracts.error_catalogue import CATALOGUE
from referral_contracts.errors import LahettiError
from referral_contracts.fhir.reading import MOST_PARTS, parse
from referral_contracts.fhir.validation import validate
from support.referrals import referral_bundle

FULL = referral_bundle(
    identifier="R-1",
    child=True,
    hetu=True,
    interpreter=True,
    protected=True,
    test=True,
    task_a_url="https://ehr.example.org/fhir/Task/1",
    other_reason="Toive",
    performer="kotka-liikuntaneuvonta",
)
STRANGE: list[Any] = [
    None,
    "",
    "x",
    " padded",
    "0",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    ["x"],
    [None],
    {"x": 1},
    "2024-02-31",
]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document but the document itself."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from places(inner, (*path, step))


PLACES = list(places(FULL))


def changed(path: tuple[str | int, ...], act: str, value: Any) -> dict[str, Any]:
    bundle = copy.deepcopy(FULL)
    parent: Any = bundle
    for step in path[:-1]:
        parent = parent[step]
    if act == "remove":
        del parent[path[-1]]
    elif act == "replace":
        parent[path[-1]] = value
    elif isinstance(parent, dict):
        parent["strange"] = value
    else:
        parent.append(value)
    return bundle


def taken_by_the_models(bundle: dict[str, Any]) -> bool:
    try:
        Bundle.model_validate(bundle)
    except Exception:  # noqa: BLE001 they also fail with KeyError and TypeError
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(
    path=st.sampled_from(PLACES),
    act=st.sampled_from(["remove", "replace", "add"]),
    value=st.sampled_from(STRANGE),
)
def test_whatever_the_models_refuse_is_refused_here(
    path: tuple[str | int, ...], act: str, value: Any
) -> None:
    bundle = changed(path, act, value)
    issues = validate(bundle, resource_type="Bundle")
    if not taken_by_the_models(bundle):
        assert issues
    assert len(issues) <= 50
    assert all(issue.slug in CATALOGUE and len(issue.expression) == 1 for issue in issues)


def test_a_sound_bundle_has_no_issue() -> None:
    assert validate(FULL, resource_type="Bundle") == []
    assert taken_by_the_models(FULL)


def test_all_faults_are_told_at_once() -> None:
    bundle = copy.deepcopy(FULL)
    bundle["entry"][0]["resource"] |= {"birthDate": "tomorrow", "nickname": "Testi"}
    bundle["entry"][2]["resource"]["status"] = "sent"
    assert [(issue.slug, issue.expression[0]) for issue in validate(bundle, resource_type="Bundle")] == [
        ("invalid-value", "Bundle.entry[0].resource.birthDate"),
        ("unknown-element", "Bundle.entry[0].resource.nickname"),
        ("unknown-code", "Bundle.entry[2].resource.status"),
    ]


def test_at_most_fifty_faults_are_told() -> None:
    bundle = copy.deepcopy(FULL)
    bundle["entry"] *= 30
    for entry in bundle["entry"]:
        entry["strange"] = 1
    assert len(validate(bundle, resource_type="Bundle")) == 50


def test_no_value_and_no_name_of_the_sender_is_repeated() -> None:
    bundle = copy.deepcopy(FULL)
    bundle["entry"][0]["resource"] |= {"Aino Testinen": 1, "140578-901K": "x", "birthDate": "Salainen"}
    told = repr(validate(bundle, resource_type="Bundle"))
    assert "Testinen" not in told
    assert "140578" not in told
    assert "Salainen" not in told


def test_a_primitive_may_have_extensions_in_place_of_a_value() -> None:
    bundle = copy.deepcopy(FULL)
    patient = bundle["entry"][0]["resource"]
    unknown = {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
        ]
    }
    del patient["birthDate"]
    patient["_birthDate"] = unknown
    patient["name"][0] |= {"given": ["Testi", None], "_given": [None, unknown]}
    assert validate(bundle, resource_type="Bundle") == []


def test_a_resource_of_another_type_is_refused() -> None:
    assert [issue.slug for issue in validate({"resourceType": "Patient"}, resource_type="Task")] == [
        "unknown-resource-type"
    ]
    assert [issue.slug for issue in validate({"resourceType": "HumanName"}, resource_type="HumanName")] == [
        "unknown-resource-type"
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b"\xef\xbb\xbf{}x",
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b"[" * 100_000,
    ],
)
def test_what_is_not_one_plain_json_object_is_malformed(raw: bytes) -> None:
    with pytest.raises(LahettiError) as refused:
        parse(raw)
    assert [issue.slug for issue in refused.value.issues] == ["malformed-json"]


def test_a_body_of_countless_parts_is_refused_before_anything_looks_at_them() -> None:
    assert len(parse(b'{"entry": [%b{}]}' % (b"{}," * (MOST_PARTS - 3)))["entry"]) == MOST_PARTS - 2
    with pytest.raises(LahettiError) as refused:
        parse(b'{"entry": [%b{}]}' % (b"{}," * (MOST_PARTS - 2)))
    assert [issue.slug for issue in refused.value.issues] == ["too-many-parts"]


def test_a_sound_body_is_parsed() -> None:
    assert parse(orjson.dumps(FULL)) == FULL


def test_nesting_at_the_limit_is_read_and_checked() -> None:
    raw = (
        b'{"resourceType":"Patient","extension":'
        + b'[{"url":"urn:x","extension":' * 45
        + b"[]"
        + b"}]" * 45
        + b"}"
    )
    assert [issue.slug for issue in validate(parse(raw), resource_type="Patient")] == ["invalid-value"]
