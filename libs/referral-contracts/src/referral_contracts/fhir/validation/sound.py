"""The quick look: most values of plain data types are beyond doubt, and need no walk that notes places."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from referral_contracts.fhir.fhirpath import Around
from referral_contracts.fhir.validation.rules import Rule
from referral_contracts.fhir.validation.shapes import Element, Shape, shape_of
from referral_contracts.fhir.validation.spoken import FAULTS, Faults

_NEVER = frozenset({"Reference", "Extension", "Element", "Resource", "Narrative"})
"""Types of which more has to be known than the value itself."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A data type, as far as a value of it can be sound at a glance: of the elements that are not here, such
    as ids, extensions and choices, each needs the walk."""

    name: str
    elements: Mapping[str, Element]
    required: frozenset[str]
    rules: tuple[Rule, ...]
    faults: Callable[[Mapping[str, Any], str], Faults] | None


@cache
def plain_of(name: str) -> Plain | None:
    """The data type `name`; None for what has to be walked through."""
    if name in _NEVER:
        return None
    shape = shape_of(name)
    if shape.is_resource or shape.required_choices or "." in name:
        return None
    elements = {key: one for key, one in shape.elements.items() if _is_plain(key, one, shape)}
    return Plain(name, elements, frozenset(shape.required), shape.rules, FAULTS.get(name))


def _is_plain(name: str, element: Element, shape: Shape) -> bool:
    if name[0] == "_" or name == "id" or element.choice is not None or element.type_name in _NEVER:
        return False
    return element.check is not None or (
        element.type_name != shape.name and plain_of(element.type_name) is not None
    )


def is_beyond_doubt(value: Any, element: Element, holder: str, around: Around) -> bool:
    """Whether `value` is sound as what `element` of a `holder` says; False says that the walk has to find
    out."""
    if element.check is not None:
        if not element.check(value):
            return False
    else:
        plain = plain_of(element.type_name)
        if plain is None or not _is_sound(value, plain, holder, around):
            return False
    if element.codes is not None and not element.codes.hold(value):
        return False
    return not element.rules or _keeps(value, element.rules, around)


def _is_sound(value: Any, plain: Plain, holder: str, around: Around) -> bool:
    if type(value) is not dict or not value or not plain.required <= value.keys():
        return False
    elements, name = plain.elements, plain.name
    for step, content in value.items():
        element = elements.get(step)
        if element is None:
            return False
        if element.many:
            if not _are_beyond_doubt(content, element, name, around):
                return False
        elif not is_beyond_doubt(content, element, name, around):
            return False
    if plain.faults is not None and any(plain.faults(value, holder)):
        return False
    return not plain.rules or _keeps(value, plain.rules, around)


def _are_beyond_doubt(values: Any, element: Element, holder: str, around: Around) -> bool:
    if type(values) is not list or not values:
        return False
    for value in values:  # noqa: SIM110 - a generator costs more than the look itself
        if not is_beyond_doubt(value, element, holder, around):
            return False
    return True


def _keeps(value: Any, rules: tuple[Rule, ...], around: Around) -> bool:
    for rule in rules:  # noqa: SIM110 - as above
        if not rule.kept(value, around):
            return False
    return True
