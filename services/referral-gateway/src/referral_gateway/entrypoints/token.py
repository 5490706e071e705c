"""`POST /oauth/token` and the document that leads to it (SMART App Launch 2.2, Backend Services)."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from referral_contracts import usual_scopes
from service_runtime import logs
from service_runtime.tokens.assertions import ALGORITHMS
from service_runtime.web.access import public_route
from service_runtime.web.responses import JsonResponse

from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.domain.client_access import TokenRefusedError
from referral_gateway.use_cases.issue_token import Issued, IssueToken

PATH = "/oauth/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NOT_PROVED = (
    "The client is not known here, or this is not a signature by a key of its own that is named by kid."
)
_DESCRIPTIONS: Mapping[str, str] = {
    "form": "Send each parameter once, as application/x-www-form-urlencoded in UTF-8.",
    "grant-type": "grant_type must be client_credentials.",
    "assertion-type": f"client_assertion_type must be {ASSERTION_TYPE}, with a client_assertion.",
    "malformed": "client_assertion is not a signed JWT with numbers for exp and nbf.",
    "algorithm": f"The assertion's alg must be one of {', '.join(ALGORITHMS)}.",
    "no-kid": "The assertion's header names no kid.",
    "issuer": "The assertion's iss and sub must both be the client's id.",
    "audience": "The assertion's aud must be the address of this token endpoint.",
    "no-jti": "The assertion has no jti.",
    "expired": "The assertion has expired.",
    "too-long": "The assertion's exp must be at most 300 seconds ahead.",
    "not-yet": "The assertion is not valid yet.",
    "not-known": _NOT_PROVED,
    "signature": _NOT_PROVED,
    "replayed": "An assertion with this jti was used before: make a new one for each request.",
    "scope": "None of the scopes asked is this client's; write them like system/Task.rs or system/Task.read.",
}
_STATUSES = {"invalid_client": 401}
_log = logs.logger()


class _Asked(NamedTuple):
    assertion: str
    scope: str


def router(issue: IssueToken, counties: CountyStore, public_base: str) -> APIRouter:
    """Both routes. The endpoint answers in OAuth's own words, a refusal too (RFC 6749, section 5)."""
    routes = APIRouter(dependencies=[Depends(public_route)])
    configuration = smart_configuration(public_base)

    @routes.get("/fhir/.well-known/smart-configuration")
    async def read_configuration() -> JsonResponse:
        return JsonResponse(configuration)

    @routes.post(PATH)
    async def token(request: Request) -> JsonResponse:
        try:
            asked = _asked(await request.body())
            await counties.look()
            issued = await issue(asked.assertion, asked.scope)
        except TokenRefusedError as refused:
            _log.info("token.refused", reason=refused.reason)
            return _refusal(refused)
        _log.info("token.issued", client_id=issued.client_id)
        return _answer(issued)

    return routes


def smart_configuration(public_base: str) -> dict[str, object]:
    """What a client must know to get a token; there is no launch and no user here."""
    return {
        "token_endpoint": f"{public_base}{PATH}",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": usual_scopes.EHR.split(),
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


def _asked(body: bytes) -> _Asked:
    try:
        pairs = parse_qsl(body.decode(), errors="strict", max_num_fields=20)
    except ValueError:
        raise TokenRefusedError("invalid_request", "form") from None
    form = dict(pairs)
    if len(form) < len(pairs) or not form:
        raise TokenRefusedError("invalid_request", "form")
    if "grant_type" not in form:
        raise TokenRefusedError("invalid_request", "grant-type")
    if form["grant_type"] != "client_credentials":
        raise TokenRefusedError("unsupported_grant_type", "grant-type")
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise TokenRefusedError("invalid_client", "assertion-type")
    return _Asked(form["client_assertion"], form.get("scope", ""))


def _refusal(refused: TokenRefusedError) -> JsonResponse:
    said = {"error": refused.error, "error_description": _DESCRIPTIONS[refused.reason]}
    return JsonResponse(said, _STATUSES.get(refused.error, 400), {"Pragma": "no-cache"})


def _answer(issued: Issued) -> JsonResponse:
    said = {
        "access_token": issued.token,
        "token_type": "bearer",
        "expires_in": issued.seconds,
        "scope": issued.scope,
    }
    return JsonResponse(said, headers={"Pragma": "no-cache"})
