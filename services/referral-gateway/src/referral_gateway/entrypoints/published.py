"""What anybody may read: what this server can do, and the keys that its tokens are checked with."""

from pathlib import Path

from fastapi import APIRouter, Depends
from service_runtime.web.access import public_route
from service_runtime.web.responses import FhirResponse
from starlette.responses import Response


def router(capability: bytes, jwks_file: Path) -> APIRouter:
    """`GET /fhir/metadata` and `GET /.well-known/jwks.json`."""
    routes = APIRouter(dependencies=[Depends(public_route)])

    @routes.get("/fhir/metadata")
    async def metadata() -> FhirResponse:
        return FhirResponse(capability)

    @routes.get("/.well-known/jwks.json")
    async def keys() -> Response:
        # Read anew: a rotated key is known without a restart. The file is a few hundred bytes.
        return Response(jwks_file.read_bytes(), media_type="application/jwk-set+json")  # noqa: ASYNC240

    return routes
