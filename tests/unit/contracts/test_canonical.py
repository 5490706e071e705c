"""Whether two posts are the same request."""

import copy
import random
import uuid
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from referral_contracts.fhir.canonical import content_hash
from support.referrals import referral_bundle

from_builder = st.builds(
    referral_bundle,
    identifier=st.text("ABC123", min_size=1, max_size=8),
    municipality=st.sampled_from([None, "285", "286"]),
    reasons=st.lists(st.sampled_from(["overweight", "diabetes", "unemployment"]), min_size=1, unique=True),
    consent=st.sampled_from(["both", "none", "no-return"]),
    child=st.booleans(),
    hetu=st.booleans(),
    protected=st.booleans(),
    task_a_url=st.sampled_from([None, "https://ehr.example.org/fhir/Task/1"]),
)


def retried(bundle: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same again as an honest system sends it: fresh urn:uuids, another key order, new meta and text."""
    chance = random.Random(seed)
    names: dict[str, str] = {}

    def again(value: Any) -> Any:
        if isinstance(value, dict):
            keys = list(value)
            chance.shuffle(keys)
            return {key: again(value[key]) for key in keys}
        if isinstance(value, list):
            return [again(item) for item in value]
        if isinstance(value, str) and value.startswith("urn:uuid:"):
            return names.setdefault(value, f"urn:uuid:{uuid.UUID(int=chance.getrandbits(128), version=4)}")
        return value

    other = again(bundle)
    other["id"] = "another"
    for entry in other["entry"]:
        resource = entry["resource"]
        resource.setdefault("meta", {})["lastUpdated"] = "2026-03-02T10:00:00Z"
        resource["text"] = {"status": "generated", "div": "<div>…</div>"}
    chance.shuffle(other["entry"])
    return other


@settings(max_examples=100, deadline=None)
@given(bundle=from_builder, seed=st.integers(0, 2**32))
def test_an_honest_retry_has_the_same_hash(bundle: dict[str, Any], seed: int) -> None:
    """INVARIANT: a retry is recognised. Without it a lost answer becomes a second referral."""
    assert content_hash(retried(bundle, seed)) == content_hash(bundle)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, inner in enumerate(value) for leaf in leaves(inner, (*path, index))]
    return [path]


@settings(max_examples=100, deadline=None)
@given(bundle=from_builder, data=st.data())
def test_any_change_of_content_changes_the_hash(bundle: dict[str, Any], data: st.DataObject) -> None:
    """INVARIANT: other content under the same number is a conflict, never taken for the original."""
    content = [path for path in leaves(bundle) if path[0] == "entry" and path[-1] != "fullUrl"]
    path = data.draw(st.sampled_from(content))
    changed = copy.deepcopy(bundle)
    parent: Any = changed
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = "something else entirely"
    assert content_hash(changed) != content_hash(bundle)


def test_a_reference_to_another_entry_of_the_bundle_is_other_content() -> None:
    bundle = referral_bundle(identifier="R-1")
    changed = copy.deepcopy(bundle)
    requester = bundle["entry"][3]["fullUrl"]
    changed["entry"][1]["resource"]["performer"] = [{"reference": requester}]
    assert content_hash(changed) != content_hash(bundle)


def test_a_label_added_later_is_other_content() -> None:
    plain = referral_bundle(identifier="R-1")
    assert content_hash(plain) != content_hash(_labelled(plain))


def _labelled(bundle: dict[str, Any]) -> dict[str, Any]:
    other = copy.deepcopy(bundle)
    other["entry"][0]["resource"]["meta"] = {"security": [{"code": "TURVAKIELTO"}]}
    return other
