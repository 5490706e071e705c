"""INVARIANT: validation answers issues for whatever JSON stands at whatever place; it never raises."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referral_contracts.fhir.validation import PROFILES, SUBMITTED, validate

_EXAMPLES = Path(__file__).resolve().parents[3] / "fhir-profiles" / "examples" / "valid"
_BUNDLE = "adult-exercise-referral.json"
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
_NAMES = st.sampled_from(["id", "type", "value", "coding", "system", "code", "reference", "url", "extension"])
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_NAMES, inner, max_size=2),
    max_leaves=4,
)
Place = tuple[Any, Any]


@cache
def _example() -> dict[str, Any]:
    return json.loads((_EXAMPLES / _BUNDLE).read_text())


def _places(value: Any) -> Iterator[Place]:
    """Each holder inside with each of its keys or indices."""
    if isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_anything_anywhere_in_a_referral_is_answered(data: st.DataObject) -> None:
    bundle = deepcopy(_example())
    holder, key = data.draw(st.sampled_from(list(_places(bundle))))
    holder[key] = data.draw(_ANYTHING)
    validate(bundle, resource_type="Bundle", entries=SUBMITTED)
    for entry in bundle.get("entry") if isinstance(bundle.get("entry"), list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if isinstance(kind, str):
            validate(resource, PROFILES.get(kind))


@pytest.mark.parametrize("said", [["Patient"], {"a": 1}, 7, True])
def test_a_reference_whose_type_is_no_word_is_refused(said: object) -> None:
    bundle = deepcopy(_example())
    request = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "ServiceRequest"
    )
    request["subject"]["type"] = said
    places = {place for issue in validate(request, SUBMITTED["ServiceRequest"]) for place in issue.expression}
    assert "ServiceRequest.subject.type" in places
