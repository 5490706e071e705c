"""`GET /gateway/recordings`: procedure codes and ready phrase of referrals, for the collector's Task A."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from referral_contracts.errors import refuse
from service_runtime.database.engine import Database
from service_runtime.ids import is_id
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from referral_gateway.domain.county import County
from referral_gateway.domain.recording import NOTHING, as_data
from referral_gateway.ports import Ledger

_MAY_ASK = Depends(requires("system/ServiceRequest.r", "service"))
MOST_ASKED = 200


def router(
    ledger: Ledger, database: Database, county: Callable[[], County], look: Callable[[], Awaitable[None]]
) -> APIRouter:
    """By referral, as the county's data are now. `any` is False where no pathway has anything to record:
    then nobody need ask for a while."""
    routes = APIRouter()

    @routes.get("/gateway/recordings", dependencies=[_MAY_ASK])
    async def recordings(referral: Annotated[list[str], Query()]) -> JsonResponse:
        if len(referral) > MOST_ASKED or not all(map(is_id, referral)):
            raise refuse("invalid-parameter", name="referral")
        await look()
        known = {name: pathway.recording for name, pathway in county().pathways.items()}
        if not any(known.values()):
            return JsonResponse({"any": False, "recordings": {}})
        async with database.read() as session:
            pathways = await ledger.pathways(session, referral)
        told = {one: as_data(known.get(pathway, NOTHING)) for one, pathway in pathways.items()}
        return JsonResponse({"any": True, "recordings": told})

    return routes
