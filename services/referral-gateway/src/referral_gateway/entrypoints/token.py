"""`POST /oauth/token`, `POST /oauth/revoke` (RFC 7009), and the document that leads to them (SMART App Launch
2.2, Backend Services).
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from referral_contracts import usual_scopes
from service_runtime import logs
from service_runtime.database.engine import Database
from service_runtime.tokens.assertions import ALGORITHMS
from service_runtime.web.access import public_route
from service_runtime.web.responses import JsonResponse

from referral_gateway.adapters.county_store import CountyStore
from referral_gateway.domain.client_access import TokenRefusedError
from referral_gateway.use_cases.issue_token import Issued, IssueToken
from referral_gateway.use_cases.revoke_token import RevokeToken

PATH = "/oauth/token"
REVOKE_PATH = "/oauth/revoke"
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
    "audience": "The assertion's aud must be the address of this endpoint.",
    "no-jti": "The assertion has no jti.",
    "expired": "The assertion has expired.",
    "too-long": "The assertion's exp must be at most 300 seconds ahead.",
    "not-yet": "The assertion is not valid yet.",
    "not-known": _NOT_PROVED,
    "signature": _NOT_PROVED,
    "replayed": "An assertion with this jti was used before: make a new one for each request.",
    "too-many": "There were too many attempts in this client's name: try again in a minute.",
    "token": "Send the token that is to be revoked.",
    "not-its-token": "This token is not one of the client's own.",
    "scope": "None of the scopes asked is this client's; write them like system/Task.rs or system/Task.read.",
}
_STATUSES = {"invalid_client": 401, "temporarily_unavailable": 429}
_HEADERS = {"temporarily_unavailable": {"Retry-After": "60"}}
_log = logs.logger()


class _Asked(NamedTuple):
    assertion: str
    scope: str


class _Returned(NamedTuple):
    assertion: str
    token: str


def router(
    issue: IssueToken, revoke: RevokeToken, counties: CountyStore, database: Database, public_base: str
) -> APIRouter:
    """All three routes. The endpoints answer in OAuth's own words, a refusal too (RFC 6749, section 5)."""
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

    @routes.post(REVOKE_PATH)
    async def take_back(request: Request) -> JsonResponse:
        try:
            returned = _returned(await request.body())
            await counties.look()
            client_id, write = await revoke.prepared(returned.assertion, returned.token)
        except TokenRefusedError as refused:
            _log.info("token.refused", reason=refused.reason)
            return _refusal(refused)
        if write is not None:
            async with database.write() as session:
                await write(session)
            _log.info("token.revoked", client_id=client_id)
        return JsonResponse({}, headers={"Pragma": "no-cache"})

    return routes


def smart_configuration(public_base: str) -> dict[str, object]:
    """What a client must know to get a token; there is no launch and no user here."""
    return {
        "token_endpoint": f"{public_base}{PATH}",
        "revocation_endpoint": f"{public_base}{REVOKE_PATH}",
        "jwks_uri": f"{public_base}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": usual_scopes.EHR.split(),
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


def _asked(body: bytes) -> _Asked:
    form = _form(body)
    if "grant_type" not in form:
        raise TokenRefusedError("invalid_request", "grant-type")
    if form["grant_type"] != "client_credentials":
        raise TokenRefusedError("unsupported_grant_type", "grant-type")
    return _Asked(_assertion(form), form.get("scope", ""))


def _returned(body: bytes) -> _Returned:
    form = _form(body)
    assertion = _assertion(form)
    if not form.get("token"):
        raise TokenRefusedError("invalid_request", "token")
    return _Returned(assertion, form["token"])


def _form(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(body.decode(), errors="strict", max_num_fields=20)
    except ValueError:
        raise TokenRefusedError("invalid_request", "form") from None
    form = dict(pairs)
    if len(form) < len(pairs) or not form:
        raise TokenRefusedError("invalid_request", "form")
    return form


def _assertion(form: Mapping[str, str]) -> str:
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise TokenRefusedError("invalid_client", "assertion-type")
    return form["client_assertion"]


def _refusal(refused: TokenRefusedError) -> JsonResponse:
    headers = {"Pragma": "no-cache"} | _HEADERS.get(refused.error, {})
    said = {"error": refused.error, "error_description": _DESCRIPTIONS[refused.reason]}
    return JsonResponse(said, _STATUSES.get(refused.error, 400), headers)


def _answer(issued: Issued) -> JsonResponse:
    said = {
        "access_token": issued.token,
        "token_type": "bearer",
        "expires_in": issued.seconds,
        "scope": issued.scope,
    }
    return JsonResponse(said, headers={"Pragma": "no-cache"})
