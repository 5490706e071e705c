"""The notifier's own token, for the gateway and the collector."""

from service_runtime.clock import Clock
from service_runtime.tokens import TokenSigner

SCOPE = "system/Endpoint.rs lahetti/links.c"
_SECONDS = 300.0


class ServiceToken:
    """Signs a token for five minutes and hands it out for four."""

    def __init__(self, signer: TokenSigner, clock: Clock) -> None:
        self._signer, self._clock = signer, clock
        self._token, self._until = "", float("-inf")

    def current(self) -> str:
        """A token that is valid for at least another minute."""
        now = self._clock.monotonic()
        if now >= self._until:
            self._token = self._signer.sign(
                client_id="provider-notifier", kind="service", scope=SCOPE, seconds=_SECONDS
            )
            self._until = now + _SECONDS - 60
        return self._token
