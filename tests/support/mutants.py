"""Mutants of the examples: one change to one element that a profile speaks of."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from support.example_resources import profiled
from support.examples import ROOT
from support.mutant_values import another_code, another_coding, dates, enriched, other_types, references

RESOURCES = ROOT / "fhir-profiles" / "resources"
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}|$)")
_CODE_KEYS = frozenset(
    {"status", "intent", "priority", "use", "system", "type", "gender", "code", "valueCode"}
)
_TEXT_KEYS = frozenset({"display", "text", "valueString", "family", "comment", "unit"})
_HARMLESS_OF_TEN = 7
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}").fullmatch


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: `holder[key]`, in a dictionary or a list."""

    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        return self.holder[self.key]


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the report. `element` is the id of an element of the profile's differential; the profile's
    type itself stands for any place in the resource."""

    profile: str
    element: str
    kind: str


def cells() -> Iterator[Cell]:
    """Every element that a profile speaks of, with every kind of mutant."""
    for profile in sorted(profiled()):
        structure = json.loads((RESOURCES / f"StructureDefinition-{profile}.json").read_text())
        for element in structure["differential"]["element"]:
            for kind in KINDS:
                yield Cell(profile, element["id"], kind)


def mutants(cell: Cell, count: int, number: int) -> list[dict[str, Any]]:
    """At most `count` different mutants of the cell, the same for the same seed `number`; fewer where the
    element admits fewer, none where its value has nothing of the kind."""
    bases = [one for one in profiled()[cell.profile] if list(_targets(one, cell))]
    if not bases:
        return []
    found: dict[str, dict[str, Any]] = {}

    @seed(number)
    @settings(
        max_examples=count * 2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        resource = copy.deepcopy(data.draw(st.sampled_from(bases)))
        if data.draw(st.integers(0, 3)):
            _enrich(resource, cell)
        places = list(_targets(resource, cell))
        harmless = [place for place in places if _is_soft(place, cell.kind)]
        wanted = harmless if harmless and data.draw(st.integers(0, 9)) < _HARMLESS_OF_TEN else places
        KINDS[cell.kind][1](data.draw, data.draw(st.sampled_from(wanted)))
        found.setdefault(json.dumps(resource, sort_keys=True), resource)

    collect()
    return list(found.values())[:count]


def _targets(resource: dict[str, Any], cell: Cell) -> Iterator[Place]:
    """The places inside the element's values that admit the kind."""
    steps = cell.element.split(".")[1:]
    for place in _places([Place([resource], 0)], steps):
        beside = Place(place.holder, f"_{place.key}")
        inside = [*_descend(place), *(_descend(beside) if _has(beside) and place.key != "display" else ())]
        for inner in inside:
            if KINDS[cell.kind][0](inner) and not (steps == [] and inner.value is resource):
                yield inner


def _places(places: Sequence[Place], steps: Sequence[str]) -> list[Place]:
    """Where the element's values are: each item of a list by itself."""
    for step in steps:
        name, _, piece = step.partition(":")
        inner: list[Place] = []
        for place in places:
            held = place.value
            if not isinstance(held, dict) or name not in held:
                continue
            items = held[name]
            inner += (
                [Place(items, n) for n in range(len(items))]
                if isinstance(items, list)
                else [Place(held, name)]
            )
        places = [one for one in inner if name != "extension" or _is_slice(one.value, piece)]
    return list(places)


def _enrich(resource: dict[str, Any], cell: Cell) -> None:
    steps = cell.element.split(".")[1:]
    for place in _places([Place([resource], 0)], steps)[:1] if steps else ():
        if isinstance(place.value, (dict, list)):
            place.holder[place.key] = enriched(place.value)
        elif isinstance(place.holder, dict):
            place.holder.setdefault(f"_{place.key}", enriched({}))


def _has(place: Place) -> bool:
    return isinstance(place.holder, dict) and place.key in place.holder


def _is_soft(place: Place, kind: str) -> bool:
    """Whether a mutant there is likely to be sound."""
    if isinstance(place.key, int):
        return kind == "duplicate" or (kind == "drop" and len(place.holder) > 1)
    if kind == "drop":
        return place.key == "id" or place.key in _TEXT_KEYS or place.key.startswith("_")
    return kind == "retype" and place.key in _TEXT_KEYS


def _is_slice(extension: Any, piece: str) -> bool:
    """`initiative` is the slice of the extension whose address ends so; `ableToServeProtected` alike."""
    words = re.sub(r"([A-Z])", r"-\1", piece).lower()
    return (
        extension["url"]
        .lower()
        .replace("patient-interpreterrequired", "interpreter-required")
        .endswith(words)
    )


def _descend(place: Place) -> Iterator[Place]:
    yield place
    value = place.value
    if isinstance(value, dict):
        for key in value:
            if key != "_display":  # the validator is not shown what displays have beside them
                yield from _descend(Place(value, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from _descend(Place(value, index))


def _drop(draw: Callable[..., Any], place: Place) -> None:
    del place.holder[place.key]


def _duplicate(draw: Callable[..., Any], place: Place) -> None:
    if isinstance(place.holder, list):
        place.holder.append(copy.deepcopy(place.value))
    elif isinstance(place.value, list):
        place.holder[place.key] = place.value + copy.deepcopy(place.value)
    else:
        place.holder[place.key] = [place.value, copy.deepcopy(place.value)]


def _retype(draw: Callable[..., Any], place: Place) -> None:
    place.holder[place.key] = draw(other_types(place.value))


def _recode(draw: Callable[..., Any], place: Place) -> None:
    value = place.value
    if isinstance(value, str):
        place.holder[place.key] = draw(another_code(value))
        return
    coding = draw(another_coding(value))
    beside = isinstance(place.holder, list) and draw(st.booleans())
    if beside:
        place.holder.insert(draw(st.integers(0, len(place.holder))), coding)
    else:
        place.holder[place.key] = coding


def _misdate(draw: Callable[..., Any], place: Place) -> None:
    place.holder[place.key] = draw(dates())


def _dangle(draw: Callable[..., Any], place: Place) -> None:
    place.holder[place.key] = draw(references(place.value))


def _is_coded(place: Place) -> bool:
    value = place.value
    if isinstance(value, dict):
        return "system" in value and "code" in value
    return isinstance(value, str) and place.key in _CODE_KEYS and _CODE(value) is not None


def _is_reference(place: Place) -> bool:
    value = place.value
    return isinstance(value, dict) and (
        isinstance(value.get("reference"), str) or ("identifier" in value and "display" in value)
    )


KINDS: dict[str, tuple[Callable[[Place], bool], Callable[[Callable[..., Any], Place], None]]] = {
    "drop": (lambda place: True, _drop),
    "duplicate": (lambda place: True, _duplicate),
    "retype": (lambda place: True, _retype),
    "recode": (_is_coded, _recode),
    "misdate": (lambda place: isinstance(place.value, str) and bool(_DATE.match(place.value)), _misdate),
    "dangle": (_is_reference, _dangle),
}
"""By kind: whether a place admits it, and what is done there."""
