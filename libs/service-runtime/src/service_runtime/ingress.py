"""The embedded front door: one ASGI function from the same table that renders the deployment's ingress."""

from collections.abc import Sequence

from starlette.types import Receive, Scope, Send

from service_runtime.service import ASGIApp


class Ingress:
    """Leads a request by its path to one of several applications; nothing is mounted, no prefix is cut off.

    A prefix means whole path elements, as `pathType: Prefix` does in Kubernetes: `/fhir/Task` leads
    `/fhir/Task/1` and `/fhir/Task`, and not `/fhir/Tasks`. The longest one that fits wins.
    """

    def __init__(self, routes: Sequence[tuple[str, ASGIApp]], default: ASGIApp) -> None:
        self._routes = sorted(
            ((prefix.rstrip("/"), app) for prefix, app in routes),
            key=lambda route: len(route[0]),
            reverse=True,
        )
        self._default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.leads_to(scope.get("path", "/"))(scope, receive, send)

    def leads_to(self, path: str) -> ASGIApp:
        """The application that answers `path`."""
        for prefix, app in self._routes:
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}:
                return app
        return self._default
