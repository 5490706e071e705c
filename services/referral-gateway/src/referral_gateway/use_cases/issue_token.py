"""Give a client that proves its key a short token (SMART Backend Services)."""

from dataclasses import dataclass
from typing import Protocol

from joserfc.jwk import Key
from service_runtime.clock import Clock
from service_runtime.scopes import narrowed
from service_runtime.tokens import TokenSigner
from service_runtime.tokens.assertions import (
    LEEWAY_SECONDS,
    Assertion,
    AssertionRefusedError,
    prove,
    read_assertion,
)

from referral_gateway.domain.client_access import ClientAccess, TokenRefusedError
from referral_gateway.ports import Counties

TOKEN_SECONDS = 300


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


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, for whom, and what it grants."""

    token: str
    client_id: str
    scope: str
    seconds: int = TOKEN_SECONDS


class IssueToken:
    """A token of 5 minutes for the scopes asked, as far as the client's own go. Nothing of it is stored but
    that its assertion was used: that is refused a second time. `audience` is the token endpoint's address.

    Raises TokenRefusedError. Whether it is the client, its key or its signature that is wrong is not told.
    """

    def __init__(
        self,
        *,
        counties: Counties,
        keys: ClientKeys,
        seen: Seen,
        signer: TokenSigner,
        clock: Clock,
        audience: str,
    ) -> None:
        self._counties = counties
        self._keys = keys
        self._seen = seen
        self._signer = signer
        self._clock = clock
        self._audience = audience

    async def __call__(self, assertion: str, asked: str) -> Issued:
        try:
            proved, access = await self._proved(assertion)
        except AssertionRefusedError as refused:
            raise TokenRefusedError("invalid_client", refused.reason) from None
        scope = narrowed(asked, access.scope)
        if not scope:
            raise TokenRefusedError("invalid_scope", "scope")
        token = self._signer.sign(client_id=proved.client_id, kind="ehr", scope=scope, seconds=TOKEN_SECONDS)
        return Issued(token, proved.client_id, scope)

    async def _proved(self, text: str) -> tuple[Assertion, ClientAccess]:
        now = self._clock.now().timestamp()
        assertion = read_assertion(text, audience=self._audience, now=now)
        client = self._counties.current().clients.get(assertion.client_id)
        if client is None or client.access is None or not client.active:
            raise AssertionRefusedError("not-known")
        if assertion.key_set_url not in {None, client.access.jwks_url}:
            raise AssertionRefusedError("not-known")
        key = await self._keys.find(client.access, assertion.kid)
        if key is None:
            raise AssertionRefusedError("not-known")
        prove(assertion, key)
        # Only what was proved is remembered, so that nobody else can use up a client's numbers.
        once = f"{self._audience} {assertion.client_id} {assertion.jti}"
        if not await self._seen.first(once, assertion.expires + LEEWAY_SECONDS - now):
            raise AssertionRefusedError("replayed")
        return assertion, client.access
