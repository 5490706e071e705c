"""The interactions that a CapabilityStatement lists, and those that a table of routes makes."""

import re
from collections.abc import Iterable
from typing import Any

from support.routes import Route

WAYS = {
    ("GET", ""): "search-type",
    ("POST", "/_search"): "search-type",
    ("POST", ""): "create",
    ("POST", "/$route"): "$route",
    ("POST", "/$validate"): "$validate",
    ("GET", "/{id}/$status"): "$status",
    ("POST", "/{id}/$status"): "$status",
    ("GET", "/{id}/$events"): "$events",
    ("POST", "/{id}/$events"): "$events",
    ("GET", "/{id}"): "read",
    ("PUT", "/{id}"): "update",
    ("PUT", ""): "update",
    ("PATCH", "/{id}"): "patch",
    ("DELETE", "/{id}"): "delete",
    ("GET", "/{id}/_history"): "history-instance",
    ("GET", "/{id}/_history/{version}"): "vread",
    ("GET", "/_history"): "history-type",
}
WHOLE = {
    ("POST", "/fhir"): "transaction",
    ("POST", "/fhir/"): "transaction, as clients write it that join a base and no path",
    ("GET", "/fhir/metadata"): "capabilities",
    ("GET", "/fhir/.well-known/smart-configuration"): "where tokens are given",
}


def listed(rest: dict[str, Any]) -> dict[str, set[str]]:
    """The interactions of each type, and its operations with a dollar before the name."""
    return {
        one["type"]: {each["code"] for each in one["interaction"]}
        | {f"${each['name']}" for each in one.get("operation", [])}
        for one in rest["resource"]
    }


def routed(routes: Iterable[Route]) -> dict[str, set[str]]:
    """What is routed under /fhir, by type; a route that is no interaction of FHIR's fails."""
    found: dict[str, set[str]] = {}
    for route in routes:
        if not route.path.startswith("/fhir") or (route.method, route.path) in WHOLE:
            continue
        name, _, rest = route.path.removeprefix("/fhir/").partition("/")
        way = re.sub(r"^\{\w+\}", "{id}", rest)
        found.setdefault(name, set()).add(WAYS[route.method, f"/{way}" if way else ""])
    return found
