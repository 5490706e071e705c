"""Give a client that proves its key a short token (SMART Backend Services)."""

from collections.abc import Collection
from dataclasses import dataclass

from service_runtime.scopes import narrowed
from service_runtime.tokens import TokenSigner

from referral_gateway.domain.client_access import TokenRefusedError
from referral_gateway.use_cases.prove_client import ProveClient

TOKEN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, for whom, and what it grants."""

    token: str
    client_id: str
    scope: str
    seconds: int = TOKEN_SECONDS


class IssueToken:
    """A token of 5 minutes for the scopes asked, as far as the client's own go. Raises TokenRefusedError.

    `audiences` are the names that an assertion may be meant for: the token endpoint's address.
    """

    def __init__(self, *, prove: ProveClient, signer: TokenSigner, audiences: Collection[str]) -> None:
        self._prove = prove
        self._signer = signer
        self._audiences = audiences

    async def __call__(self, assertion: str, asked: str) -> Issued:
        client_id, access = await self._prove(assertion, self._audiences)
        scope = narrowed(asked, access.scope)
        if not scope:
            raise TokenRefusedError("invalid_scope", "scope")
        token = self._signer.sign(client_id=client_id, kind="ehr", scope=scope, seconds=TOKEN_SECONDS)
        return Issued(token, client_id, scope)
