"""A client of SMART Backend Services, as a vendor writes one: a key pair, an assertion, a form."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALL_ALGORITHMS = ["RS384", "ES384", "RS256", "HS256", "none"]


def new_key(algorithm: str, kid: str = "") -> Key:
    """A private key for `algorithm`."""
    named = {"kid": kid or f"key-{uuid4().hex[:8]}", "use": "sig"}
    if algorithm.startswith("RS"):
        return RSAKey.generate_key(2048, named)
    if algorithm.startswith("HS"):
        return OctKey.generate_key(256, named)
    return ECKey.generate_key("P-384", named)


def key_set(*keys: Key) -> dict[str, Any]:
    """Their public halves as a JWK set."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


class SmartClient:
    """Asks `http` for tokens; `now` in seconds since 1970 is its clock."""

    def __init__(
        self, http: httpx.AsyncClient, client_id: str, key: Key, audience: str, now: float, algorithm: str
    ) -> None:
        self._http = http
        self.client_id = client_id
        self.key = key
        self.audience = audience
        self.now = now
        self.algorithm = algorithm

    def assertion(
        self,
        *,
        key: Key | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A signed assertion; `claims` and `header` change it, None takes one away."""
        key = key or self.key
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "exp": int(self.now + 300),
            "jti": uuid4().hex,
        } | claims
        named = {"alg": self.algorithm, "typ": "JWT", "kid": key.kid} | dict(header or {})
        return jwt.encode(
            {name: value for name, value in named.items() if value is not None},
            {name: value for name, value in said.items() if value is not None},
            key,
            algorithms=ALL_ALGORITHMS,
        )

    async def ask(self, assertion: str | None = None, **form: str) -> httpx.Response:
        """The token endpoint's answer; `form` changes what is sent."""
        sent = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            "scope": "system/*.read system/Bundle.c",
        } | form
        return await self._http.post("/oauth/token", data=sent)
