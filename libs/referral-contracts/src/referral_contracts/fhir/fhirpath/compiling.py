"""Trees of FHIRPath as functions: what can be decided from the text is decided once."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from referral_contracts.fhir.fhirpath.functions import FUNCTIONS
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
Condition = Callable[[Any, Around], bool | None]
"""The same of what is true, false or cannot be said, without a collection in between."""
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
        step = _step(node)
        return lambda focus, around: truth(step(focus, around))
    return decide


def _decided(node: Node) -> Condition | None:
    """What is a condition by its form: logic, a comparison with a text, and questions of presence."""
    match node:
        case Node("operator", name) if name in _LOGIC:
            return _LOGIC[name](*map(_condition, node.parts))
        case Node("operator", "=", parts=(left, right)) if _is_plain_text(right):
            return _is_text(_step(left), right.value)
        case Node("operator", "=" | "!=", parts=(left, right)) if (one := _decided(left)) is not None and (
            other := _decided(right)
        ) is not None:
            return _alike(one, other, node.name == "=")
        case Node("path", parts=(left, Node("call") as last)):
            return _asked(left, last)
        case Node("call"):
            return _asked(Node("this"), node)
        case _:
            return None


def _asked(left: Node, call: Node) -> Condition | None:
    match call:
        case Node("call", "not", parts=()):
            return _not(_condition(left))
        case Node("call", "exists", parts=()):
            items = _step(left)
            return lambda focus, around: bool(items(focus, around))
        case Node("call", "empty", parts=()):
            items = _step(left)
            return lambda focus, around: not items(focus, around)
        case Node("call", "exists", parts=(rule,)):
            return _any(_step(left), _condition(rule))
        case Node("call", "all", parts=(rule,)):
            return _all(_step(left), _condition(rule))
        case _:
            return None


def _alike(left: Condition, right: Condition, wanted: bool) -> Condition:
    def compared(focus: Any, around: Around) -> bool | None:
        one, other = left(focus, around), right(focus, around)
        return None if one is None or other is None else (one is other) is wanted

    return compared


def _not(decide: Condition) -> Condition:
    def negated(focus: Any, around: Around) -> bool | None:
        is_true = decide(focus, around)
        return None if is_true is None else not is_true

    return negated


def _any(items: Step, rule: Condition) -> Condition:
    def some(focus: Any, around: Around) -> bool:
        for one in items(focus, around):  # noqa: SIM110 - a generator costs more than the rule
            if rule(one, around):
                return True
        return False

    return some


def _all(items: Step, rule: Condition) -> Condition:
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
    if node.name == "where" and len(node.parts) == 1:
        rule = _condition(node.parts[0])
        return lambda focus, around: [one for one in left(focus, around) if rule(one, around)]
    if node.name == "iif" and len(node.parts) in {2, 3}:
        return _if(left, *node.parts)
    arguments = tuple(map(_step, node.parts))
    if node.name == "select" and len(arguments) == 1:
        (inner,) = arguments
        return lambda focus, around: [found for one in left(focus, around) for found in inner(one, around)]
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


def _if(left: Step, condition: Node, then: Node, otherwise: Node | None = None) -> Step:
    """Of the first item; nothing where there is none."""
    decide, chosen, other = _condition(condition), _step(then), _step(otherwise or Node("nothing"))

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


def _logic(left_decides: bool, right_decides: bool) -> Callable[[Condition, Condition], Condition]:
    """An operator of three values: either side decides alone when it is told so, and then the answer is what
    the right side would decide by; otherwise both must be known."""

    def operator(left: Condition, right: Condition) -> Condition:
        def value(focus: Any, around: Around) -> bool | None:
            one = left(focus, around)
            if one is left_decides:
                return right_decides
            other = right(focus, around)
            if other is right_decides:
                return right_decides
            return None if one is None or other is None else not right_decides

        return value

    return operator


_LOGIC = {"and": _logic(False, False), "or": _logic(True, True), "implies": _logic(False, True)}
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
