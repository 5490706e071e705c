"""`GET /gateway/agreements/history`: what became of the county's agreements, load by load."""

from typing import Any

from fastapi import APIRouter, Depends
from referral_contracts.errors import refuse
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from referral_gateway.adapters.county_history import CountyHistory
from referral_gateway.domain.agreement_history import AgreementChange

_MAY_SEE = Depends(requires("lahetti/agreements.r", "staff"))


def router(history: CountyHistory, database: Database) -> APIRouter:
    """404 where the agreement that is named was never loaded."""
    routes = APIRouter()

    @routes.get("/gateway/agreements/history", dependencies=[_MAY_SEE])
    async def agreement_history(agreement: str | None = None) -> JsonResponse:
        async with database.read() as session:
            found = await history.agreements(session, agreement)
        if agreement is not None and not found:
            raise refuse("not-found")
        return JsonResponse({"changes": [_told(one) for one in found]})

    return routes


def _told(one: AgreementChange) -> dict[str, Any]:
    return {
        "at": one.load.at,
        "by": one.load.by,
        "version": one.load.version,
        "digest": one.load.digest,
        "agreement": one.agreement,
        "change": one.kind,
        "differences": [{"place": each.place, "was": each.was, "is": each.now} for each in one.differences],
        "was": one.was,
        "is": one.now,
    }
