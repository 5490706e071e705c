"""Makes the web application of a service: its routes inside the edge that all services share."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from service_runtime.health import Health
from service_runtime.metrics import Metrics
from service_runtime.tokens import TokenVerifier
from service_runtime.tokens.bars import Bars
from service_runtime.tokens.outside_issuer import OutsideIssuer
from service_runtime.web import operations
from service_runtime.web.client_limits import ClientLimits
from service_runtime.web.edge import Edge
from service_runtime.web.refusals import Pages, Render, on_http_exception, on_validation_error

MAX_BODY_BYTES = 1_048_576
# The framework's own telemetry would carry raw paths and the texts of exceptions past our logs.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(
    *,
    service: str,
    routers: Sequence[APIRouter],
    health: Health,
    tokens: TokenVerifier,
    render_problem: Render,
    max_body_bytes: int = MAX_BODY_BYTES,
    metrics: Metrics | None = None,
    limits: ClientLimits | None = None,
    bars: Bars | None = None,
    outside: OutsideIssuer | None = None,
    pages: Pages | None = None,
) -> FastAPI:
    """The application of `service`.

    A route answers ready bytes (`FhirResponse`, `JsonResponse`, a page), reads its body by
    `await request.body()`, and refuses by raising. Any exception with `http_status` and `issues` is rendered
    by `render_problem(issues, language)` as application/fhir+json, for pages by `pages.render`; its
    `headers`, if it has any, go along. Everything else is a 500 that tells only an id, or a 503 where the
    database cannot be reached. Bodies are JSON (PATCH: JSON Patch) of at most `max_body_bytes`; pages take
    plain forms. `limits` are counted, and `bars` asked, at every route that wants a token; `outside` is an
    issuer whose tokens are taken beside ours.
    """
    metrics = metrics or Metrics()
    app = FastAPI(
        title=service,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        exception_handlers={HTTPException: on_http_exception, RequestValidationError: on_validation_error},
        middleware=[
            Middleware(
                Edge,
                service=service,
                render=render_problem,
                max_body_bytes=max_body_bytes,
                metrics=metrics,
                pages=pages,
            )
        ],
    )
    app.state.tokens = tokens
    app.state.limits = limits
    app.state.bars = bars
    app.state.outside = outside
    for router in (*routers, operations.router(health, metrics)):
        # The routes themselves, not `include_router`: one flat table is what the router walks for each
        # request, what the log names, and what the tests that ask each route for its scope read.
        app.router.routes.extend(router.routes)
    return app
