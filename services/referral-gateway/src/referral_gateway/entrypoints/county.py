"""`POST /gateway/county`: staff put a county's folder in force."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts.errors import refuse
from service_runtime import logs
from service_runtime.caller import Caller
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.responses import JsonResponse

from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.domain.county import CountyError
from referral_gateway.use_cases.load_county import LoadCounty, Loaded

_MAY_LOAD = Depends(requires("lahetti/county.w", "staff"))
_log = logs.logger()


def router(load: LoadCounty, database: Database, counties: CountyStore) -> APIRouter:
    """200 with what changed, or 422 with each file, place, problem and remedy, and nothing loaded."""
    routes = APIRouter()

    @routes.post("/gateway/county")
    async def load_county(request: Request, caller: Caller = _MAY_LOAD) -> JsonResponse:
        files = _files(await request.body())
        try:
            async with database.write() as session:
                loaded = await load(session, files, caller.client_id)
        except CountyError as refused:
            return JsonResponse({"problems": [asdict(problem) for problem in refused.problems]}, 422)
        counties.take_over(loaded.version, loaded.county)
        _log.info("county.loaded", county=loaded.county.id, version=loaded.version, count=len(loaded.changed))
        return JsonResponse(_report(loaded))

    return routes


def _files(body: bytes) -> Mapping[str, str]:
    try:
        sent: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse("malformed-json") from None
    files: Any = cast(dict[str, Any], sent).get("files") if isinstance(sent, dict) else None
    if not isinstance(files, dict):
        raise refuse("invalid-value", "files")
    if set(cast(dict[str, Any], sent)) - {"files"}:
        raise refuse("unknown-element")
    texts = cast(dict[str, Any], files)
    if not all(isinstance(text, str) for text in texts.values()):
        raise refuse("invalid-value", "files")
    return texts


def _report(loaded: Loaded) -> dict[str, Any]:
    return {
        "county": loaded.county.id,
        "version": loaded.version,
        "added": list(loaded.added),
        "changed": list(loaded.changed),
        "removed": list(loaded.removed),
        "unchanged": loaded.unchanged,
    }
