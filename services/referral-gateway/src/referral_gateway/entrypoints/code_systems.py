"""The terminology that is the county's own; public, as it says nothing of anybody."""

from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, Depends
from referral_contracts.errors import refuse
from service_runtime.web.access import public_route
from service_runtime.web.responses import FhirResponse

from referral_gateway.domain.county import County
from referral_gateway.domain.reason_code_system import ID, reason_code_system


def router(county: Callable[[], County], look: Callable[[], Awaitable[None]]) -> APIRouter:
    """`GET /fhir/CodeSystem/referral-reason`."""
    routes = APIRouter(dependencies=[Depends(public_route)])

    @routes.get("/fhir/CodeSystem/{system}")
    async def read(system: str) -> FhirResponse:
        if system != ID:
            raise refuse("not-found")
        await look()
        return FhirResponse(orjson.dumps(reason_code_system(county().pathways.values())))

    return routes
