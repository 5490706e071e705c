"""Let a client prove its key (RFC 7523): what the token and the revocation endpoint have in common."""

from collections.abc import Collection
from typing import Protocol

from joserfc.jwk import Key
from service_runtime.clock import Clock
from service_runtime.tokens.assertions import (
    LEEWAY_SECONDS,
    Assertion,
    AssertionRefusedError,
    prove,
    read_assertion,
)

from referral_gateway.domain.client_access import ClientAccess, TokenRefusedError
from referral_gateway.ports import Counties


class ClientKeys(Protocol):
    """Finds a client's public key."""

    async def find(self, access: ClientAccess, kid: str) -> Key | None:
        """The client's key `kid`, None where it has none."""
        ...


class Seen(Protocol):
    """Knows what came before."""

    async def first(self, name: str, seconds: float) -> bool:
        """Whether `name` comes for the first time within `seconds`."""
        ...


class Attempts(Protocol):
    """Counts attempts."""

    async def allow(self, client: str) -> bool:
        """Count one attempt in the name of `client`; False where there were too many."""
        ...


class ProveClient:
    """Rule: an assertion counts once, and only with a key of the client that it names. Nothing of it is
    stored but that it was used. `issuer` stands for this installation in what is remembered.

    Attempts are counted by the client that they name, known or not, before any signature is checked: a flood
    in one name slows nobody else down.
    """

    def __init__(
        self,
        *,
        counties: Counties,
        keys: ClientKeys,
        seen: Seen,
        attempts: Attempts,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._counties = counties
        self._keys = keys
        self._seen = seen
        self._attempts = attempts
        self._clock = clock
        self._issuer = issuer

    async def __call__(self, text: str, audiences: Collection[str]) -> tuple[str, ClientAccess]:
        """The proved client's id and access. Raises TokenRefusedError; whether it is the client, its key or
        its signature that is wrong is not told.
        """
        try:
            assertion, access = await self._proved(text, audiences)
        except AssertionRefusedError as refused:
            raise TokenRefusedError("invalid_client", refused.reason) from None
        return assertion.client_id, access

    async def _proved(self, text: str, audiences: Collection[str]) -> tuple[Assertion, ClientAccess]:
        now = self._clock.now().timestamp()
        assertion = read_assertion(text, audiences=audiences, now=now)
        client = self._counties.current().clients.get(assertion.client_id)
        if not await self._attempts.allow(client.id if client else ""):
            raise TokenRefusedError("temporarily_unavailable", "too-many")
        if client is None or client.access is None or not client.active:
            raise AssertionRefusedError("not-known")
        if assertion.key_set_url not in {None, client.access.jwks_url}:
            raise AssertionRefusedError("not-known")
        key = await self._keys.find(client.access, assertion.kid)
        if key is None:
            raise AssertionRefusedError("not-known")
        prove(assertion, key)
        # Only what was proved is remembered, so that nobody else can use up a client's numbers.
        once = f"{self._issuer} {assertion.client_id} {assertion.jti}"
        if not await self._seen.first(once, assertion.expires + LEEWAY_SECONDS - now):
            raise AssertionRefusedError("replayed")
        return assertion, client.access
