"""Reads what came over the wire: bytes to a dictionary, and every structural fault of a resource at once."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from referral_contracts.errors import Issue, refuse
from referral_contracts.fhir.structure import Element, Structure, is_resource, structure_of
from referral_contracts.operation_outcome import MOST_ISSUES

Resource = dict[str, Any]

DEEPEST = 100
"""Levels of JSON; FHIR's deepest honest resources stay below thirty."""

_NESTED = frozenset({dict, list})
_MAYBE_A_KEY = re.compile(rb'"\s*:').findall
_ELEMENT_NAME = re.compile(r"_?[a-z][A-Za-z]{0,40}").fullmatch


def parse(raw: bytes) -> Resource:
    """The JSON object in `raw`.

    Raises LahettiError `malformed-json` for anything else: other JSON, a key given twice in one object, NaN,
    bytes that are not UTF-8, or more than a hundred levels.
    """
    try:
        value = orjson.loads(raw)
        keys = _keys(value)
        # As many keys as there can be in the text: none is given twice. Otherwise a string looks like a key,
        # or one key is; only then the slower reader decides.
        if keys != len(_MAYBE_A_KEY(raw)):
            json.loads(raw, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise refuse("malformed-json") from None
    if not isinstance(value, dict):
        raise refuse("malformed-json")
    return value


def check(resource: Resource, resource_type: str, *, path: str | None = None) -> list[Issue]:
    """All structural faults of `resource` against R4's `resource_type`, at most fifty; an empty list when it
    is sound.

    Issues have the slugs `unknown-resource-type`, `unknown-element`, `required-element`, `wrong-cardinality`,
    `invalid-value` and `unknown-code`, and as expression the FHIRPath that starts at `path` (the type's name
    unless given). They never hold a value of the resource; an unknown element is named only where its name
    looks like one.
    """
    issues: list[Issue] = []
    for issue in _faults_of_resource(resource, path or resource_type, resource_type):
        issues.append(issue)
        if len(issues) == MOST_ISSUES:
            break
    return issues


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice in one object")


def _keys(value: Any) -> int:
    """How many keys the objects inside have together. Raises ValueError below `DEEPEST` levels."""
    keys, level = 0, [value]
    for _ in range(DEEPEST):
        objects = [item for item in level if type(item) is dict]
        keys += sum(map(len, objects))
        inner = [part for item in objects for part in item.values() if type(part) in _NESTED]
        level = [part for item in level if type(item) is list for part in item if type(part) in _NESTED]
        level += inner
        if not level:
            return keys
    raise ValueError("too deep")


def _faults_of_resource(value: Any, path: str, expected: str | None = None) -> Iterator[Issue]:
    if not isinstance(value, dict):
        yield Issue("wrong-cardinality" if isinstance(value, list) else "invalid-value", (path,))
        return
    name = value.get("resourceType")
    if name is None:
        yield Issue("required-element", (f"{path}.resourceType",))
    elif not isinstance(name, str) or not is_resource(name) or (expected is not None and name != expected):
        yield Issue("unknown-resource-type", (path,))
    else:
        yield from _faults_of_object(value, structure_of(name), path, resource=True)


def _faults_of_object(
    value: dict[str, Any], structure: Structure, path: str, *, resource: bool = False
) -> Iterator[Issue]:
    if not value:
        yield Issue("invalid-value", (path,))
    elements = structure.elements
    for name, content in value.items():
        element = elements.get(name)
        if element is None:
            if not (resource and name == "resourceType"):
                yield Issue("unknown-element", (f"{path}.{name}" if _ELEMENT_NAME(name) else path,))
        elif element.many:
            yield from _faults_of_list(content, element, f"{path}.{name}", value, name)
        elif isinstance(content, list):
            yield Issue("wrong-cardinality", (f"{path}.{name}",))
        elif element.check is None or not element.check(content) or element.codes is not None:
            yield from _faults_of_one(content, element, f"{path}.{name}")
    yield from _missing(value, structure, path)


def _missing(value: dict[str, Any], structure: Structure, path: str) -> Iterator[Issue]:
    """What must be there and is not, and what a choice holds twice. A primitive may have only extensions."""
    for name in structure.required:
        if name not in value and f"_{name}" not in value:
            yield Issue("required-element", (f"{path}.{name}",))
    for name, names, needed in structure.choices:
        given = len({choice for choice in names if choice in value or f"_{choice}" in value})
        if given > 1:
            yield Issue("wrong-cardinality", (f"{path}.{name}",))
        elif needed and given == 0:
            yield Issue("required-element", (f"{path}.{name}",))


def _faults_of_list(
    content: Any, element: Element, path: str, parent: dict[str, Any], name: str
) -> Iterator[Issue]:
    if not isinstance(content, list):
        yield Issue("wrong-cardinality", (path,))
        return
    if not content:
        yield Issue("invalid-value", (path,))
    # Lists of primitives run beside lists of their extensions, and null fills the gaps.
    paired = name.startswith("_") or f"_{name}" in parent
    for index, item in enumerate(content):
        if item is not None or not paired:
            yield from _faults_of_one(item, element, f"{path}[{index}]")


def _faults_of_one(content: Any, element: Element, path: str) -> Iterator[Issue]:
    if element.check is not None:
        if not element.check(content):
            yield Issue("invalid-value", (path,))
        elif element.codes is not None and content not in element.codes:
            yield Issue("unknown-code", (path,))
    elif element.type_name == "Resource":
        yield from _faults_of_resource(content, path)
    elif not isinstance(content, dict):
        yield Issue("invalid-value", (path,))
    else:
        assert element.type_name is not None  # noqa: S101 narrows for the type checker: one of the two is set
        yield from _faults_of_object(content, structure_of(element.type_name), path)
