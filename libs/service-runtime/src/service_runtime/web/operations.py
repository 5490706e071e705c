"""What probes and Prometheus read: /livez, /readyz, /metrics. The ingress does not lead to them."""

from fastapi import APIRouter, Depends
from starlette.responses import Response

from service_runtime.health import Health, Report
from service_runtime.metrics import CONTENT_TYPE, Metrics
from service_runtime.web.access import public_route
from service_runtime.web.responses import JsonResponse


def router(health: Health, metrics: Metrics) -> APIRouter:
    """The three routes; no token is needed, and nothing in them is about a person."""
    routes = APIRouter(dependencies=[Depends(public_route)])

    @routes.get("/livez")
    async def livez() -> Response:
        return _answer(health.alive())

    @routes.get("/readyz")
    async def readyz() -> Response:
        return _answer(await health.ready())

    @routes.get("/metrics")
    async def read_metrics() -> Response:
        return Response(await metrics.render(), headers={"content-type": CONTENT_TYPE})

    return routes


def _answer(report: Report) -> Response:
    return JsonResponse({"status": report.status, "parts": dict(report.parts)}, report.http_status)
