"""FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html) as the JSON Patch that does the same.

Paths are of the simple kind that the specification asks for: names from the resource on, an index, and
`where(name = 'text')`. What a patch may touch, and whether the result is sound, is decided on the JSON Patch,
in one place for both.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonpatch  # pyright: ignore[reportMissingTypeStubs]

from referral_contracts.errors import refuse
from referral_contracts.fhir.validation.shapes import Shape, shape_of

MOST_OPERATIONS = 100

_TYPES = frozenset({"add", "insert", "delete", "replace", "move"})
_STEP = re.compile(
    r"\.([a-zA-Z]{1,60})(?:\[(\d{1,4})\])?(?:\.where\(\s*([a-zA-Z.]{1,60})\s*=\s*'([^'\\]{0,500})'\s*\))?"
)
_PATH = re.compile(rf"[A-Z][A-Za-z]{{1,40}}(?:{_STEP.pattern}){{0,10}}").fullmatch

Resource = Mapping[str, Any]
Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """An element of the resource: its JSON pointer's steps, its content, and the shape of its type."""

    steps: tuple[str, ...]
    content: Any
    shape: Shape | None

    @property
    def pointer(self) -> str:
        return "".join(f"/{step}" for step in self.steps)


def json_patch(parameters: Resource, resource: Resource) -> list[Operation]:
    """The operations of `parameters` on `resource`, each as it applies after those before it.

    Raises `patch-malformed` for what is no FHIRPath Patch, and `patch-inapplicable` where a path leads
    nowhere or to several places."""
    if parameters.get("resourceType") != "Parameters":
        raise refuse("patch-malformed")
    given: Any = parameters.get("parameter")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_OPERATIONS:  # pyright: ignore[reportUnknownArgumentType]
        raise refuse("patch-malformed")
    current: Any = resource
    operations: list[Operation] = []
    for one in given:  # pyright: ignore[reportUnknownVariableType]
        made = _operation(_parts(one), current)
        if made is not None:
            operations.append(made)
            current = _applied(current, made)
    return operations


def _applied(resource: Any, operation: Operation) -> Any:
    try:
        return jsonpatch.apply_patch(resource, [operation])  # pyright: ignore[reportUnknownMemberType]
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError, ValueError):
        raise refuse("patch-inapplicable") from None


def _parts(parameter: Any) -> Mapping[str, Any]:
    """The parts of one operation by name; a value that is given in parts is an object."""
    if not isinstance(parameter, dict) or parameter.get("name") != "operation":  # pyright: ignore[reportUnknownMemberType]
        raise refuse("patch-malformed")
    parts: dict[str, Any] = {}
    for part in _list(parameter.get("part")):  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        name, content = _named(part)
        if name in parts:
            raise refuse("patch-malformed")
        parts[name] = content
    if parts.get("type") not in _TYPES or not isinstance(parts.get("path"), str):
        raise refuse("patch-malformed")
    return parts


def _named(part: Any) -> tuple[str, Any]:
    """Name and content of a part."""
    if not isinstance(part, dict) or not isinstance(part.get("name"), str):  # pyright: ignore[reportUnknownMemberType]
        raise refuse("patch-malformed")
    known: dict[str, Any] = part
    if "part" in known:
        return known["name"], _object(_list(known["part"]))
    values = [name for name in known if name.startswith("value")]
    if len(values) != 1:
        raise refuse("patch-malformed")
    return known["name"], known[values[0]]


def _object(parts: Sequence[Any]) -> dict[str, Any]:
    """An element that has no type of its own, such as Task.output, from its parts; a choice is `value`."""
    made: dict[str, Any] = {}
    for part in parts:
        name, content = _named(part)
        if name == "value":
            name = next((member for member in part if member.startswith("value")), name)
        made[name] = [*made[name], content] if isinstance(made.get(name), list) else content
    return made


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise refuse("patch-malformed")
    return value  # pyright: ignore[reportUnknownVariableType]


def _operation(parts: Mapping[str, Any], resource: Resource) -> Operation | None:
    """One JSON Patch operation; None where a deletion finds nothing to delete."""
    places = _resolved(parts["path"], resource)
    kind = parts["type"]
    if kind == "delete" and not places:
        return None
    if len(places) != 1:
        raise refuse("patch-inapplicable")
    place = places[0]
    if kind == "delete":
        return {"op": "remove", "path": place.pointer}
    if kind == "move":
        ends = [f"{place.pointer}/{_index(parts, name)}" for name in ("source", "destination")]
        return {"op": "move", "from": ends[0], "path": ends[1]}
    if "value" not in parts:
        raise refuse("patch-malformed")
    value = parts["value"]
    if kind == "replace":
        return {"op": "replace", "path": place.pointer, "value": value}
    if kind == "insert":
        return {"op": "add", "path": f"{place.pointer}/{_index(parts, 'index')}", "value": value}
    return _addition(place, parts.get("name"), value)


def _addition(place: _Place, name: Any, value: Any) -> Operation:
    """What repeats grows at its end; anything else is set."""
    if not isinstance(name, str) or not isinstance(place.content, dict) or place.shape is None:
        raise refuse("patch-malformed" if not isinstance(name, str) else "patch-inapplicable")
    element = place.shape.elements.get(name)
    if element is None:
        raise refuse("patch-inapplicable")
    path = f"{place.pointer}/{name}"
    if not element.many:
        return {"op": "add", "path": path, "value": value}
    if name in place.content:
        return {"op": "add", "path": f"{path}/-", "value": value}
    return {"op": "add", "path": path, "value": [value]}


def _index(parts: Mapping[str, Any], name: str) -> int:
    value = parts.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10_000:
        raise refuse("patch-malformed")
    return value


def _resolved(path: str, resource: Resource) -> list[_Place]:
    """The places that `path` leads to. A list that repeats is one place until an index or a `where` picks."""
    if _PATH(path) is None:
        raise refuse("patch-malformed")
    kind = path.partition(".")[0]
    if kind != resource.get("resourceType"):
        raise refuse("patch-inapplicable")
    places = [_Place((), resource, shape_of(kind))]
    for name, index, where, text in _STEP.findall(path[len(kind) :]):
        places = [found for place in places for one in _items(place) for found in _child(one, name)]
        if index:
            places = [item for place in places for item in _items(place)][int(index) : int(index) + 1]
        if where:
            places = [item for place in places for item in _items(place) if _has(item.content, where, text)]
    return places


def _child(place: _Place, name: str) -> list[_Place]:
    """The element `name` where there is one; a choice is named without its type."""
    if not isinstance(place.content, dict) or place.shape is None:
        return []
    content: dict[str, Any] = place.content
    for key in content:
        element = place.shape.elements.get(key)
        if element is not None and (key == name or element.choice == name):
            shape = None if element.check is not None else _shape(element.type_name)
            return [_Place((*place.steps, key), content[key], shape)]
    return []


def _shape(name: str) -> Shape | None:
    try:
        return shape_of(name)
    except LookupError:
        return None


def _items(place: _Place) -> list[_Place]:
    if not isinstance(place.content, list):
        return [place]
    items: list[Any] = place.content
    return [_Place((*place.steps, str(index)), item, place.shape) for index, item in enumerate(items)]


def _has(value: Any, path: str, text: str) -> bool:
    """Whether what stands at `path` inside is that text."""
    if isinstance(value, list):
        return any(_has(item, path, text) for item in value)  # pyright: ignore[reportUnknownVariableType]
    if not path:
        return value == text
    name, _, rest = path.partition(".")
    return isinstance(value, dict) and _has(value.get(name), rest, text)  # pyright: ignore[reportUnknownMemberType]
