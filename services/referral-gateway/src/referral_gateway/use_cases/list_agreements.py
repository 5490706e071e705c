"""List the agreements in force, over and to come, with what is used of their numbers."""

from collections.abc import Callable, Sequence

from service_runtime.clock import Clock

from referral_gateway.domain.county import County
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.standing import Standing, quotas_on, standings
from referral_gateway.ports import Quotas, Session


class ListAgreements:
    """Rule: what is told is what routing goes by today, counted by the same numbers. Writes nothing."""

    def __init__(self, *, quotas: Quotas, county: Callable[[], County], clock: Clock) -> None:
        self._quotas = quotas
        self._county = county
        self._clock = clock

    async def __call__(self, session: Session) -> Sequence[Standing]:
        """Every party of every agreement. Raises `county-missing`."""
        county, today = self._county(), self._clock.now().astimezone(FINLAND).date()
        keys = sorted(quotas_on(county, today))
        used = await self._quotas.used(session, keys) if keys else {}
        return standings(county, used, today)
