"""How an EHR checks that a write comes from the platform: a JWT for this EHR, signed with a published key."""

import time
from typing import Any

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet


class TokenRefusedError(Exception):
    """The bearer is not the platform's, not for us, or has expired; the text is a constant."""


class PlatformTokens:
    """Verifies the platform's bearer tokens against its JWKS, fetched anew for an unknown key."""

    def __init__(self, jwks_url: str, audience: str) -> None:
        self._jwks_url = jwks_url
        self._audience = audience
        self._keys: KeySet | None = None

    async def check(self, authorization: str | None) -> dict[str, Any]:
        """The claims of an `Authorization` header's token. Raises TokenRefusedError."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefusedError("no bearer token")
        try:
            claims = jwt.decode(token, await self._key_set(), algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            self._keys = None
            try:
                claims = jwt.decode(token, await self._key_set(), algorithms=["ES256"]).claims
            except (JoseError, ValueError):
                raise TokenRefusedError("the signature does not fit a published key") from None
        self._check_claims(claims)
        return claims

    def _check_claims(self, claims: dict[str, Any]) -> None:
        audiences = claims.get("aud")
        if self._audience not in (audiences if isinstance(audiences, list) else [audiences]):
            raise TokenRefusedError("the token is for another audience")
        if float(claims.get("exp", 0)) < time.time():
            raise TokenRefusedError("the token has expired")

    async def _key_set(self) -> KeySet:
        if self._keys is None:
            async with aiohttp.ClientSession() as session, session.get(self._jwks_url) as answer:
                answer.raise_for_status()
                self._keys = KeySet.import_key_set(await answer.json(content_type=None))
        return self._keys
