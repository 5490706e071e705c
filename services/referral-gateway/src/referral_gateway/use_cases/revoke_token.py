"""Take a token back (RFC 7009)."""

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta

from service_runtime.tokens.bars import Bar, of_token
from service_runtime.tokens.verifier import TokenVerifier
from service_runtime.web.problems import Problem

from referral_gateway.domain.client_access import TokenRefusedError
from referral_gateway.ports import Session
from referral_gateway.use_cases.bar_access import EHR, BarAccess
from referral_gateway.use_cases.prove_client import ProveClient

_LEEWAY = timedelta(minutes=1)


class RevokeToken:
    """Rule: a client takes back a token of its own, made by itself or by hand; what is no valid token needs
    no revocation and is taken as done (section 2.2). Writes a bar until the token would have expired.

    `audiences` are the names that an assertion may be meant for. Raises TokenRefusedError.
    """

    def __init__(
        self,
        *,
        prove: ProveClient,
        verifier: TokenVerifier,
        access: BarAccess,
        audiences: Collection[str],
    ) -> None:
        self._prove = prove
        self._verifier = verifier
        self._access = access
        self._audiences = audiences

    async def prepared(
        self, assertion: str, token: str
    ) -> tuple[str, Callable[[Session], Awaitable[None]] | None]:
        """The proved client, and what writes the bar in a transaction: None where there is nothing to do.
        Apart, because a client's keys may be asked of its address, and no transaction is open meanwhile.
        """
        client_id, _ = await self._prove(assertion, self._audiences)
        try:
            found = self._verifier.verified(token)
        except Problem:
            return client_id, None
        if (found.caller.kind, found.caller.client_id) != (EHR, client_id):
            raise TokenRefusedError("unauthorized_client", "not-its-token")
        until = datetime.fromtimestamp(found.expires, UTC) + _LEEWAY
        bar = Bar(of_token(found.caller.jti), until=until)
        return client_id, lambda session: self._access.tell(session, bar)
