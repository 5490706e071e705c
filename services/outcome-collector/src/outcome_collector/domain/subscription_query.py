"""What `$events` is asked for (Subscriptions R5 Backport 1.1.0, operation backport-subscription-events)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from referral_contracts.errors import refuse
from referral_contracts.fhir.search.definitions import ANSWER

_NUMBERS = frozenset({"eventsSinceNumber", "eventsUntilNumber"})
_NAMES = _NUMBERS | {"content"}
_CONTENTS = ("empty", "id-only", "full-resource")


@dataclass(frozen=True, slots=True)
class Asked:
    """Event numbers from `first` to `last`, both included; no `last` is no end."""

    first: int = 1
    last: int | None = None


def read_asked(given: Iterable[tuple[str, str]]) -> Asked:
    """The numbers in parameters of name and value.

    `content` is a hint that the specification lets a server leave unheeded: there is only id-only. Raises
    `unknown-parameter`, and `invalid-parameter` for what is no number or is given twice.
    """
    numbers: dict[str, int] = {}
    for name, value in given:
        if name in ANSWER:
            continue
        if name == "content":
            if value not in _CONTENTS:
                raise refuse("invalid-parameter", name=name)
        elif name not in _NUMBERS:
            raise refuse("unknown-parameter", name=name)
        elif name in numbers or not value.isascii() or not value.isdigit() or len(value) > 18:
            raise refuse("invalid-parameter", name=name)
        else:
            numbers[name] = int(value)
    return Asked(numbers.get("eventsSinceNumber", 1), numbers.get("eventsUntilNumber"))


def read_parameters(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values in a posted Parameters. Raises `unknown-resource-type`, `unknown-element` and
    `invalid-value`, which name the place and never what stood there."""
    if document.get("resourceType") != "Parameters":
        raise refuse("unknown-resource-type")
    listed: Any = document.get("parameter", [])
    if not isinstance(listed, list):
        raise refuse("invalid-value", "Parameters.parameter")
    return [_parameter(one, number) for number, one in enumerate(cast(list[Any], listed))]


def _parameter(one: Any, number: int) -> tuple[str, str]:
    place = f"Parameters.parameter[{number}]"
    if not isinstance(one, dict):
        raise refuse("invalid-value", place)
    given = cast(dict[str, Any], one)
    name: Any = given.get("name")
    if not isinstance(name, str) or name not in _NAMES:
        raise refuse("unknown-element", place)
    values = [value for key, value in given.items() if key.startswith("value")]
    if len(values) != 1 or isinstance(values[0], bool) or not isinstance(values[0], str | int):
        raise refuse("invalid-value", place)
    return name, str(values[0])


def read_nothing(given: Iterable[tuple[str, str]]) -> None:
    """Raise `unknown-parameter` for any parameter of one subscription's `$status`, which has none."""
    for name, _ in given:
        raise refuse("unknown-parameter", name=name)
