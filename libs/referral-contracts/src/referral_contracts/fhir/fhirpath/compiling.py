"""Trees of FHIRPath as functions: what can be decided from the text is decided once."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from referral_contracts.fhir.fhirpath.functions import FUNCTIONS
from referral_contracts.fhir.fhirpath.logic import LOGIC, Condition, alike
from referral_contracts.fhir.fhirpath.operators import OPERATORS
from referral_contracts.fhir.fhirpath.parsing import Node, NotSupportedError, parsed
from referral_contracts.fhir.fhirpath.values import (
    NOTHING,
    Around,
    Items,
    child_reader,
    is_dated,
    is_of_type,
    reader,
    told,
    truth,
)

Step = Callable[[Any, Around], Items]
"""From the one item in focus to the result."""
_CONSTANTS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


@cache
def compiled(expression: str) -> Step:
    """The expression as a function of the item in focus and of what stands around it.

    Raises NotSupportedError for what is not known here; the function itself raises nothing on sound
    resources.
    """
    return _step(parsed(expression))


@cache
def condition(expression: str) -> Condition:
    """The expression as a condition on the item in focus. Raises as `compiled` does."""
    return _condition(parsed(expression))


def _step(node: Node) -> Step:
    decide = _decided(node)
    if decide is None:
        return _KINDS[node.kind](node)
    return lambda focus, around: told(decide(focus, around))


def _condition(node: Node) -> Condition:
    decide = _decided(node)
    if decide is None:
        step = _KINDS[node.kind](node)
        return lambda focus, around: truth(step(focus, around))
    return decide


def _decided(node: Node) -> Condition | None:
    """What is a condition by its form: logic, a comparison with a text, and questions of presence."""
    match node:
        case Node("operator", name) if name in LOGIC:
            return LOGIC[name](*map(_condition, node.parts))
        case Node("operator", "=", parts=(left, right)) if _is_plain_text(right):
            return _is_text(_step(left), right.value)
        case Node("operator", "=" | "!=", parts=(left, right)) if (one := _decided(left)) is not None and (
            other := _decided(right)
        ) is not None:
            return alike(one, other, node.name == "=")
        case Node("path", parts=(left, Node("call") as last)):
            return _asked(left, last)
        case Node("call"):
            return _asked(Node("this"), node)
        case _:
            return None


def _asked(left: Node, call: Node) -> Condition | None:
    ask = _QUESTIONS.get((call.name, len(call.parts)))
    return ask(left, *call.parts) if ask is not None else None


def _not(left: Node) -> Condition:
    decide = _condition(left)

    def negated(focus: Any, around: Around) -> bool | None:
        is_true = decide(focus, around)
        return None if is_true is None else not is_true

    return negated


def _exists(left: Node) -> Condition:
    items = _step(left)
    return lambda focus, around: bool(items(focus, around))


def _empty(left: Node) -> Condition:
    items = _step(left)
    return lambda focus, around: not items(focus, around)


def _any(left: Node, criterion: Node) -> Condition:
    items, rule = _step(left), _condition(criterion)

    def some(focus: Any, around: Around) -> bool:
        for one in items(focus, around):  # noqa: SIM110 - a generator costs more than the rule
            if rule(one, around):
                return True
        return False

    return some


def _all(left: Node, criterion: Node) -> Condition:
    items, rule = _step(left), _condition(criterion)

    def every(focus: Any, around: Around) -> bool:
        for one in items(focus, around):  # noqa: SIM110 - as above
            if not rule(one, around):
                return False
        return True

    return every


def _literal(node: Node) -> Step:
    constant = [node.value]
    return lambda _focus, _around: constant


def _this(_node: Node) -> Step:
    return lambda focus, _around: [focus]


def _member(node: Node) -> Step:
    read = child_reader(node.name)
    return lambda focus, _around: read(focus)


def _index(node: Node) -> Step:
    items, place = map(_step, node.parts)
    return lambda focus, around: _at(items(focus, around), place(focus, around))


def _sign(node: Node) -> Step:
    amount, factor = _step(node.parts[0]), -1 if node.name == "-" else 1
    return lambda focus, around: [one * factor for one in amount(focus, around)]


def _variable(node: Node) -> Step:
    match node.name:
        case "resource":
            return lambda _focus, around: [around.resource]
        case "rootResource":
            return lambda _focus, around: [around.root]
        case name if name in _CONSTANTS:
            constant = [_CONSTANTS[name]]
            return lambda _focus, _around: constant
        case name:
            raise NotSupportedError(f"%{name}")


def _after(left: Step, node: Node) -> Step:
    """`node`, a member or a call, on what `left` gives. Arguments see the focus of the whole expression."""
    if node.kind == "member":
        return _below(left, reader(node.name))
    if node.kind == "this":
        return left
    if node.name in {"is", "as", "ofType"}:
        return _typed(left, node.name, node.parts[0].name)
    if per_item := _PER_ITEM.get((node.name, len(node.parts))):
        return per_item(left, *node.parts)
    arguments = tuple(map(_step, node.parts))
    whole = FUNCTIONS.get((node.name, len(arguments)))
    if whole is None:
        raise NotSupportedError(f"{node.name}() with {len(arguments)} arguments")
    if not arguments:
        return lambda focus, around: whole(left(focus, around))
    return lambda focus, around: whole(left(focus, around), *(one(focus, around) for one in arguments))


def _below(left: Step, read: Callable[[Items], Items]) -> Step:
    def below(focus: Any, around: Around) -> Items:
        items = left(focus, around)
        return read(items) if items else NOTHING

    return below


def _operator(node: Node) -> Step:
    left = _step(node.parts[0])
    if node.name in {"is", "as"}:
        return _typed(left, node.name, node.parts[1].name)
    right = _step(node.parts[1])
    apply = OPERATORS.get(node.name)
    if apply is None:
        raise NotSupportedError(node.name)
    return lambda focus, around: apply(left(focus, around), right(focus, around))


def _is_plain_text(node: Node) -> bool:
    """Whether it is a string that equals only itself, as dates of different precision do not."""
    return node.kind == "literal" and isinstance(node.value, str) and not is_dated(node.value)


def _is_text(left: Step, text: str) -> Condition:
    def equals(focus: Any, around: Around) -> bool | None:
        items = left(focus, around)
        return (len(items) == 1 and items[0] == text) if items else None

    return equals


def _where(left: Step, criterion: Node) -> Step:
    rule = _condition(criterion)
    return lambda focus, around: [one for one in left(focus, around) if rule(one, around)]


def _select(left: Step, projection: Node) -> Step:
    inner = _step(projection)
    return lambda focus, around: [found for one in left(focus, around) for found in inner(one, around)]


def _if(left: Step, criterion: Node, then: Node, otherwise: Node | None = None) -> Step:
    """Of the first item; nothing where there is none."""
    decide, chosen, other = _condition(criterion), _step(then), _step(otherwise or Node("nothing"))

    def choose(focus: Any, around: Around) -> Items:
        for one in left(focus, around):
            return (chosen if decide(one, around) else other)(one, around)
        return NOTHING

    return choose


def _typed(left: Step, name: str, wanted: str) -> Step:
    """Whether items are of the type `wanted` (is), or those that are (as, ofType)."""
    bare = wanted.rpartition(".")[2]
    if bare.lower() not in {"boolean", "string", "integer", "decimal"} and not bare[0].isupper():
        raise NotSupportedError(f"the type {wanted}")
    if name == "is":
        return lambda focus, around: [is_of_type(one, bare) for one in left(focus, around)]
    return lambda focus, around: [one for one in left(focus, around) if is_of_type(one, bare)]


def _at(items: Items, place: Items) -> Items:
    return items[place[0] : place[0] + 1] if place else []


_QUESTIONS: Mapping[tuple[str, int], Callable[..., Condition]] = {
    ("not", 0): _not,
    ("exists", 0): _exists,
    ("empty", 0): _empty,
    ("exists", 1): _any,
    ("all", 1): _all,
}
"""Calls that are conditions, by name and number of arguments."""
_PER_ITEM: Mapping[tuple[str, int], Callable[..., Step]] = {
    ("where", 1): _where,
    ("select", 1): _select,
    ("iif", 2): _if,
    ("iif", 3): _if,
}
"""Calls whose arguments are evaluated on each item, or only as far as needed."""
_KINDS: Mapping[str, Callable[[Node], Step]] = {
    "literal": _literal,
    "nothing": lambda _node: lambda _focus, _around: NOTHING,
    "this": _this,
    "member": _member,
    "variable": _variable,
    "call": lambda node: _after(_this(node), node),
    "path": lambda node: _after(_step(node.parts[0]), node.parts[1]),
    "index": _index,
    "sign": _sign,
    "operator": _operator,
}
