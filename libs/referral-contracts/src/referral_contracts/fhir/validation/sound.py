"""The quick look: most values are beyond doubt, and need no walk that notes places."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from referral_contracts.fhir.validation.rules import Rule
from referral_contracts.fhir.validation.scope import Scope, other_type
from referral_contracts.fhir.validation.shapes import ANY_RESOURCE, Element, Shape, shape_of
from referral_contracts.fhir.validation.spoken import FAULTS

Look = Callable[[Any, Scope], bool]
"""Whether a value is sound; False says that the walk has to find out."""
_NEVER = frozenset({"Extension", "Element", "Narrative", ANY_RESOURCE})
"""Types of which more has to be known than the value itself and what it refers to."""


@cache
def looks_of(name: str) -> Mapping[str, Look]:
    """Looks at all that an element of the type `name` may hold, by JSON name; there is one for every name."""
    return _Elements(shape_of(name))


def _element_look(element: Element, holder: str) -> Look:
    """A look at one value of an element."""
    looks = _looks(element, holder)
    if len(looks) == 1:
        return looks[0]

    def look(value: Any, scope: Scope) -> bool:
        for one in looks:  # noqa: SIM110 - a generator costs more than the look itself
            if not one(value, scope):
                return False
        return True

    return look


def _looks(element: Element, holder: str) -> tuple[Look, ...]:
    codes, rules = element.codes, element.rules
    looks: list[Look] = []
    if (check := element.check) is not None:
        looks.append(lambda value, _scope: check(value))
    else:
        looks.append(_type_look(element.type_name, holder))
    if element.type_name == "Reference":
        targets = element.targets
        looks.append(lambda value, scope: _refers(value, targets, scope))
    if codes is not None:
        looks.append(lambda value, _scope: codes.hold(value))
    if rules:
        looks.append(lambda value, scope: keeps(value, rules, scope))
    return tuple(looks)


@cache
def _type_look(name: str, holder: str) -> Look:
    """A look at a value of the data type `name` that stands in a `holder`."""
    shape = None if name in _NEVER else shape_of(name)
    if shape is None or shape.is_resource or _holds_resources(shape):
        return _in_doubt
    required, choices, rules = frozenset(shape.required), shape.choices, shape.rules
    faults, needed = FAULTS.get(name), shape.required_choices
    looks = looks_of(name)
    checks = {
        step: one.check
        for step, one in shape.elements.items()
        if one.check is not None and _is_plain(step, one) and not (one.many or one.rules or one.codes)
    }

    def look(value: Any, scope: Scope) -> bool:
        if type(value) is not dict or not value or not required <= value.keys():
            return False
        for step, content in value.items():
            check = checks.get(step)
            if not (looks[step](content, scope) if check is None else check(content)):
                return False
        if choices and not _chooses(value.keys(), choices, needed):
            return False
        if faults is not None and any(faults(value, holder)):
            return False
        return not rules or keeps(value, rules, scope)

    return look


class _Elements(dict[str, Look]):
    """Each look is made when it is first asked for, as types hold each other."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape

    def __missing__(self, step: str) -> Look:
        element = self._shape.elements.get(step)
        if element is None or not _is_plain(step, element):
            return _in_doubt  # and not kept: anybody may make up names
        look = _element_look(element, self._shape.name)
        self[step] = _each(look) if element.many else look
        return self[step]


def _in_doubt(_value: Any, _scope: Scope) -> bool:
    return False


def _holds_resources(shape: Shape) -> bool:
    return any(one.type_name == ANY_RESOURCE for one in shape.elements.values())


def _is_plain(step: str, element: Element) -> bool:
    """Whether the element is no id and no label beside a primitive: those are the walk's."""
    return step[0] != "_" and step != "id" and element.type_name not in _NEVER


def _chooses(given: Iterable[str], choices: Mapping[str, frozenset[str]], needed: tuple[str, ...]) -> bool:
    """Whether each choice is given under one name at most, and the needed ones under one."""
    count = {choice: len(names.intersection(given)) for choice, names in choices.items()}
    return max(count.values()) <= 1 and all(count.get(choice) for choice in needed)


def _each(look: Look) -> Look:
    def each(values: Any, scope: Scope) -> bool:
        if type(values) is not list or not values:
            return False
        for value in values:  # noqa: SIM110 - as above
            if not look(value, scope):
                return False
        return True

    return each


def _refers(value: Mapping[str, Any], targets: frozenset[str] | None, scope: Scope) -> bool:
    reference = value.get("reference")
    return reference is None or (
        scope.admits(reference)
        and not scope.dangles(reference)
        and other_type(value, targets, scope.find(reference)) is None
    )


def keeps(value: Any, rules: tuple[Rule, ...], scope: Scope) -> bool:
    """Whether `value` keeps each of the `rules`."""
    around = scope.around
    for rule in rules:  # noqa: SIM110 - as above
        if not rule.kept(value, around):
            return False
    return True
