"""How an EHR client proves who it is, and what its tokens may let it do (SMART Backend Services)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

USUAL_SCOPE = (
    "system/Bundle.c system/ServiceRequest.ru system/Task.rsu system/Patient.r system/Consent.ru"
    " system/Organization.r system/HealthcareService.r"
)
"""What a client may that lists no scopes of its own: post a referral, follow it, end it."""


@dataclass(frozen=True, slots=True)
class ClientAccess:
    """A client's public keys, at `jwks_url` or in `jwks` (a JWK set), and its scopes, space-separated."""

    jwks_url: str | None
    jwks: Mapping[str, Any] | None
    scope: str = USUAL_SCOPE


class TokenRefusedError(Exception):
    """No token is given. `error` is OAuth's code (RFC 6749, section 5.2), `reason` our own slug."""

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason
