"""From the parameters of a query to what it asks for."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast, get_args

from referral_contracts import systems
from referral_contracts.errors import LahettiError, refuse
from referral_contracts.fhir.search.dates import read_date
from referral_contracts.fhir.search.definitions import ANSWER, RESULT, Include, Parameter, Searchable
from referral_contracts.fhir.search.query import (
    MOST,
    USUAL,
    Condition,
    Cursor,
    Order,
    Query,
    Reference,
    Summary,
    Token,
    Value,
)

_NAME = re.compile(r"_?[A-Za-z-]{1,30}(:[A-Za-z]{1,20})?").fullmatch
_REFERENCE = re.compile(r"(?:([A-Z][A-Za-z]+)/)?([A-Za-z0-9.-]{1,64})").fullmatch
_ADDRESS = re.compile(r"https?://[!-~]{1,500}").fullmatch
_LIKE_A_HETU = re.compile(
    r"(?<![0-9A-Z])(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d[-+A-FU-Y]\d{3}[0-9A-Z](?![0-9A-Z])",
    re.IGNORECASE,
)
"""A day, a month and a year, a separator, a number: what is mistyped is refused as well."""
_FREE = re.compile(r"[^\x00-\x1f]{1,256}").fullmatch
_SORTS = ("_lastUpdated", "_id", "-_lastUpdated", "-_id")

Given = Sequence[tuple[str, str]]


def read_query(
    searchable: Searchable, address: Given, body: Given = (), *, strict: bool = False, base: str = ""
) -> Query:
    """The query that the parameters in the `address` and in a posted `body` ask for: names, decoded values.
    References below `base`, the FHIR base, are understood as relative ones.

    Raises `unknown-parameter` where `strict` and a name is not known (otherwise it is in `ignored`), and
    always for a modifier that a known one does not have: what it would leave out must not be found
    (https://hl7.org/fhir/R4/search.html#modifiers). Raises `invalid-parameter` for a value that cannot be,
    and `hetu-in-address` where a personal identity code is in the address: those are searched for by POST
    only.
    """
    if _is_secret(address):
        raise refuse("hetu-in-address", "http")
    conditions: list[Condition] = []
    results: dict[str, list[str]] = {}
    used: list[tuple[str, str]] = []
    ignored: list[str] = []
    for name, value in (*address, *body):
        plain, _, modifier = name.partition(":")
        parameter = searchable.by_name.get(plain)
        if not modifier and plain in ANSWER:
            continue
        if not modifier and plain in RESULT:
            results.setdefault(plain, []).append(value)
        elif parameter is not None and _has(parameter, modifier):
            conditions.append(_condition(parameter, value, modifier, f"{base}/" if base else ""))
        else:
            known = parameter is not None or plain in RESULT
            ignored.append(unknown(name, strict=strict or known))
            continue
        used.append((name, value))
    return Query(
        searchable.type,
        tuple(conditions),
        used=tuple(used),
        ignored=tuple(dict.fromkeys(ignored)),
        secret=_is_secret(body),
        **_told(searchable, results),
    )


def cursor_text(cursor: Cursor) -> str:
    """The cursor as it stands in a `next` link."""
    text = f"{cursor.last_updated.astimezone(UTC).isoformat()} {cursor.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def is_strict(prefer: str) -> bool:
    """Whether the Prefer header wants what is not understood to be refused."""
    return "handling=strict" in prefer.replace(" ", "").lower()


def _is_secret(given: Given) -> bool:
    return any(_LIKE_A_HETU.search(value) or systems.HETU in value for _, value in given)


def unknown(name: str, *, strict: bool) -> str:
    """The name of a parameter that is not known, as far as it may be repeated. Raises `unknown-parameter`
    where `strict`."""
    # Names come from outside; only what looks like one is repeated.
    safe = name if _NAME(name) else "?"
    if strict:
        raise refuse("unknown-parameter", f"http.{safe}" if safe != "?" else "http", name=safe)
    return safe


def invalid(name: str) -> LahettiError:
    """The refusal of a parameter's value."""
    return refuse("invalid-parameter", f"http.{name}", name=name)


def _has(parameter: Parameter, modifier: str) -> bool:
    """`:identifier` where it is offered, and `:Type`, which names one of the targets."""
    return (
        not modifier
        or modifier in parameter.targets
        or (modifier == "identifier" and parameter.by_identifier)
    )


def _condition(parameter: Parameter, text: str, modifier: str, base: str) -> Condition:
    read: Callable[[Parameter, str], Value | None] = (
        _logical
        if modifier == "identifier"
        else {"token": _token, "reference": _reference, "date": _date}[parameter.kind]
    )
    if modifier in parameter.targets:
        parameter = replace(parameter, targets=(modifier,))
    values: list[Value] = []
    for part in text.split(","):
        value = read(parameter, part.removeprefix(base) if parameter.kind == "reference" else part)
        if value is None:
            raise invalid(parameter.name)
        values.append(value)
    if len(values) > MOST:
        raise invalid(parameter.name)
    return Condition(parameter, tuple(values))


def _token(parameter: Parameter, text: str) -> Token | None:
    system, bar, code = text.rpartition("|")
    if _FREE(text) is None or (parameter.name == "_id" and bar) or not (system or code):
        return None
    return Token(system if bar else None, code or None)


def _logical(parameter: Parameter, text: str) -> Reference | None:
    token = _token(parameter, text)
    return Reference(identifier=token) if token else None


def _reference(parameter: Parameter, text: str) -> Reference | None:
    if _ADDRESS(text):
        return Reference(text)
    match = _REFERENCE(text)
    if match is None or (match[1] and match[1] not in parameter.targets):
        return None
    return Reference(f"{match[1] or parameter.targets[0]}/{match[2]}")


def _date(_: Parameter, text: str) -> Value | None:
    return read_date(text)


def _told(searchable: Searchable, results: dict[str, list[str]]) -> dict[str, Any]:
    """What the parameters about results say; each is given once, but for what comes along."""
    for name, values in results.items():
        if len(values) > 1 and name not in ("_include", "_revinclude"):
            raise invalid(name)
    one = {name: values[0] for name, values in results.items()}
    sort = one.get("_sort", searchable.order)
    if sort not in _SORTS:
        raise invalid("_sort")
    return {
        "count": count_of(one.get("_count", str(USUAL))),
        "order": cast("Order", sort.removeprefix("-")),
        "descending": sort.startswith("-"),
        "cursor": _cursor(one["_cursor"]) if "_cursor" in one else None,
        "summary": cast("Summary", _one_of("_summary", one.get("_summary", "false"), get_args(Summary))),
        "counted": _one_of("_total", one.get("_total", "none"), ("none", "accurate")) == "accurate",
        "includes": _brought("_include", results, searchable.includes),
        "revincludes": _brought("_revinclude", results, searchable.revincludes),
    }


def _one_of(name: str, value: str, legal: tuple[str, ...]) -> str:
    if value not in legal:
        raise invalid(name)
    return value


def _brought(name: str, results: dict[str, list[str]], known: tuple[Include, ...]) -> tuple[Include, ...]:
    """`Type:name`, or with one of its target types behind it."""
    found: list[Include] = []
    for text in results.get(name, ()):
        matches = [
            one
            for one in known
            if text == one.text or text in {f"{one.text}:{target}" for target in one.targets}
        ]
        if not matches:
            raise invalid(name)
        found += [one for one in matches if one not in found]
    return tuple(found)


def count_of(text: str) -> int:
    """How many a page may have, at most a hundred. Raises `invalid-parameter`."""
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise invalid("_count")
    return min(int(text), MOST)


def _cursor(text: str) -> Cursor:
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        at, _, resource_id = decoded.partition(" ")
        last_updated = datetime.fromisoformat(at)
    except (ValueError, binascii.Error):
        raise invalid("_cursor") from None
    if last_updated.tzinfo is None or not re.fullmatch(r"[A-Za-z0-9.-]{1,64}", resource_id):
        raise invalid("_cursor")
    return Cursor(last_updated, resource_id)
