"""What a value of each FHIR primitive type looks like in JSON (https://hl7.org/fhir/R4/datatypes.html)."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from referral_contracts.fhir.markup import is_narrative

Check = Callable[[Any], bool]

_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)"
_DAY = r"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))"


def _text(pattern: str) -> Check:
    match = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and match(value) is not None


_LONGEST_REMEMBERED, _MOST_REMEMBERED = 100, 2048


def _word(pattern: str) -> Check:
    """As `_text`, for codes and addresses: the same few make up nearly all, and are remembered."""
    fits = _text(pattern)
    remembered = lru_cache(maxsize=_MOST_REMEMBERED)(fits)
    return lambda value: (
        isinstance(value, str) and (remembered if len(value) <= _LONGEST_REMEMBERED else fits)(value)
    )


def _whole(least: int) -> Check:
    return lambda value: type(value) is int and least <= value <= 2**31 - 1


def _dated(pattern: str) -> Check:
    """Values that fit the pattern and, where they hold a whole day, name one that exists."""
    fits = _text(pattern)

    def check(value: Any) -> bool:
        if not fits(value):
            return False
        if len(value) < 10:
            return not value.startswith("0000")
        try:
            date.fromisoformat(value[:10])
        except ValueError:
            return False
        return True

    return check


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _is_text(value: Any) -> bool:
    """A string that says something: FHIR knows no empty strings and no control characters."""
    return isinstance(value, str) and value.strip() != "" and _CONTROL.search(value) is None


_UUID = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OID = r"urn:oid:(?=.{5,}\.)[0-2](\.(0|[1-9]\d*))+"


_URI = rf"(?!urn:(?:uuid|oid):)\S+|{_UUID}|{_OID}"
"""An address; one that says to be a UUID or an OID is one."""
ABSOLUTE = r"[a-z][a-z0-9_]*:\S"
"""How an absolute address begins, as the official validator has it: a scheme of one word, and something."""

CHECKS: dict[str, Check] = {
    "boolean": lambda value: value is True or value is False,
    "string": _is_text,
    "markdown": _is_text,
    "code": _word(r"[^\s]+(\s[^\s]+)*"),
    "id": _text(r"[A-Za-z0-9\-.]{1,64}"),
    "uri": _word(_URI),
    "url": _word(_URI),
    "canonical": _word(rf"#\S+|(?={ABSOLUTE})(?:{_URI})"),
    "oid": _text(_OID),
    "uuid": _text(_UUID),
    "date": _dated(rf"\d{{4}}(-(0[1-9]|1[0-2]))?|{_DAY}"),
    "dateTime": _dated(rf"\d{{4}}(-(0[1-9]|1[0-2]))?|{_DAY}(T{_TIME}{_ZONE})?"),
    "instant": _dated(rf"{_DAY}T{_TIME}{_ZONE}"),
    "time": _text(_TIME),
    "integer": lambda value: type(value) is int and -(2**31) <= value <= 2**31 - 1,
    "unsignedInt": _whole(0),
    "positiveInt": _whole(1),
    "decimal": lambda value: type(value) in {int, float},
    "base64Binary": _text(r"(\s*[0-9a-zA-Z+/=]{4}\s*)+"),
    "xhtml": lambda value: isinstance(value, str) and is_narrative(value),
}
