"""What to look for among the documents of referrals, in the words of their rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from referral_contracts.fhir.search.dates import DateValue
from referral_contracts.fhir.search.query import Condition, Cursor, Query, Reference, Token

_SUBJECTS = frozenset({"subject", "patient"})


@dataclass(frozen=True, slots=True)
class Sought:
    """A choice of rows that holds all matches, and more where only the document can tell.

    Of each of `needles` one must be in the document's bytes. `ids` and `referrals` are None where any will
    do. `client` or `provider` is who asks.
    """

    type: str
    client: str | None
    provider: str | None
    ids: tuple[str, ...] | None = None
    referrals: tuple[str, ...] | None = None
    needles: tuple[tuple[bytes, ...], ...] = ()
    changed: tuple[tuple[datetime | None, datetime | None], ...] = ()
    by_change: bool = False
    descending: bool = False
    cursor: Cursor | None = None


def sought(query: Query, *, client: str | None, provider: str | None) -> Sought:
    """The rows to look at for `query`, asked by an EHR `client` or by a `provider`."""
    ids: tuple[str, ...] | None = None
    referrals: tuple[str, ...] | None = None
    needles: list[tuple[bytes, ...]] = []
    changed: list[tuple[datetime | None, datetime | None]] = []
    for condition in query.conditions:
        name, values = condition.parameter.name, condition.values
        if name == "_id":
            ids = _both(ids, [value.code for value in values if isinstance(value, Token) and value.code])
        elif name == "_lastUpdated":
            if len(values) == 1 and isinstance(values[0], DateValue):
                changed.append(values[0].bounds)
        elif condition.parameter.kind != "date":
            system = condition.parameter.system
            needles.append(
                tuple(_needle(value, system) for value in values if not isinstance(value, DateValue))
            )
            if name in _SUBJECTS:
                referrals = _both(referrals, _patients(condition))
    return Sought(
        query.type,
        client,
        provider,
        ids,
        referrals,
        tuple(needles),
        tuple(changed),
        query.order == "_lastUpdated",
        query.descending,
        query.cursor,
    )


def _both(known: tuple[str, ...] | None, more: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(more))
    return found if known is None else tuple(one for one in known if one in found)


def _patients(condition: Condition) -> list[str]:
    texts = [value.text for value in condition.values if isinstance(value, Reference)]
    return [text.removeprefix("Patient/") for text in texts if text.startswith("Patient/")]


def _needle(value: Token | Reference, own_system: str | None) -> bytes:
    """What a document that matches holds: a JSON string, written as all our documents are. A bare code stands
    there without its `own_system`."""
    if isinstance(value, Reference):
        if value.identifier is None:
            return orjson.dumps(value.text)
        value = value.identifier
    if value.code in {"true", "false"} or (value.code is None and own_system is not None):
        return b""  # neither a boolean nor any code at all is a string to look for, and all hold nothing
    return orjson.dumps(value.code if value.code is not None else value.system)
