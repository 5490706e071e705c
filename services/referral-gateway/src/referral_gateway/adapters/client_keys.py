"""Where a client's public keys are found, and where it is kept that an assertion was used."""

from uuid import UUID

from joserfc.jwk import Key
from service_runtime.clock import Clock
from service_runtime.database.engine import Database
from service_runtime.inbox import Inbox
from service_runtime.redis_port import RateLimits
from service_runtime.tokens.published_keys import PublishedKeys

from referral_gateway.adapters import tables
from referral_gateway.domain.client_access import ClientAccess

_USED_BY = "token-endpoint"


class CountyClientKeys:
    """Implements `ClientKeys`: by the address in the county's data, or from the set that stands there."""

    def __init__(self, clock: Clock, *, private_addresses: bool = False) -> None:
        self._published = PublishedKeys(clock, private_addresses=private_addresses)

    async def find(self, access: ClientAccess, kid: str) -> Key | None:
        """The client's key `kid`, None where it has none."""
        if access.jwks_url is not None:
            return await self._published.find(access.jwks_url, kid)
        return access.keys.get(kid)


class TokenAttempts:
    """Counts attempts to get a token, by the client in whose name they come, over all processes."""

    def __init__(self, limits: RateLimits, per_minute: int) -> None:
        self._limits = limits
        self._limit = f"{per_minute} per minute"

    async def allow(self, client: str) -> bool:
        """Whether this attempt is within the limit."""
        return await self._limits.allow("token-attempts", client, self._limit)


class UsedAssertions:
    """Keeps in the inbox that an assertion was used, for the time that Redis is away."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._inbox = Inbox(tables.Inbox, clock)

    async def remember(self, name: str) -> bool:
        """Whether `name`, at least 32 hexadecimal digits, is new."""
        event_id = str(UUID(name[:32]))  # the inbox knows ids of this shape; 128 bits of a hash are enough
        async with self._database.write() as session:
            return event_id in await self._inbox.take(session, _USED_BY, [event_id])
