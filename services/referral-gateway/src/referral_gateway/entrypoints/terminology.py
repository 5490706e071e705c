"""The terminology that is the county's own; public, as it says nothing of anybody."""

from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, Depends
from referral_contracts.errors import refuse
from service_runtime.web.access import public_route
from service_runtime.web.responses import FhirResponse

from referral_gateway.domain.county import County
from referral_gateway.domain.procedure_concept_map import ID as PROCEDURE_CODES
from referral_gateway.domain.procedure_concept_map import procedure_concept_map
from referral_gateway.domain.reason_code_system import ID as REASONS
from referral_gateway.domain.reason_code_system import reason_code_system


def router(county: Callable[[], County], look: Callable[[], Awaitable[None]]) -> APIRouter:
    """`GET /fhir/CodeSystem/referral-reason` and `GET /fhir/ConceptMap/procedure-codes`."""
    routes = APIRouter(dependencies=[Depends(public_route)])

    @routes.get("/fhir/CodeSystem/{system}")
    async def code_system(system: str) -> FhirResponse:
        if system != REASONS:
            raise refuse("not-found")
        await look()
        return FhirResponse(orjson.dumps(reason_code_system(county().pathways.values())))

    @routes.get("/fhir/ConceptMap/{concept_map}")
    async def concept_map(concept_map: str) -> FhirResponse:
        if concept_map != PROCEDURE_CODES:
            raise refuse("not-found")
        await look()
        return FhirResponse(orjson.dumps(procedure_concept_map(county().pathways.values())))

    return routes
