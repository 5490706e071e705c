"""R4's pattern[x]: whether a value holds all that a pattern says."""

from collections.abc import Callable
from typing import Any

Fit = Callable[[Any], bool]


def fit_of(pattern: Any) -> Fit:
    """Whether a value holds all of `pattern`: objects may hold more, lists too, in any order."""
    if isinstance(pattern, dict):
        return _object({name: fit_of(content) for name, content in pattern.items()})
    if isinstance(pattern, list):
        return _list([fit_of(part) for part in pattern])
    kind = type(pattern)
    return lambda value: value == pattern and type(value) is kind


def _object(parts: dict[str, Fit]) -> Fit:
    def fits(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, part in parts.items():  # noqa: SIM110 - a generator costs more than the look itself
            if name not in value or not part(value[name]):
                return False
        return True

    return fits


def _list(parts: list[Fit]) -> Fit:
    def fits(value: Any) -> bool:
        return type(value) is list and all(any(map(part, value)) for part in parts)

    return fits
