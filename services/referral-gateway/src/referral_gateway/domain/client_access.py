"""How an EHR client proves who it is, and what its tokens may let it do (SMART Backend Services)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from joserfc.jwk import Key
from referral_contracts import usual_scopes


@dataclass(frozen=True, slots=True)
class ClientAccess:
    """A client's public keys, at `jwks_url` or given as `keys` by their kid, and its scopes,
    space-separated.
    """

    jwks_url: str | None
    keys: Mapping[str, Key] = field(default_factory=dict[str, Key])
    scope: str = usual_scopes.EHR


class TokenRefusedError(Exception):
    """No token is given. `error` is OAuth's code (RFC 6749, section 5.2), `reason` our own slug."""

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason
