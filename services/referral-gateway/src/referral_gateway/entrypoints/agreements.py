"""`GET /gateway/agreements`: how far the county's agreements are used."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from referral_gateway.domain.agreements import ANY_LENGTH, Number, Party, Quota
from referral_gateway.domain.standing import Standing
from referral_gateway.use_cases.list_agreements import ListAgreements

_MAY_SEE = Depends(requires("lahetti/agreements.r", "staff"))


def router(listed: ListAgreements, database: Database, look: Callable[[], Awaitable[None]]) -> APIRouter:
    """Counts and ids of organisations; nothing of anybody."""
    routes = APIRouter()

    @routes.get("/gateway/agreements", dependencies=[_MAY_SEE])
    async def agreements() -> JsonResponse:
        await look()
        async with database.read() as session:
            found = await listed(session)
        return JsonResponse({"agreements": [_told(one) for one in found]})

    return routes


def _told(one: Standing) -> dict[str, Any]:
    agreement, party, number = one.agreement, one.party, one.party.number or one.agreement.number
    served = party.municipalities
    return {
        "agreement": agreement.id,
        "pathway": agreement.pathway,
        "provider": party.provider,
        "service": party.service,
        "municipalities": "all" if served is None else sorted(served),
        "valid_from": agreement.valid_from,
        "valid_until": agreement.valid_until,
        "period": _period(party, number),
        "number": one.quota.most if one.quota else None,
        "used": one.used if one.quota else None,
        "left": one.left,
        "shared": one.shared,
        "warn_at": agreement.warn_at if one.quota else None,
        "state": one.state,
        "waitlist": _waitlist(one.quota),
        "waiting": one.waiting if _waitlist(one.quota) or one.waiting else None,
    }


def _waitlist(quota: Quota | None) -> int | bool | None:
    """How many may wait, as the agreement says it: a number, or True for any."""
    most = quota.line.most if quota is not None and quota.line is not None else 0
    return True if most == ANY_LENGTH else most or None


def _period(party: Party, number: Number | None) -> str | None:
    """What the number holds for: a calendar period, the whole agreement, or one course."""
    if party.course is not None:
        return f"course {party.course.id}"
    return number.period if number is not None else None
