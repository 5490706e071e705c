"""From a table of routes to an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from referral_contracts.fhir.capability import COLLECTOR
from referral_contracts.fhir.search.definitions import COMMON, RESULT, SEARCHES
from referral_contracts.fhir.search.versions import HISTORY
from referral_contracts.openapi.answers import REFUSALS, responses
from referral_contracts.openapi.bodies import SCHEMAS, body_of
from referral_contracts.openapi.kinds import Kind, kind_of

_IF_MATCH = ("If-Match", 'The version that was read, such as W/"3".')
_IF_NONE_MATCH = ("If-None-Match", 'Versions that the caller has, such as W/"3"; * is any.')
_PREFER = ("Prefer", "return=minimal, return=representation or return=OperationOutcome; handling=strict.")
_IDEMPOTENCY_KEY = ("Idempotency-Key", "One key for one request: with other content it is refused.")
_IF_NONE_EXIST = ("If-None-Exist", "identifier=SYSTEM|VALUE: where it is there already, nothing is made.")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one route; `path` is a template. `scope` is None where no token is needed, `callers` are
    the kinds of clients that it takes, none where it takes all."""

    method: str
    path: str
    scope: str | None
    callers: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path


def document(service: str, routes: Iterable[Route]) -> dict[str, Any]:
    """The document of `service`, as a dictionary of plain JSON values. Says what FHIR leaves open: which
    statuses an interaction answers with, and in what form."""
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(routes, key=lambda one: (one.path, one.method)):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Lähetti, {service}", "version": "1", "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": dict(SCHEMAS),
            "responses": dict(REFUSALS),
            "securitySchemes": {"smart": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    kind = kind_of(*route.key)
    told: dict[str, Any] = {
        "operationId": f"{route.method} {route.path}",
        "parameters": [*_in_path(route), *_in_query(route, kind), *_headers(kind, route.path)],
        "responses": responses(route.method, route.path, kind, guarded=route.scope is not None),
    }
    if route.scope is not None:
        told |= {"security": [{"smart": []}], "x-scope": route.scope}
    if route.callers:
        told["x-callers"] = list(route.callers)
    if (body := body_of(route.method, route.path, kind)) is not None:
        told["requestBody"] = body
    return told


def _in_path(route: Route) -> Iterable[Mapping[str, Any]]:
    for part in route.path.split("/"):
        if part.startswith("{"):
            yield _parameter(part[1:-1], "path") | {"required": True}


def _in_query(route: Route, kind: Kind) -> Iterable[Mapping[str, Any]]:
    if kind is Kind.HISTORY:
        yield from (_parameter(name, "query") for name in HISTORY)
    if route.key == ("GET", "/fhir/Subscription/{subscription}/$events"):
        yield from (
            _parameter(name, "query") for name in ("eventsSinceNumber", "eventsUntilNumber", "content")
        )
    if kind is not Kind.SEARCH or route.method != "GET":
        return
    searchable = SEARCHES[route.path.rpartition("/")[2]]
    for name in (*(one.name for one in (*COMMON, *searchable.parameters)), *RESULT):
        yield _parameter(name, "query")


def _headers(kind: Kind, path: str) -> Iterable[Mapping[str, Any]]:
    wanted: list[tuple[str, str]] = []
    if kind in {Kind.UPDATE, Kind.PATCH}:
        wanted += [_IF_MATCH, _IF_NONE_MATCH, _PREFER]
    elif kind is Kind.CREATE and path.rpartition("/")[2] in COLLECTOR:
        wanted += [_PREFER]
    elif kind is Kind.CREATE:
        wanted += [_IF_NONE_EXIST, _IDEMPOTENCY_KEY, _PREFER]
    elif kind is Kind.TRANSACTION:
        wanted += [_IDEMPOTENCY_KEY, _PREFER]
    elif kind is Kind.READ:
        wanted += [_IF_NONE_MATCH]
    elif kind in {Kind.SEARCH, Kind.HISTORY}:
        wanted += [_PREFER]
    for name, words in wanted:
        yield _parameter(name, "header") | {"description": words}


def _parameter(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": {"type": "string"}}
