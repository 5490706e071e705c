"""The OpenAPI document of each service, from its routes as they are built."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from referral_contracts import openapi
from support.routes import Route, installation


def document_of(service: str, routes: Iterable[Route]) -> dict[str, Any]:
    """The document of those of `routes` that belong to `service`."""
    return openapi.document(service, [_described(one) for one in routes if one.service == service])


async def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """By service; `folder` is where the services may put their files."""
    async with installation(folder, migrated=False) as three:
        return {service: document_of(service, three.routes) for service in three.services}


def _described(route: Route) -> openapi.Route:
    if route.access is None:
        return openapi.Route(route.method, route.path, None)
    return openapi.Route(route.method, route.path, route.access.scope, tuple(sorted(route.access.kinds)))
