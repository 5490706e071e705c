"""How many requests one client may make, so that none slows the others down."""

from service_runtime.caller import Caller
from service_runtime.redis_port import RateLimits
from service_runtime.web.problems import Problem

WINDOW_SECONDS = 10
_LIMITED = frozenset({"ehr", "provider"})
_BLOCKS = 100


class ClientLimits:
    """Lets each EHR and provider make `per_second` requests a second, averaged over 10 s and counted over all
    processes of all services; 0 is any number. Our own services and staff are not counted.

    A process takes a hundredth of the limit at a time, so that Redis is asked once for many requests; the
    limit is exact to one such block a process.
    """

    def __init__(self, limits: RateLimits, per_second: int) -> None:
        self._limits = limits
        self._most = per_second * WINDOW_SECONDS
        self._block = max(1, self._most // _BLOCKS)
        self._left: dict[str, int] = {}

    async def count(self, caller: Caller) -> None:
        """Count one request. Raises Problem `too-many-requests` with Retry-After past the limit."""
        if not self._most or caller.kind not in _LIMITED:
            return
        client = f"{caller.kind} {caller.client_id}"
        if self._left.get(client, 0) < 1:
            limit = f"{self._most} per {WINDOW_SECONDS} seconds"
            if not await self._limits.allow("client", client, limit, cost=self._block):
                raise Problem("too-many-requests", headers={"Retry-After": str(WINDOW_SECONDS)})
            self._left[client] = self._left.get(client, 0) + self._block
        self._left[client] -= 1
