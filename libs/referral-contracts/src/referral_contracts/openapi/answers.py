"""Which answers a route gives: by its kind, and for those of ours by its path."""

from collections.abc import Iterable, Mapping
from typing import Any

from referral_contracts.openapi.kinds import Kind

FHIR, JSON = "application/fhir+json", "application/json"
HTML, CSS, PLAIN, KEYS = "text/html", "text/css", "text/plain", "application/jwk-set+json"

_EDGE = (400, 406, 408, 413, 415, 500, 503)
"""Any route: headers, sizes and times are judged before it, and faults after it."""
_TOKEN = (401, 403, 429)
_BY_KIND: Mapping[Kind, tuple[int, ...]] = {
    Kind.TRANSACTION: (403, 409, 422),
    Kind.CREATE: (403, 404, 409, 422),
    Kind.READ: (404,),
    Kind.HISTORY: (404,),
    Kind.SEARCH: (),
    Kind.UPDATE: (404, 412, 422),
    Kind.PATCH: (404, 412, 422),
    Kind.DELETE: (404,),
    Kind.OPERATION: (422,),
    Kind.OWN: (),
}
_GOOD: Mapping[Kind, tuple[int, ...]] = {Kind.CREATE: (200, 201)}
_MADE = frozenset({"/p/links", "/gateway/clients", "/collector/providers/{provider}/pin"})
"""What of ours answers 201."""
_SECRET = "/notifier/endpoints/{endpoint}/secret"  # noqa: S105  # a path
_NEEDS_COUNTY_OR_FREE_NAME = frozenset(
    {"/gateway/clients", "/gateway/clients/{client}", "/gateway/person/erase"}
)
_FOUND_OR_NOT = frozenset({"/p/links", "/gateway/person", "/gateway/person/export", "/gateway/person/erase"})
_WITHOUT_VERSIONS = frozenset(
    {"/fhir/CodeSystem/{system}", "/fhir/ConceptMap/{concept_map}", "/fhir/Subscription/{subscription}"}
)
_OUTCOME = {"$ref": "#/components/schemas/OperationOutcome"}
_RESOURCE = {"$ref": "#/components/schemas/Resource"}
_PROBLEMS = {"$ref": "#/components/schemas/Problems"}


def responses(method: str, path: str, kind: Kind, *, guarded: bool) -> dict[str, Any]:
    """The `responses` of an operation. `guarded` where a token is needed."""
    if kind is Kind.PROBE:
        form = PLAIN if path == "/metrics" else JSON
        return _told(200, {form: {}}) | ({} if path == "/metrics" else _told(503, {JSON: {}}))
    if kind is Kind.PAGE:
        return _of_page(method, path)
    if kind is Kind.OAUTH:
        # OAuth's refusals have a form of their own (RFC 6749, section 5.2); the edge's are ours.
        told = _each((200, 400, 401, 429), {JSON: {}}) | _refusals((406, 408, 413, 415, 500, 503))
        return told | _told(400, {JSON: {}, FHIR: {"schema": _OUTCOME}})
    if kind is Kind.PUBLISHED:
        return _told(200, {_published(path): {}}) | _refusals(_EDGE)
    if kind is Kind.OWN:
        return _of_own(method, path, guarded=guarded)
    if kind is Kind.DELETE:
        return _told(204, {}) | _refusals((*_EDGE, *_TOKEN, *_BY_KIND[kind]))
    good = _each(_GOOD.get(kind, (200,)), {FHIR: {"schema": _RESOURCE}})
    if kind is Kind.READ and path not in _WITHOUT_VERSIONS:
        good |= _told(304, {})
    of_one = (404,) if kind is Kind.OPERATION and "{" in path else ()
    return good | _refusals((*_EDGE, *(_TOKEN if guarded else ()), *_BY_KIND[kind], *of_one))


def _published(path: str) -> str:
    return {"/fhir/metadata": FHIR, "/.well-known/jwks.json": KEYS}.get(path, JSON)


def _of_own(method: str, path: str, *, guarded: bool) -> dict[str, Any]:
    refused = {*_EDGE, *(_TOKEN if guarded else ())}
    if method == "POST":
        refused.add(422)
    if "{" in path or path in _FOUND_OR_NOT:
        refused.add(404)
    if path in _NEEDS_COUNTY_OR_FREE_NAME:
        refused.add(409)
    made = method == "POST" and (path in _MADE or path == _SECRET)
    told = _refusals(refused) | _told(201 if made else 200, {JSON: {}})
    if path in {"/gateway/county", "/gateway/clients", "/gateway/clients/{client}"} and method == "POST":
        # A file or a client that cannot be: each place, problem and remedy.
        told |= _told(422, {JSON: {"schema": _PROBLEMS}, FHIR: {"schema": _OUTCOME}})
    return told


def _of_page(method: str, path: str) -> dict[str, Any]:
    if path.startswith("/p/static/"):
        return _told(200, {CSS: {}}) | _each((400, 404, 406, 408, 413, 415, 500, 503), {HTML: {}})
    statuses = (200, 400, 401, 403, 404, 406, 408, 410, 413, 415, 429, 500, 503)
    posted = (409, 412, 422) if method == "POST" else ()
    return _each((*statuses, *posted), {HTML: {}}) | _told(303, {})


def _refusals(statuses: Iterable[int]) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(set(statuses))}


def _each(statuses: Iterable[int], content: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for status in sorted(set(statuses)):
        told |= _told(status, content)
    return told


def _told(status: int, content: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": _WORDS[status]}
    return {str(status): answer | ({"content": dict(content)} if content else {})}


_WORDS: Mapping[int, str] = {
    200: "done, or found",
    400: "cannot be read",
    406: "answers are JSON",
    408: "did not arrive in time",
    413: "too large",
    415: "not a form of body that is taken here",
    201: "made",
    204: "done, and nothing to say",
    303: "look there",
    304: "the caller has it already",
    401: "no valid token",
    403: "not this caller, or not now",
    404: "nothing that this caller may know of",
    409: "there already, with other content",
    410: "over",
    412: "not the version that was read",
    422: "understood and not taken: each reason with its place",
    429: "too many requests: later",
    500: "a fault of ours, with its id",
    503: "not now: later",
}
REFUSALS: Mapping[str, Any] = {
    str(status): {"description": words, "content": {FHIR: {"schema": _OUTCOME}}}
    for status, words in sorted(_WORDS.items())
    if status >= 400
}
"""What refusals look like, by status: named by each operation that answers so."""
