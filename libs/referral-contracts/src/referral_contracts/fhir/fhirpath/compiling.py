"""Trees of FHIRPath as functions: what can be decided from the text is decided once."""

from collections.abc import Callable, Mapping
from functools import cache

from referral_contracts.fhir.fhirpath.functions import FUNCTIONS, PER_ITEM
from referral_contracts.fhir.fhirpath.operators import OPERATORS
from referral_contracts.fhir.fhirpath.parsing import Node, NotSupportedError, parsed
from referral_contracts.fhir.fhirpath.values import (
    FALSE,
    NOTHING,
    TRUE,
    Around,
    Items,
    is_dated,
    is_of_type,
    reader,
    told,
    truth,
)

Step = Callable[[Items, Around], Items]
"""From the focus to the result."""
_CONSTANTS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


@cache
def compiled(expression: str) -> Step:
    """The expression as a function of the items in focus and of what stands around them.

    Raises NotSupportedError for what is not known here; the function itself raises nothing on sound
    resources.
    """
    return _step(parsed(expression))


def _step(node: Node) -> Step:
    return _KINDS[node.kind](node)


def _literal(node: Node) -> Step:
    constant = [node.value]
    return lambda _focus, _around: constant


def _member(node: Node) -> Step:
    read = reader(node.name)
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
        read = reader(node.name)
        return lambda focus, around: read(left(focus, around))
    if node.kind == "this":
        return left
    if node.name in {"is", "as", "ofType"}:
        return _typed(left, node.name, node.parts[0].name)
    arguments = tuple(map(_step, node.parts))
    if per_item := PER_ITEM.get((node.name, len(arguments))):
        return lambda focus, around: per_item(left(focus, around), around, *arguments)
    whole = FUNCTIONS.get((node.name, len(arguments)))
    if whole is None:
        raise NotSupportedError(f"{node.name}() with {len(arguments)} arguments")
    if not arguments:
        return lambda focus, around: whole(left(focus, around))
    return lambda focus, around: whole(left(focus, around), *(one(focus, around) for one in arguments))


def _operator(node: Node) -> Step:
    left = _step(node.parts[0])
    if node.name in {"is", "as"}:
        return _typed(left, node.name, node.parts[1].name)
    right = _step(node.parts[1])
    if node.name in _LOGIC:
        return _LOGIC[node.name](left, right)
    if node.name == "=" and _is_plain_text(node.parts[1]):
        return _is_text(left, node.parts[1].value)
    apply = OPERATORS.get(node.name)
    if apply is None:
        raise NotSupportedError(node.name)
    return lambda focus, around: apply(left(focus, around), right(focus, around))


def _is_plain_text(node: Node) -> bool:
    """Whether it is a string that equals only itself, as dates of different precision do not."""
    return node.kind == "literal" and isinstance(node.value, str) and not is_dated(node.value)


def _is_text(left: Step, text: str) -> Step:
    def equals(focus: Items, around: Around) -> Items:
        items = left(focus, around)
        if not items:
            return NOTHING
        return TRUE if len(items) == 1 and items[0] == text else FALSE

    return equals


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


def _logic(left_decides: bool, right_decides: bool) -> Callable[[Step, Step], Step]:
    """An operator of three values: either side decides alone when it is told so, and then the answer is what
    the right side would decide by; otherwise both must be known."""
    decided, otherwise = told(right_decides), told(not right_decides)

    def operator(left: Step, right: Step) -> Step:
        def value(focus: Items, around: Around) -> Items:
            one = truth(left(focus, around))
            if one is left_decides:
                return decided
            other = truth(right(focus, around))
            if other is right_decides:
                return decided
            return NOTHING if one is None or other is None else otherwise

        return value

    return operator


_LOGIC = {"and": _logic(False, False), "or": _logic(True, True), "implies": _logic(False, True)}
_KINDS: Mapping[str, Callable[[Node], Step]] = {
    "literal": _literal,
    "nothing": lambda _node: lambda _focus, _around: NOTHING,
    "this": lambda _node: lambda focus, _around: focus,
    "member": _member,
    "variable": _variable,
    "call": lambda node: _after(lambda focus, _around: focus, node),
    "path": lambda node: _after(_step(node.parts[0]), node.parts[1]),
    "index": _index,
    "sign": _sign,
    "operator": _operator,
}
