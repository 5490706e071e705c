"""The Bundle that answers a search (https://hl7.org/fhir/R4/bundle.html#searchset)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson

from referral_contracts.errors import Issue
from referral_contracts.fhir.search.query import Cursor, Query
from referral_contracts.fhir.search.reading import cursor_text
from referral_contracts.fhir.search.summaries import summarised
from referral_contracts.operation_outcome import Language, operation_outcome


@dataclass(frozen=True, slots=True)
class Hit:
    """A resource as it is served. `type` and `id` name it, `body` are its JSON bytes."""

    type: str
    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What was found. `last` is where the page ends, set only where more follow; `total` counts all pages and
    is told where it is known; `included` came along; `warnings` are told beside the results."""

    matches: Sequence[Hit]
    last: Cursor | None = None
    total: int | None = None
    included: Sequence[Hit] = ()
    warnings: Sequence[Issue] = ()


def searchset(page: Page, query: Query, base: str, language: Language = "en") -> bytes:
    """The answer: links, matches, what came along, and what is to be said. `base` is the FHIR base."""
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if page.total is not None:
        bundle["total"] = page.total
    bundle["link"] = _links(page, query, f"{base}/{query.type}")
    entries = [_entry(hit, "match", query, base) for hit in page.matches]
    entries += [_entry(hit, "include", query, base) for hit in page.included]
    if warnings := [*ignored_parameters(query), *page.warnings]:
        entries.append(_told_beside(warning_outcome(warnings, language)))
    if entries:  # FHIR knows no empty arrays
        bundle["entry"] = entries
    return orjson.dumps(bundle)


def _told_beside(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Of this one answer, and named all the same: every entry of a searchset has a fullUrl and an id."""
    own = str(uuid4())
    return {"fullUrl": f"urn:uuid:{own}", "resource": {**outcome, "id": own}, "search": {"mode": "outcome"}}


def ignored_parameters(query: Query) -> list[Issue]:
    """One issue for each parameter that was not understood."""
    return [
        Issue("unknown-parameter", (f"http.{name}",) if name != "?" else ("http",), {"name": name})
        for name in query.ignored
    ]


def warning_outcome(issues: Sequence[Issue], language: Language) -> Mapping[str, Any]:
    """An OperationOutcome that refuses nothing."""
    outcome = operation_outcome(issues, language)
    return outcome | {"issue": [issue | {"severity": "warning"} for issue in outcome["issue"]]}


def _links(page: Page, query: Query, address: str) -> list[dict[str, str]]:
    if query.secret:
        # What was posted so that it stands in no address stands in none of ours.
        return [{"relation": "self", "url": address}]
    links = [{"relation": "self", "url": _url(address, query.used)}]
    if page.last is not None:
        kept = [(name, value) for name, value in query.used if name != "_cursor"]
        following = _url(address, [*kept, ("_cursor", cursor_text(page.last))])
        links.append({"relation": "next", "url": following})
    return links


def _url(address: str, parameters: Sequence[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address


def _entry(hit: Hit, mode: str, query: Query, base: str) -> dict[str, Any]:
    body = hit.body if query.summary == "false" else summarised(hit.body, query.summary)
    return {
        "fullUrl": f"{base}/{hit.type}/{hit.id}",
        "resource": orjson.Fragment(body),
        "search": {"mode": mode},
    }
