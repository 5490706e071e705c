"""What engineers and coordinators look at: cases, lag of the topics, one referral's way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends
from referral_contracts.errors import refuse
from service_runtime.database.engine import Database
from service_runtime.event_log.port import EventLog
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from referral_gateway.adapters.trace import Trace
from referral_gateway.domain.cases import CASES
from referral_gateway.ports import Cases, OpenCase

_MAY_SEE_CASES = Depends(requires("lahetti/cases.r", "staff"))
_MAY_SEE_TOPICS = Depends(requires("lahetti/topics.r", "staff"))
_MAY_TRACE = Depends(requires("lahetti/trace.r", "staff"))


def router(
    cases: Cases,
    trace: Trace,
    database: Database,
    event_log: EventLog,
    groups: Sequence[str],
    wanted: Callable[[], Iterable[str]],
    topics_managed: str,
) -> APIRouter:
    """None of the answers holds a name, a reason or a place. `wanted` are the topics that there must be."""
    routes = APIRouter()

    @routes.get("/gateway/cases", dependencies=[_MAY_SEE_CASES])
    async def open_cases() -> JsonResponse:
        async with database.read() as session:
            found = await cases.listed(session)
        return JsonResponse({"cases": [_case(case) for case in found]})

    @routes.get("/gateway/topics", dependencies=[_MAY_SEE_TOPICS])
    async def topics() -> JsonResponse:
        lags = [
            {"group": group, "topic": lane.topic, "lane": lane.lane, "lag": lag}
            for group in groups
            for lane, lag in sorted((await event_log.lag(group)).items())
        ]
        missing = [asdict(one) for one in await event_log.missing(wanted())]
        there = sorted(await event_log.topics())
        return JsonResponse({"topics": there, "lag": lags, "managed": topics_managed, "missing": missing})

    @routes.get("/gateway/trace/{referral}", dependencies=[_MAY_TRACE])
    async def trace_referral(referral: str) -> JsonResponse:
        async with database.read() as session:
            steps = await trace.steps(session, referral)
        if not steps:
            raise refuse("not-found")
        return JsonResponse({"steps": steps})

    return routes


def _case(case: OpenCase) -> dict[str, Any]:
    return {
        "id": case.id,
        "kind": case.kind,
        "referral": case.referral,
        "service_request": case.routing,
        "owner": case.owner,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "acts": list(CASES[case.kind].acts),
    }
