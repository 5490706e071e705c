"""The structure of R4 resources, as tables read once from the models of `fhir.resources` (R4B).

The models themselves are not used on what comes in: validating with them costs five times as much, stops at
the first fault of some kinds, and lets codes outside required value sets pass (tests hold that whatever they
refuse, we refuse).
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fhir.resources.R4B import fhirtypes, get_fhir_model_class
from fhir_core.types import FhirElementOrResourceBase

from referral_contracts.fhir.primitives import CHECKS

_PYTHON_PRIMITIVES: dict[Any, str] = {bool: "Boolean", str: "String"}


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type. Exactly one of `check` (a primitive) and `type_name` is set; `type_name` is
    "Resource" where any resource may stand."""

    many: bool
    check: Callable[[Any], bool] | None = None
    type_name: str | None = None
    codes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """A type: its elements by JSON name, the names that must be there, and for each choice its names."""

    elements: Mapping[str, Element]
    required: tuple[str, ...]
    choices: tuple[tuple[str, tuple[str, ...], bool], ...] = field(default=())
    """(name without [x], the JSON names, whether one of them is required)"""


def is_resource(name: str) -> bool:
    """Whether `name` is a resource type of R4 that can be instantiated."""
    return hasattr(fhirtypes, f"{name}Type") and _has_resource_base(name)


@cache
def _has_resource_base(name: str) -> bool:
    if name in {"Resource", "DomainResource"}:
        return False
    try:
        return get_fhir_model_class(name).has_resource_base()
    except (LookupError, ValueError):
        return False


@cache
def structure_of(name: str) -> Structure:
    """The structure of the resource or data type `name` (as in `fhir.resources`: `BundleEntry`,
    `HumanName`)."""
    elements: dict[str, Element] = {}
    required: list[str] = []
    choices: dict[str, tuple[list[str], bool]] = {}
    for field_name, info in get_fhir_model_class(name).model_fields.items():
        if field_name in {"fhir_comments", "resource_type"}:
            continue
        json_name = info.alias or field_name
        extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        elements[json_name] = _element(info.annotation, info.metadata, extra)
        if info.is_required() or extra.get("element_required"):
            required.append(json_name)
        if choice := extra.get("one_of_many"):
            names, needed = choices.setdefault(str(choice), ([], False))
            names.append(json_name)
            choices[str(choice)] = (names, needed or bool(extra.get("one_of_many_required")))
    return Structure(
        elements,
        tuple(required),
        tuple((key, tuple(names), needed) for key, (names, needed) in choices.items()),
    )


def _element(annotation: Any, metadata: list[Any], extra: Mapping[str, Any]) -> Element:
    many = False
    while True:
        origin = typing.get_origin(annotation)
        if origin is list:
            many = True
        elif origin is typing.Annotated:
            metadata = list(annotation.__metadata__)
            if metadata[-1].__class__.__name__ in {*CHECKS, "UuidVersion"}:
                break
        elif origin not in {typing.Union, types.UnionType}:
            break
        annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
    if isinstance(annotation, type) and hasattr(annotation, "_model_klass"):
        if issubclass(annotation, FhirElementOrResourceBase):
            return Element(many, type_name="Resource")
        return Element(many, type_name=_model_name(annotation))
    codes = extra.get("enum_values")
    if codes and "+" in codes:
        # The models tell only the first codes of a long list (Task.status has twelve): nothing to hold.
        codes = None
    return Element(many, CHECKS[_primitive(annotation, metadata)], codes=frozenset(codes) if codes else None)


def _model_name(annotation: Any) -> str:
    return str(annotation._model_klass).rpartition(".")[2]  # noqa: SLF001 the only place that names the type


def _primitive(annotation: Any, metadata: list[Any]) -> str:
    for mark in reversed(metadata):
        name = mark.__class__.__name__
        if name == "UuidVersion":
            return "Uuid"
        if name in CHECKS:
            return name
    return _PYTHON_PRIMITIVES[annotation]
