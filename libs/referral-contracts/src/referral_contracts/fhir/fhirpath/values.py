"""Values of FHIRPath on plain JSON: how they are equal, compared, navigated and true or not."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from referral_contracts.fhir.table import row

Items = list[Any]
"""A collection; whoever gets one does not change it."""
TRUE: Items = [True]
FALSE: Items = [False]
NOTHING: Items = []


def told(value: bool | None) -> Items:
    """A condition as a collection: nothing where it cannot be said."""
    return TRUE if value else NOTHING if value is None else FALSE


class Around(NamedTuple):
    """What an expression can see beside its focus: `%resource` and `%rootResource`."""

    resource: Mapping[str, Any]
    root: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hollow:
    """A primitive without a value, only with extensions."""

    element: Any


is_dated = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d.*)?)?)?").fullmatch


@cache
def _choices() -> frozenset[str]:
    """The names of R4's choice elements (`value` for `valueString`)."""
    return frozenset((row("choices") or {})["names"])


@cache
def reader(name: str) -> Callable[[Items], Items]:
    """A function that gives the children of that name of every item, in order."""
    read = child_reader(name)

    def read_all(items: Items) -> Items:
        if len(items) == 1:  # as nearly always
            return read(items[0])
        return [found for item in items for found in read(item)]

    return read_all


@cache
def child_reader(name: str) -> Callable[[Any], Items]:
    """A function that gives the children of that name of one item."""
    beside = f"_{name}"
    elsewhere = _elsewhere(name)

    def read(item: Any) -> Items:
        if type(item) is not dict:
            return read(item.element) if type(item) is Hollow else NOTHING
        value = item.get(name)
        if value is not None:
            if type(value) is not list:
                return [value]
            return value if None not in value else [one for one in value if one is not None]
        if beside in item:
            labels = item[beside]
            return [Hollow(one) for one in (labels if isinstance(labels, list) else [labels])]
        return elsewhere(item) if elsewhere is not None else NOTHING

    return read


def _elsewhere(name: str) -> Callable[[dict[str, Any]], Items] | None:
    """A function that gives the child that stands under another name: a choice, or the type's own name; None
    where there is no other."""
    beside, start = f"_{name}", len(name)

    def chosen(item: dict[str, Any]) -> Items:
        for key, value in item.items():
            if key.startswith(name) and key[start : start + 1].isupper():
                return [value]
            if key.startswith(beside) and key[start + 1 : start + 2].isupper() and key[1:] not in item:
                return [Hollow(value)]
        return NOTHING

    def itself(item: dict[str, Any]) -> Items:
        return [item] if item.get("resourceType") == name else NOTHING

    if name in _choices():
        return chosen
    return itself if name[0].isupper() else None


def children(items: Items) -> Items:
    """All children of every item."""
    found: Items = []
    for item in items:
        for name, value in item.items() if isinstance(item, dict) else ():
            if name != "resourceType" and (name[0] != "_" or name[1:] not in item):
                found += value if isinstance(value, list) else [value]
    return found


def descendants(items: Items) -> Items:
    """All children, their children, and so on."""
    found: Items = []
    level = children(items)
    while level:
        found += level
        level = children(level)
    return found


def truth(items: Items) -> bool | None:
    """A collection as a condition: None where it is empty; one item that is no boolean is true."""
    if not items:
        return None
    return items[0] if len(items) == 1 and type(items[0]) is bool else True


def equal(one: Any, other: Any) -> bool | None:
    """Whether two items are equal; None where dates of different precision leave it open."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str) and one != other and is_dated(one) and is_dated(other):
        order = _dates(one, other)
        return None if order is None else order == 0
    return one == other


def compared(one: Any, other: Any) -> int | None:
    """Below zero, zero or above as `one` is less than, as great as or greater than `other`; None where it
    cannot be said."""
    if isinstance(one, str) and isinstance(other, str):
        if is_dated(one) and is_dated(other):
            return _dates(one, other)
        return (one > other) - (one < other)
    if isinstance(one, dict) and isinstance(other, dict):
        if any(one.get(name) != other.get(name) for name in ("system", "code", "unit")):
            return None
        return compared(one.get("value"), other.get("value"))
    if _is_number(one) and _is_number(other):
        return (one > other) - (one < other)
    return None


def is_of_type(value: Any, name: str) -> bool:
    """Whether `value` is of the primitive type or resource type of that name."""
    match name.lower():
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "decimal":
            return _is_number(value)
        case _:
            return isinstance(value, dict) and value.get("resourceType") == name


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _dates(one: str, other: str) -> int | None:
    """The order of two FHIR dates or dateTimes, as far as both say it."""
    if "T" in one and "T" in other:
        moments = _moment(one), _moment(other)
        return (moments[0] > moments[1]) - (moments[0] < moments[1])
    for mine, theirs in zip(_parts(one), _parts(other), strict=False):
        if mine != theirs:
            return 1 if mine > theirs else -1
    return 0 if len(one) == len(other) else None


def _parts(text: str) -> Iterator[int]:
    return (int(part) for part in text.partition("T")[0].split("-"))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(":60", ":59"))
