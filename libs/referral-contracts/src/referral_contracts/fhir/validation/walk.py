"""The walk through a resource by R4's own types: structure, formats, codes, references and invariants."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from referral_contracts.fhir.validation.findings import Findings
from referral_contracts.fhir.validation.native import (
    has_value,
    repeated_contained,
    repeated_urls,
    useless_contained,
)
from referral_contracts.fhir.validation.rules import Rule
from referral_contracts.fhir.validation.scope import Resource, Scope, other_type, scope_of
from referral_contracts.fhir.validation.shapes import ANY_RESOURCE, Element, Shape, shape_named, shape_of
from referral_contracts.fhir.validation.sound import looks_of
from referral_contracts.fhir.validation.spoken import DOUBT, FAULTS

_NONE: Mapping[str, str] = {}
_ELEMENT_NAME = re.compile(r"_?[a-z][A-Za-z]{0,40}").fullmatch


class Walk:
    """One validation.

    `on_extension` is told each extension with its place, its holder's type and its scope, and answers whether
    a profile of it is known, which then asks for its value; `on_entry` is told each resource that is an entry
    of a Bundle. Of code systems that are `judged` elsewhere every code stands.
    """

    def __init__(
        self,
        findings: Findings,
        on_extension: Callable[[Resource, str, str, Scope], bool],
        on_entry: Callable[[Resource, Scope], None],
        judged: Container[str] = (),
    ) -> None:
        self._found = findings
        self._on_extension = on_extension
        self._on_entry = on_entry
        self._judged = judged
        self._ids: set[tuple[int, str]] = set()
        # What is asked of a value beyond its structure, by its type.
        self._more = dict.fromkeys(FAULTS, self._spoken)
        self._more |= {"Extension": self._extension, "Reference": self._reference}

    def resource(
        self, value: Any, path: str, expected: str | None = None, outer: Scope | None = None
    ) -> None:
        """Walk through a resource; `outer` is the scope of what contains it, or of its Bundle."""
        if not isinstance(value, dict):
            self._found.add("wrong-cardinality" if isinstance(value, list) else "invalid-value", path)
            return
        name = value.get("resourceType")
        if name is None:
            self._found.add("required-element", f"{path}.resourceType")
            return
        shape = shape_named(name)
        if shape is None or (expected is not None and name != expected):
            self._found.add("unknown-resource-type", path)
            return
        scope = scope_of(value, path, outer)
        self._object(value, shape, path, scope)
        if outer is None or outer.resource.get("resourceType") == "Bundle":
            for index in useless_contained(value):
                self._found.broken("dom-3", f"{path}.contained[{index}]")
            for index in repeated_contained(value):
                self._found.add("invalid-value", f"{path}.contained[{index}].id")
            for index in repeated_urls(value) if name == "Bundle" else ():
                self._found.add("invalid-value", f"{path}.entry[{index}].fullUrl")
            if outer is not None:
                self._on_entry(value, scope)

    def _object(self, value: Resource, shape: Shape, path: str, scope: Scope) -> None:
        before = len(self._found.issues)
        # Beside a primitive an id alone is enough: the primitive is the value, see `_labels_nothing`.
        if not value or (len(value) == 1 and "id" in value and shape.name != "Element"):
            self._found.add("invalid-value", path)
        looks = looks_of(shape.name)
        doubtful = [name for name, content in value.items() if not looks[name](content, scope)]
        for name in doubtful:
            self._element(name, value, shape, path, scope)
        chosen = self._chosen(value, shape, path) if shape.choices else _NONE
        self._missing(value, shape, chosen, path)
        self._labels(value, [name for name in doubtful if name[:1] == "_"], shape.elements, path)
        if shape.rules and len(self._found.issues) == before:
            self._rules(value, shape.rules, path, scope)

    def _element(self, name: str, value: Resource, shape: Shape, path: str, scope: Scope) -> None:
        content, element = value[name], shape.elements.get(name)
        if element is None:
            if name != "resourceType" or not shape.is_resource:
                self._found.add("unknown-element", f"{path}.{name}" if _ELEMENT_NAME(name) else path)
        elif element.many:
            self._many(content, element, f"{path}.{element.step}", scope, shape, (value, name))
        elif isinstance(content, list):
            self._found.add("wrong-cardinality", f"{path}.{element.step}")
        else:
            self._one(content, element, f"{path}.{element.step}", scope, shape)

    def _chosen(self, value: Resource, shape: Shape, path: str) -> Mapping[str, str]:
        """Under which name each choice is given; a second name is one too many."""
        chosen: dict[str, str] = {}
        for name in value:
            element = shape.elements.get(name)
            if element is not None and element.choice is not None:
                plain = name.removeprefix("_")
                if chosen.setdefault(element.choice, plain) != plain:
                    self._found.add("wrong-cardinality", f"{path}.{element.choice}")
        return chosen

    def _missing(self, value: Resource, shape: Shape, chosen: Mapping[str, str], path: str) -> None:
        """What must be there and is not; of a primitive extensions suffice."""
        for name in shape.required:
            if name not in value and f"_{name}" not in value:
                self._found.add("required-element", f"{path}.{name}")
        for choice in shape.required_choices:
            if choice not in chosen:
                self._found.add("required-element", f"{path}.{choice}")

    def _identified(self, name: Any, path: str, scope: Scope) -> None:
        """Refuse an element's id that another element of the same resource has."""
        if isinstance(name, str):
            known = (id(scope.resource), name)
            if known in self._ids:
                self._found.add("invalid-value", f"{path}.id")
            self._ids.add(known)

    def _labels(
        self, value: Resource, labels: Iterable[str], elements: Mapping[str, Element], path: str
    ) -> None:
        """What stands beside primitives; beside a code that is one of so many the code must stand itself."""
        for name in labels:
            plain = name[1:]
            if _labels_nothing(value[name], value.get(plain)):
                self._found.add("invalid-value", f"{path}.{plain}")
            elif plain not in value and plain in elements and elements[plain].codes is not None:
                self._found.add("required-element", f"{path}.{plain}")

    def _many(
        self,
        content: Any,
        element: Element,
        path: str,
        scope: Scope,
        holder: Shape,
        place: tuple[Resource, str],
    ) -> None:
        if not isinstance(content, list):
            self._found.add("wrong-cardinality", path)
            return
        if not content:
            self._found.add("invalid-value", path)
        # Lists of primitives run beside lists of their extensions, and null fills the gaps.
        parent, name = place
        paired = name[0] == "_" or f"_{name}" in parent
        for index, item in enumerate(content):
            if item is not None or not paired:
                self._one(item, element, f"{path}[{index}]", scope, holder)
            elif element.codes is not None:
                self._found.add("required-element", f"{path}[{index}]")

    def _one(self, content: Any, element: Element, path: str, scope: Scope, holder: Shape) -> None:
        before = len(self._found.issues)
        if element.check is not None:
            if not element.check(content):
                self._found.add("invalid-value", path)
        elif element.type_name == ANY_RESOURCE:
            self.resource(content, path, outer=scope)
        elif not isinstance(content, dict):
            self._found.add("invalid-value", path)
        else:
            if "id" in content:
                self._identified(content["id"], path, scope)
            self._object(content, shape_of(element.type_name), path, scope)
            if (more := self._more.get(element.type_name)) is not None:
                more(content, element, path, scope, holder)
        if len(self._found.issues) == before:
            if element.codes is not None and not element.codes.hold(content):
                self._found.add("unknown-code", path)
            self._rules(content, element.rules, path, scope)

    def _extension(self, value: Resource, element: Element, path: str, scope: Scope, holder: Shape) -> None:
        self._spoken(value, element, path, scope, holder)
        known = self._on_extension(value, path, holder.name, scope)
        if not known and ("extension" in value) == has_value(value):
            self._found.broken("ext-1", path)

    def _spoken(self, value: Resource, element: Element, path: str, _scope: Scope, holder: Shape) -> None:
        for slug, below in FAULTS[element.type_name](value, holder.name):
            if slug == DOUBT:
                if value["system"] not in self._judged:
                    self._found.doubt(path)
            else:
                self._found.add(slug, f"{path}.{below}")

    def _reference(self, value: Resource, element: Element, path: str, scope: Scope, _holder: Shape) -> None:
        reference = value.get("reference")
        if not isinstance(reference, str):
            return
        if not scope.admits(reference):
            self._found.add("invalid-value", f"{path}.reference")
        elif scope.dangles(reference):
            self._found.add("dangling-reference", f"{path}.reference")
        elif (allowed := other_type(value, element.targets, scope.find(reference))) is not None:
            self._found.add("wrong-target", path, allowed=", ".join(sorted(allowed)))

    def _rules(self, value: Any, rules: tuple[Rule, ...], path: str, scope: Scope) -> None:
        if not rules:
            return
        around = scope.around
        for rule in rules:
            if not rule.kept(value, around):
                self._found.broken(rule.key, path)


def _labels_nothing(beside: Any, value: Any) -> bool:
    """Whether what stands beside a primitive is an id alone where there is no value (ele-1)."""
    if isinstance(beside, list):
        values = value if isinstance(value, list) else []
        return any(
            _labels_nothing(one, values[n] if n < len(values) else None) for n, one in enumerate(beside)
        )
    return isinstance(beside, dict) and value is None and set(beside) == {"id"}
