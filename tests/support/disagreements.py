"""Where our validator and the official one differ, and may: each with its reason, and none without."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referral_contracts.errors import Issue
from support.examples import ROOT
from support.oracle import Verdict

LISTED = ROOT / "tests" / "conformance" / "disagreements.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """A difference that is known. `side` is who refuses: `oracle` or `ours`; `says` is a pattern of what the
    refusing side says (the validator's text; our slug and place), `value` of the JSON that stands there."""

    name: str
    side: str
    says: str
    reason: str
    value: str = ""


def listed() -> list[Listed]:
    """All that are known."""
    return [Listed(**one) for one in json.loads(LISTED.read_text())]


def reasons(
    resource: Mapping[str, Any], verdict: Verdict, issues: Sequence[Issue], known: Sequence[Listed]
) -> set[str] | None:
    """The names of the listed reasons for which the two differ: empty where they agree, None where something
    that one of them refuses stands in no list."""
    if verdict.valid == (not issues):
        return set()
    side = "ours" if verdict.valid else "oracle"
    names: set[str] = set()
    for place, said in _said(verdict, issues):
        value = json.dumps(_value_at(resource, place), ensure_ascii=False)
        fitting = [
            one.name
            for one in known
            if one.side == side and re.search(one.says, said) and re.search(one.value, value)
        ]
        if not fitting:
            return None
        names.add(fitting[0])
    return names


def _said(verdict: Verdict, issues: Sequence[Issue]) -> Iterator[tuple[str, str]]:
    yield from ((place, f"{place}: {text}") for place, text in verdict.faults)
    yield from ((place, f"{one.slug} {place}") for one in issues for place in one.expression[:1] or ("",))


def _value_at(resource: Mapping[str, Any], place: str) -> Any:
    """What stands at a FHIRPath as the validators write it; None where there is nothing or no such place."""
    value: Any = resource
    beside: Any = None
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", place):
        if not isinstance(value, dict | list):
            value = beside  # inside a primitive: what stands under its name with an underscore
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        elif isinstance(value, dict):
            keys = [key for key in value if key == name or (name == "value" and key.startswith(name))]
            beside = value.get(f"_{keys[0] if keys else name}")
            value = value[keys[0]] if keys else beside
        else:
            return None
    return beside if beside in ({}, []) and not isinstance(value, dict | list) else value
