"""R4's types as the walk needs them: made from the table when a type is first met."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from referral_contracts.fhir.primitives import CHECKS
from referral_contracts.fhir.table import row
from referral_contracts.fhir.validation.codes import Codes, codes_of
from referral_contracts.fhir.validation.rules import Rule, rules_of

ANY_RESOURCE = "Resource"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type, under one JSON name. `check` is set for a primitive and None for all else.

    `step` is how FHIRPath names it: a choice (`valueCode`) without its type (`value`).
    """

    step: str
    type_name: str
    many: bool = False
    check: Callable[[Any], bool] | None = None
    codes: Codes | None = None
    targets: frozenset[str] | None = None
    rules: tuple[Rule, ...] = ()
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A type: its elements by JSON name, and the names and choices that must be there."""

    name: str
    elements: Mapping[str, Element]
    required: tuple[str, ...]
    required_choices: tuple[str, ...] = ()
    """Their names without [x]."""
    rules: tuple[Rule, ...] = ()
    is_resource: bool = False
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """The JSON names under which each choice may stand."""


def shape_named(name: Any) -> Shape | None:
    """The shape of the resource type `name`; None where R4 has no such type."""
    try:
        shape = shape_of(name) if isinstance(name, str) else None
    except LookupError:
        return None
    return shape if shape is not None and shape.is_resource else None


@cache
def shape_of(name: str) -> Shape:
    """The shape of the resource, data type or part (`Patient.contact`) of that name. Raises LookupError."""
    told = row(name)
    if told is None:
        raise LookupError(name)
    elements: dict[str, Element] = {}
    required: list[str] = []
    required_choices: dict[str, None] = {}
    for json_name, content in told["elements"].items():
        element = elements[json_name] = _element(json_name, content)
        if element.check is not None:
            elements[f"_{json_name}"] = Element(element.step, "Element", element.many, choice=element.choice)
        if "min" in content and element.choice is not None:
            required_choices[element.choice] = None
        elif "min" in content:
            required.append(json_name)
    return Shape(
        name,
        elements,
        tuple(required),
        tuple(required_choices),
        rules_of(told),
        "resource" in told,
        _choices(elements),
    )


def _choices(elements: Mapping[str, Element]) -> Mapping[str, frozenset[str]]:
    choices = {one.choice for one in elements.values() if one.choice is not None}
    return {
        choice: frozenset(name for name, one in elements.items() if one.choice == choice)
        for choice in choices
    }


def _element(json_name: str, told: Mapping[str, Any]) -> Element:
    return Element(
        told.get("choice", json_name),
        told["type"],
        told.get("many", False),
        CHECKS.get(told["type"]),
        codes_of(told["codes"]) if "codes" in told else None,
        frozenset(told["targets"]) if "targets" in told else None,
        rules_of(told),
        told.get("choice"),
    )
