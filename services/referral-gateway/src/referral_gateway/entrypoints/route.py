"""`POST /fhir/ServiceRequest/$route`: where a referral would go, and why; nothing is written."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from referral_contracts import systems
from referral_contracts.errors import Issue
from referral_contracts.operation_outcome import text
from service_runtime.database.engine import Database
from service_runtime.web.access import requires
from service_runtime.web.languages import Language, preferred
from service_runtime.web.responses import FhirResponse

from referral_gateway.domain.rules import Decision
from referral_gateway.domain.texts import Texts
from referral_gateway.use_cases.preview_routing import Preview, PreviewRouting, Seen

PATH = "/fhir/ServiceRequest/$route"
_MAY_ASK = Depends(requires("system/ServiceRequest.r", "ehr"))
Part = dict[str, Any]


def router(preview: PreviewRouting, database: Database, look: Callable[[], Awaitable[None]]) -> APIRouter:
    """Bundle or Parameters in, Parameters out, in the language that the caller prefers."""
    routes = APIRouter()

    @routes.post(PATH, dependencies=[_MAY_ASK])
    async def route(request: Request) -> FhirResponse:
        await look()
        raw = await request.body()
        async with database.read() as session:
            found = await preview(session, raw)
        language = preferred(request.headers.get("accept-language", ""))
        return FhirResponse(orjson.dumps(parameters(found, language)))

    return routes


def parameters(found: Preview, language: Language) -> dict[str, Any]:
    """The answer: `rule`, `refusal` where it would be turned away, `permission`, and each `candidate`."""
    told: list[Part] = []
    if found.ruling.decision is not None:
        told.append({"name": "rule", "part": _rule(found.ruling.decision, language)})
    if found.refusal is not None:
        told.append({"name": "refusal", "part": list(_reason(found.refusal, language))})
    told.append({"name": "permission-asked", "valueBoolean": found.permission_asked})
    told += [{"name": "candidate", "part": list(_candidate(found, one, language))} for one in found.seen]
    return {"resourceType": "Parameters", "parameter": told}


def _rule(decision: Decision, language: Language) -> list[Part]:
    words = decision.rule.words
    return [
        {"name": "id", "valueCode": decision.rule.id},
        {"name": "version", "valueInteger": decision.version},
        {"name": "text", "valueString": in_language(words, language)},
        {"name": "overridden", "valueBoolean": decision.kind is not None},
        *({"name": "input", "valueCode": name} for name in decision.inputs),
        *({"name": "kind", "valueCode": kind} for kind in decision.kinds),
    ]


def _candidate(found: Preview, seen: Seen, language: Language) -> Iterator[Part]:
    one, provider = seen.candidate, found.county.providers[seen.candidate.provider]
    yield {"name": "service", "valueReference": {"reference": f"HealthcareService/{one.service}"}}
    yield {
        "name": "provider",
        "valueReference": {"reference": f"Organization/{one.provider}", "display": provider.name},
    }
    yield {"name": "agreement", "valueCode": one.agreement}
    yield {"name": "available", "valueBoolean": seen.excluded is None}
    yield {"name": "chosen", "valueBoolean": seen.chosen}
    if one.course is not None:
        yield {"name": "course", "valueCode": one.course.id}
        yield {"name": "starts", "valueDate": one.course.starts.isoformat()}
        yield {"name": "ends", "valueDate": one.course.ends.isoformat()}
        yield {"name": "where", "valueString": in_language(one.course.where, language)}
    if one.quota is not None and seen.left is not None:
        yield {"name": "number", "valueInteger": one.quota.most}
        yield {"name": "left", "valueInteger": seen.left}
    if seen.waiting is not None:
        yield {"name": "waiting", "valueInteger": seen.waiting}
    yield from _reason(_why(found, seen), language)


def in_language(told: Texts, language: Language) -> str:
    """One of a county's texts."""
    return {"fi": told.fi, "sv": told.sv, "en": told.en}[language]


def _why(found: Preview, seen: Seen) -> Issue:
    """What excludes it, or that it can take the referral."""
    params = {"provider": seen.candidate.provider}
    if found.ruling.decision is not None:
        params["rule"] = found.ruling.decision.rule.id
    if seen.waiting is not None:
        return Issue("candidate-with-line", (), params | {"waiting": str(seen.waiting)})
    if seen.excluded is not None:
        return Issue(str(seen.excluded), (), params)
    if seen.left is not None:
        return Issue("candidate-with-number", (), params | {"left": str(seen.left)})
    return Issue("candidate", (), params)


def _reason(issue: Issue, language: Language) -> Iterator[Part]:
    yield {"name": "reason", "valueCoding": {"system": systems.ERROR, "code": issue.slug}}
    yield {"name": "text", "valueString": text(issue, language)}
