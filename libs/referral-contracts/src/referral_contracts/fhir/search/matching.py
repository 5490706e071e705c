"""Whether a resource is what a query asks for: the same answer on every database."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from referral_contracts.fhir.search.dates import DateValue, period_of
from referral_contracts.fhir.search.query import Condition, Reference, Token, Value


def matches(resource: Mapping[str, Any], conditions: Sequence[Condition]) -> bool:
    """Whether all `conditions` hold for the resource; of the values of each, one must."""
    return all(_holds(resource, condition) for condition in conditions)


def elements(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """What stands at `path` in a resource, each item of lists by itself."""
    if isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from elements(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        yield from elements(value.get(path[0]), path[1:])  # pyright: ignore[reportUnknownMemberType]


def _holds(resource: Mapping[str, Any], condition: Condition) -> bool:
    found = list(elements(resource, condition.parameter.path))
    system = condition.parameter.system
    return any(_is(one, value, system) for one in found for value in condition.values)


def _is(found: Any, value: Value, own_system: str | None) -> bool:
    match value:
        case Token():
            return any(_is_token(system, code, value) for system, code in _tokens(found, own_system))
        case DateValue():
            period = period_of(found) if isinstance(found, str) else None
            return period is not None and value.holds(period)
        case Reference():
            return isinstance(found, dict) and _is_reference(found, value)  # pyright: ignore[reportUnknownArgumentType]


def _is_token(system: str | None, code: str | None, wanted: Token) -> bool:
    if wanted.code is not None and code != wanted.code:
        return False
    return wanted.system is None or (system or "") == wanted.system


def _tokens(found: Any, own_system: str | None) -> Iterator[tuple[str | None, str | None]]:
    """(system, code) of a CodeableConcept, Coding, Identifier or primitive; a bare code is of the element's
    `own_system`."""
    if isinstance(found, bool):
        yield own_system, "true" if found else "false"
    elif isinstance(found, str):
        yield own_system, found
    elif isinstance(found, dict):
        concept: dict[str, Any] = found
        for coding in concept.get("coding", ()):
            yield coding.get("system"), coding.get("code")
        if "coding" not in concept:
            yield concept.get("system"), concept.get("code", concept.get("value"))


def _is_reference(found: Mapping[str, Any], wanted: Reference) -> bool:
    if wanted.identifier is None:
        return found.get("reference") == wanted.text
    identifier = found.get("identifier", {})
    return _is_token(identifier.get("system"), identifier.get("value"), wanted.identifier)
