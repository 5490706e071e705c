"""FHIRPath's functions that invariants use, by name and number of arguments."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from referral_contracts.fhir.fhirpath.operators import holds, united
from referral_contracts.fhir.fhirpath.values import Hollow, Items, children, descendants


@cache
def pattern(text: str) -> re.Pattern[str]:
    """The regular expression of an invariant."""
    return re.compile(text)


def _distinct(items: Items) -> Items:
    return united(items, [])


def _is_distinct(items: Items) -> Items:
    return [len(_distinct(items)) == len(items)]


def _common(items: Items, others: Items) -> Items:
    return [one for one in _distinct(items) if holds(others, one)]


def _has_value(items: Items) -> Items:
    return [len(items) == 1 and not isinstance(items[0], (dict, list, Hollow))]


def _of_text(act: Callable[..., Any]) -> Callable[..., Items]:
    """A function of one string; nothing where there is none, or an argument is missing."""

    def apply(items: Items, *arguments: Items) -> Items:
        if not items or not isinstance(items[0], str) or not all(arguments):
            return []
        made = act(items[0], *(argument[0] for argument in arguments))
        return [] if made is None else [made]

    return apply


def _about_text(decide: Callable[..., bool]) -> Callable[..., Items]:
    """A condition on one string. Of no string it is false, as the official validator has it: R4's own rules
    count on that (`fullUrl.contains('/_history/').not()` where there is no fullUrl)."""

    def apply(items: Items, *arguments: Items) -> Items:
        whole = len(items) == 1 and isinstance(items[0], str) and all(arguments)
        return [whole and decide(items[0], *(argument[0] for argument in arguments))]

    return apply


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if not 0 <= start < len(text):
        return None
    return text[start:] if length is None else text[start : start + length]


def _to_integer(items: Items) -> Items:
    if not items:
        return []
    value = items[0]
    if isinstance(value, (bool, int)):
        return [int(value)]
    return [int(value)] if isinstance(value, str) and pattern(r"[+-]?\d{1,18}").fullmatch(value) else []


def _to_string(items: Items) -> Items:
    if not items or isinstance(items[0], (dict, Hollow)):
        return []
    return [str(items[0]).lower() if isinstance(items[0], bool) else str(items[0])]


FUNCTIONS: Mapping[tuple[str, int], Callable[..., Items]] = {
    ("count", 0): lambda items: [len(items)],
    ("first", 0): lambda items: items[:1],
    ("last", 0): lambda items: items[-1:],
    ("tail", 0): lambda items: items[1:],
    ("hasValue", 0): _has_value,
    ("distinct", 0): _distinct,
    ("isDistinct", 0): _is_distinct,
    ("combine", 1): lambda items, others: [*items, *others],
    ("union", 1): united,
    ("intersect", 1): _common,
    ("children", 0): children,
    ("descendants", 0): descendants,
    ("trace", 1): lambda items, _name: items,
    ("trace", 2): lambda items, _name, _shown: items,
    ("matches", 1): _about_text(lambda text, form: pattern(form).search(text) is not None),
    ("replaceMatches", 2): _of_text(lambda text, form, put: pattern(form).sub(put, text)),
    ("startsWith", 1): _about_text(str.startswith),
    ("endsWith", 1): _about_text(str.endswith),
    ("contains", 1): _about_text(lambda text, part: part in text),
    ("length", 0): _of_text(len),
    ("substring", 1): _of_text(_substring),
    ("substring", 2): _of_text(_substring),
    ("toInteger", 0): _to_integer,
    ("toString", 0): _to_string,
}
"""Those of whole collections; conditions, and what is asked of each item, are the compiler's."""
