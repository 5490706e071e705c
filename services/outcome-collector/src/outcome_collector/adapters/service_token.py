"""The collector's own tokens: for the gateway, and for the record systems that it writes to."""

from service_runtime.clock import Clock
from service_runtime.tokens import TokenSigner

CLIENT = "outcome-collector"
_GATEWAY_SCOPE = "system/ServiceRequest.r"
_GATEWAY_SECONDS = 300.0
_EHR_SCOPE = "system/Task.rsu"
_EHR_SECONDS = 60.0
_MOST_AUDIENCES = 1000


class ServiceTokens:
    """Hands out tokens with at least a fifth of their life left."""

    def __init__(self, signer: TokenSigner, clock: Clock) -> None:
        self._signer, self._clock = signer, clock
        self._kept: dict[str, tuple[str, float]] = {}

    def for_gateway(self) -> str:
        """A token without `act`: it reads service requests, and no patient."""
        return self._current("", _GATEWAY_SCOPE, _GATEWAY_SECONDS)

    def for_ehr(self, base: str) -> str:
        """A token that only the record system at `base` accepts, valid for a minute."""
        return self._current(base, _EHR_SCOPE, _EHR_SECONDS)

    def _current(self, audience: str, scope: str, seconds: float) -> str:
        now = self._clock.monotonic()
        token, until = self._kept.get(audience, ("", 0.0))
        if not token or now >= until:
            token = self._signer.sign(
                client_id=CLIENT, kind="service", scope=scope, seconds=seconds, audience=audience or None
            )
            if len(self._kept) >= _MOST_AUDIENCES:
                self._kept.clear()
            self._kept[audience] = (token, now + seconds * 0.8)
        return token
