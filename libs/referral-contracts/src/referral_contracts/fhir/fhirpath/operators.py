"""FHIRPath's operators on two collections; those of logic stand apart, as they may skip a side."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from referral_contracts.fhir.fhirpath.values import NOTHING, Items, compared, equal, told, truth

Apply = Callable[[Items, Items], Items]


def same(left: Items, right: Items) -> bool | None:
    """Whether two collections are equal, in order; None where either is empty or it cannot be said."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    if len(left) == 1:
        return equal(left[0], right[0])
    each = [equal(one, other) for one, other in zip(left, right, strict=True)]
    return None if None in each else all(each)


def united(left: Items, right: Items) -> Items:
    """Both collections as one, each value once."""
    found: Items = []
    for one in (*left, *right):
        if not holds(found, one):
            found.append(one)
    return found


def holds(items: Items, wanted: Any) -> bool:
    """Whether `wanted` is among `items`."""
    return any(equal(one, wanted) for one in items)


def _equals(left: Items, right: Items) -> Items:
    return told(same(left, right))


def _differs(left: Items, right: Items) -> Items:
    equals = same(left, right)
    return NOTHING if equals is None else told(not equals)


def _ordered(decide: Callable[[int, int], bool]) -> Apply:
    def apply(left: Items, right: Items) -> Items:
        order = compared(left[0], right[0]) if len(left) == len(right) == 1 else None
        return [] if order is None else [decide(order, 0)]

    return apply


def _reckoned(reckon: Callable[[Any, Any], Any]) -> Apply:
    def apply(left: Items, right: Items) -> Items:
        if not left or not right:
            return []
        try:
            return [reckon(left[0], right[0])]
        except (TypeError, ZeroDivisionError):
            return []

    return apply


def _joined(left: Items, right: Items) -> Items:
    return ["".join(str(side[0]) if side else "" for side in (left, right))]


def _one_of_two(left: Items, right: Items) -> Items:
    mine, theirs = truth(left), truth(right)
    return [] if mine is None or theirs is None else [mine != theirs]


def _is_in(left: Items, right: Items) -> Items:
    return [holds(right, left[0])] if left else []


def _contains(left: Items, right: Items) -> Items:
    return [holds(left, right[0])] if right else []


OPERATORS: Mapping[str, Apply] = {
    "=": _equals,
    "!=": _differs,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "+": _reckoned(operator.add),
    "-": _reckoned(operator.sub),
    "*": _reckoned(operator.mul),
    "/": _reckoned(operator.truediv),
    "div": _reckoned(operator.floordiv),
    "mod": _reckoned(operator.mod),
    "&": _joined,
    "|": united,
    "xor": _one_of_two,
    "in": _is_in,
    "contains": _contains,
}
