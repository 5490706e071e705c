"""The history of one resource, as much of it as is asked for (https://hl7.org/fhir/R4/http.html#history)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from referral_contracts.fhir.search.dates import period_of
from referral_contracts.fhir.search.definitions import ANSWER
from referral_contracts.fhir.search.query import MOST
from referral_contracts.fhir.search.reading import Given, count_of, invalid, unknown

HISTORY = ("_since", "_count", "_cursor")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a resource: its number from 1, the aware time it came to be, its JSON."""

    type: str
    id: str
    number: int
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Versions from `since` on, at most `count` of them, older than the version `before`."""

    since: datetime | None = None
    count: int = MOST
    before: int | None = None
    used: tuple[tuple[str, str], ...] = ()


def read_history_query(given: Given, *, strict: bool = False) -> HistoryQuery:
    """What the parameters of a history ask for. Raises `unknown-parameter` where `strict` and a name is not
    known, `invalid-parameter` for a value that cannot be."""
    used: dict[str, str] = {}
    for name, value in given:
        if name in HISTORY:
            if name in used:
                raise invalid(name)
            used[name] = value
        elif name not in ANSWER:
            unknown(name, strict=strict)
    before = used.get("_cursor")
    if before is not None and not (before.isascii() and before.isdecimal() and len(before) < 10):
        raise invalid("_cursor")
    return HistoryQuery(
        _since(used["_since"]) if "_since" in used else None,
        count_of(used["_count"]) if "_count" in used else MOST,
        int(before) if before is not None else None,
        tuple(used.items()),
    )


def history_bundle(versions: Sequence[Version], query: HistoryQuery, base: str, address: str) -> bytes:
    """The Bundle of those of all `versions`, the newest first, that `query` asks for. `base` is the FHIR
    base, `address` where the history is. `total` counts what is asked for, over all pages."""
    wanted = [one for one in versions if query.since is None or one.at >= query.since]
    rest = [one for one in wanted if query.before is None or one.number < query.before]
    page = rest[: query.count]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "history", "total": len(wanted)}
    bundle["link"] = [{"relation": "self", "url": _url(address, query.used)}]
    if page and len(rest) > len(page):
        kept = [(name, value) for name, value in query.used if name != "_cursor"]
        following = _url(address, [*kept, ("_cursor", str(page[-1].number))])
        bundle["link"].append({"relation": "next", "url": following})
    if page:  # FHIR knows no empty arrays
        bundle["entry"] = [_entry(one, base) for one in page]
    return orjson.dumps(bundle)


def _since(text: str) -> datetime:
    period = period_of(text.replace(" ", "+"))  # a plus sign of a zone that nobody encoded
    if period is None:
        raise invalid("_since")
    return period.start


def _url(address: str, parameters: Sequence[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address


def _entry(version: Version, base: str) -> dict[str, Any]:
    first = version.number == 1
    name = f"{version.type}/{version.id}"
    return {
        "fullUrl": f"{base}/{name}",
        "resource": orjson.Fragment(version.body),
        "request": {"method": "POST" if first else "PUT", "url": version.type if first else name},
        "response": {
            "status": "201" if first else "200",
            "etag": f'W/"{version.number}"',
            "lastModified": version.at.isoformat(timespec="milliseconds"),
        },
    }
