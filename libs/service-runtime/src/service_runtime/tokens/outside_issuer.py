"""Tokens of an outside OpenID Connect issuer, such as the county's own, as an alternative to ours."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import aiohttp
import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from service_runtime import http
from service_runtime.caller import Caller, Kind
from service_runtime.clock import Clock
from service_runtime.logs import logger
from service_runtime.scopes import narrowed, permissions
from service_runtime.tokens.published_keys import FRESH_SECONDS, REFRESH_EVERY_SECONDS, PublishedKeys
from service_runtime.tokens.verifier import CHALLENGE, LONGEST_TOKEN, Verified, invalid_token, seconds_of
from service_runtime.web.problems import Problem

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384")
CURVES = frozenset({"P-256", "P-384"})
KINDS: Mapping[str, Kind] = {"ehr": "ehr", "provider": "provider"}
_MOST_REMEMBERED = 4096
_LONGEST_ID = 200
_log = logger()


@dataclass(frozen=True, slots=True)
class IssuerTerms:
    """Which tokens of an issuer are taken, and what their claims mean.

    `client_claims` are tried in order; `scope_claim` holds a text or a list; `kind_claim` says `ehr` or
    `provider`, and without one every client is an `ehr`. `most_scope` is all that a token may grant, whatever
    it says: the issuer knows who somebody is, this installation what may be done.
    """

    issuer: str
    audience: str
    most_scope: str
    client_claims: tuple[str, ...] = ("client_id", "azp")
    scope_claim: str = "scope"
    kind_claim: str = ""


class OutsideIssuer:
    """Verifies an issuer's access tokens (RFC 9068 in substance: `iss`, `aud`, `exp`, `iat`, a client) with
    the keys that its discovery document leads to. Document and keys are kept for a quarter of an hour, and
    asked for anew at most every 30 s; while the issuer is away the last ones hold. `leeway` is in seconds.
    """

    def __init__(self, terms: IssuerTerms, clock: Clock, *, leeway: float = 5) -> None:
        self._terms, self._clock, self._leeway = terms, clock, leeway
        self._keys = PublishedKeys(clock, private_addresses=True, curves=CURVES)
        self._keys_url = ""
        self._found_at = self._tried_at = float("-inf")
        self._verified: OrderedDict[bytes, Verified] = OrderedDict()

    def issued(self, token: str) -> bool:
        """Whether the token says that it is the issuer's; nothing of it is proved by that."""
        claims = _claims(token)
        return claims is not None and claims.get("iss") == self._terms.issuer

    async def verify(self, token: str) -> Caller:
        """The caller that `token` names. Raises Problem `token-expired`, otherwise `token-invalid`."""
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._verified.get(digest)
        if known is None:
            known = await self._checked(token)
            self._verified[digest] = known
            if len(self._verified) > _MOST_REMEMBERED:
                self._verified.popitem(last=False)
        if self._clock.now().timestamp() >= known.expires + self._leeway:
            self._verified.pop(digest, None)
            raise Problem("token-expired", headers=CHALLENGE)
        return known.caller

    async def _checked(self, token: str) -> Verified:
        claims = await self._signed_claims(token)
        now, terms = self._clock.now().timestamp(), self._terms
        audience: Any = claims.get("aud")
        named = cast(list[Any], audience) if isinstance(audience, list) else [audience]
        if claims.get("iss") != terms.issuer or terms.audience not in named:
            raise invalid_token()
        expires, issued = seconds_of(claims.get("exp")), seconds_of(claims.get("iat"))
        begins = seconds_of(claims.get("nbf", 0))
        if max(begins, issued) > now + self._leeway:
            raise invalid_token()
        if now >= expires + self._leeway:
            raise Problem("token-expired", headers=CHALLENGE)
        return Verified(expires, self._caller(claims, token, issued))

    def _caller(self, claims: Mapping[str, Any], token: str, issued: float) -> Caller:
        terms = self._terms
        client = next((claims[name] for name in terms.client_claims if claims.get(name)), None)
        kind = KINDS.get(str(claims.get(terms.kind_claim))) if terms.kind_claim else "ehr"
        if not isinstance(client, str) or len(client) > _LONGEST_ID or kind is None:
            raise invalid_token()
        said: Any = claims.get(terms.scope_claim, "")
        asked = " ".join(str(one) for one in cast(list[Any], said)) if isinstance(said, list) else str(said)
        jti = str(claims.get("jti") or sha256(token.encode()).hexdigest())
        return Caller(client, kind, permissions(narrowed(asked, terms.most_scope)), None, jti, issued)

    async def _signed_claims(self, token: str) -> Mapping[str, Any]:
        try:
            header = (
                jws.extract_compact(token.encode("ascii")).headers() if len(token) <= LONGEST_TOKEN else {}
            )
            algorithm, kid = header.get("alg"), header.get("kid")
            if algorithm not in ALGORITHMS or not isinstance(kid, str):
                raise invalid_token()
            key = await self._key(kid)
            if key is None:
                raise invalid_token()
            signed = jws.deserialize_compact(token, key, algorithms=[str(algorithm)])
            claims: Any = orjson.loads(signed.payload)
        except (JoseError, ValueError, TypeError, KeyError):
            raise invalid_token() from None
        if not isinstance(claims, dict):
            raise invalid_token()
        return cast(dict[str, Any], claims)

    async def _key(self, kid: str) -> Key | None:
        now = self._clock.monotonic()
        if now - self._found_at > FRESH_SECONDS and now - self._tried_at >= REFRESH_EVERY_SECONDS:
            self._tried_at = now
            await self._discover()
        return await self._keys.find(self._keys_url, kid) if self._keys_url else None

    async def _discover(self) -> None:
        """Learn where the keys are (OpenID Connect Discovery 1.0, section 4)."""
        url = f"{self._terms.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            async with http.session() as client:
                answer = await http.call(client, "GET", url, headers={"Accept": "application/json"})
            said: Any = orjson.loads(answer.body) if answer.status == 200 else {}
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            _log.warning("issuer.unreadable", error=type(error).__name__)
            return
        found = cast(dict[str, Any], said) if isinstance(said, dict) else {}
        keys_url = found.get("jwks_uri")
        if found.get("issuer") != self._terms.issuer or not isinstance(keys_url, str):
            _log.warning("issuer.unreadable", status=answer.status)
            return
        self._keys_url, self._found_at = keys_url, self._clock.monotonic()


def _claims(token: str) -> Mapping[str, Any] | None:
    try:
        if len(token) > LONGEST_TOKEN:
            return None
        claims: Any = orjson.loads(jws.extract_compact(token.encode("ascii")).payload)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return cast(dict[str, Any], claims) if isinstance(claims, dict) else None
