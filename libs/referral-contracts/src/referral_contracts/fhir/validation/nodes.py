"""Our profiles as the second walk needs them: trees of what is asked beyond R4's own types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from referral_contracts.fhir.table import row
from referral_contracts.fhir.validation.codes import Codes, codes_of
from referral_contracts.fhir.validation.fitting import Fit, fit_of
from referral_contracts.fhir.validation.rules import Rule, rules_of
from referral_contracts.fhir.validation.shapes import Shape, shape_of

UNASKED: Any = object()
"""Where a profile fixes no value."""


@dataclass(frozen=True, slots=True)
class Node:
    """What a profile asks of one element. `id` is the profile's id and the element's (`lahetti-task.status`).

    `names` are the JSON names under which the element may stand, `forbidden` those of a choice that the
    profile rules out; `fits` says whether a value holds the profile's pattern. `targets` maps the types that
    a reference may point to to the profile of ours that the target must keep, or None.
    """

    id: str
    step: str
    names: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    least: int = 0
    most: int | None = None
    fixed: Any = UNASKED
    fits: Fit | None = None
    codes: Codes | None = None
    targets: Mapping[str, str | None] | None = None
    rules: tuple[Rule, ...] = ()
    children: tuple["Node", ...] = ()
    slices: tuple["Slice", ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of an element's values, known by exactly one of: an extension's url, a pattern, codes, the types
    of a target."""

    node: Node
    url: str | None = None
    fits: Fit | None = None
    codes: Codes | None = None
    targets: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A profile: the type that it is of, what it asks, and where an extension may stand. There is one of each
    address."""

    url: str
    type_name: str
    root: Node
    context: frozenset[str] = frozenset()


@cache
def profile_of(url: str) -> Profile | None:
    """The profile or extension with that canonical address; None where it is not one that we know."""
    told = row(url)
    if told is None or "tree" not in told:
        return None
    shape = shape_of(told["type"])
    root = _node(url.rpartition("/")[2], told["type"], told["tree"], shape)
    return Profile(url, told["type"], root, frozenset(told.get("context", ())))


def _node(identity: str, step: str, told: Mapping[str, Any], shape: Shape | None, **names: Any) -> Node:
    return Node(
        identity,
        step,
        names.get("names", (step,)),
        names.get("forbidden", ()),
        told.get("min", 0),
        told.get("max"),
        told.get("fixed", UNASKED),
        fit_of(told["pattern"]) if "pattern" in told else None,
        codes_of(told["codes"]) if "codes" in told else None,
        told.get("targets"),
        rules_of(told),
        tuple(_children(identity, told, shape)),
        tuple(_slices(identity, step, told, shape)),
    )


def _children(identity: str, told: Mapping[str, Any], shape: Shape | None) -> Iterator[Node]:
    for step, child in told.get("elements", {}).items():
        elements = {} if shape is None else shape.elements
        every = [name for name, one in elements.items() if one.step == step and name[0] != "_"]
        allowed = every
        if "types" in child:
            allowed = [step + kind[0].upper() + kind[1:] for kind in child["types"]]
        held = elements.get(allowed[0]) if len(allowed) == 1 else None
        inner = shape_of(held.type_name) if held is not None and held.check is None else None
        forbidden = tuple(name for name in every if name not in allowed)
        yield _node(
            f"{identity}.{step}", step, child, inner, names=tuple(allowed) or (step,), forbidden=forbidden
        )


def _slices(identity: str, step: str, told: Mapping[str, Any], shape: Shape | None) -> Iterator[Slice]:
    for name, part in told.get("slices", {}).items():
        by = part["by"]
        yield Slice(
            _node(f"{identity}:{name}", step, part, shape),
            by.get("url"),
            fit_of(by["pattern"]) if "pattern" in by else None,
            codes_of(by["codes"]) if "codes" in by else None,
            frozenset(by["targets"]) if "targets" in by else None,
        )
