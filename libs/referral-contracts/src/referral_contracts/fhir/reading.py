"""Reads what came over the wire: bytes to a dictionary."""

import json
import re
from typing import Any

import orjson

from referral_contracts.errors import refuse

Resource = dict[str, Any]

DEEPEST = 100
"""Levels of JSON; FHIR's deepest honest resources stay below thirty."""

MOST_PARTS = 20_000
"""Objects and lists in one body; a referral with all its documents has some hundreds. Each costs the
validator microseconds, and a mebibyte holds hundreds of thousands of empty ones."""

_NESTED = frozenset({dict, list})
_MAYBE_A_KEY = re.compile(rb'"\s*:').findall


def parse(raw: bytes) -> Resource:
    """The JSON object in `raw`.

    Raises LahettiError `malformed-json` for anything else: other JSON, a key given twice in one object, NaN,
    bytes that are not UTF-8, or more than a hundred levels; `too-many-parts` for more than `MOST_PARTS`.
    """
    try:
        value = orjson.loads(raw)
        keys = _keys(value)
        # As many keys as there can be in the text: none is given twice. Otherwise a string looks like a key,
        # or one key is; only then the slower reader decides.
        if keys != len(_MAYBE_A_KEY(raw)):
            json.loads(raw, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise refuse("malformed-json") from None
    if not isinstance(value, dict):
        raise refuse("malformed-json")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice in one object")


def _keys(value: Any) -> int:
    """How many keys the objects inside have together. Raises ValueError below `DEEPEST` levels."""
    keys, parts, level = 0, 0, [value]
    for _ in range(DEEPEST):
        parts += len(level)
        if parts > MOST_PARTS:
            raise refuse("too-many-parts")
        objects = [item for item in level if type(item) is dict]
        keys += sum(map(len, objects))
        inner = [part for item in objects for part in item.values() if type(part) in _NESTED]
        level = [part for item in level if type(item) is list for part in item if type(part) in _NESTED]
        level += inner
        if not level:
            return keys
    raise ValueError("too deep")
