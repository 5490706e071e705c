"""`Idempotency-Key`: one key of a client is one request, for as long as the inbox remembers it."""

from hashlib import sha256
from uuid import UUID

from referral_contracts.errors import refuse
from service_runtime.clock import Clock
from service_runtime.inbox import Inbox

from referral_gateway.adapters import tables
from referral_gateway.ports import Session

_KEY, _CONTENT = "idempotency-key", "idempotency-content"


class IdempotencyKeys:
    """Remembers which content came with a key. What is kept are digests: a key may say anything."""

    def __init__(self, clock: Clock) -> None:
        self._inbox = Inbox(tables.Inbox, clock)

    async def claim(self, session: Session, client: str, key: str, content: bytes) -> None:
        """Bind `client`'s `key` to the digest `content`, or find it bound to that already. Parallel claims
        wait for each other; what is rolled back binds nothing.

        Raises `idempotency-key-reused` where the key came with other content.
        """
        first = await self._inbox.take(session, _KEY, [_name(client, key)])
        other = await self._inbox.take(session, _CONTENT, [_name(client, key, content.hex())])
        if other and not first:
            raise refuse("idempotency-key-reused", "http.Idempotency-Key")


def _name(*parts: str) -> str:
    lengths = "".join(f"{len(part)}:{part}" for part in parts)  # no two lists of parts make the same text
    return str(UUID(bytes=sha256(lengths.encode()).digest()[:16]))
