"""Route a referral on to the next provider that may have it."""

from collections.abc import Callable

import orjson
from service_runtime.clock import Clock
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id

from referral_gateway.domain.county import County
from referral_gateway.domain.filler_order import readdressed
from referral_gateway.domain.routing import Candidate, Wanted, candidates, choose
from referral_gateway.domain.routing_provenance import routing_provenance
from referral_gateway.ports import Document, KnownReferral, Ledger, Quotas, Session, Vault
from referral_gateway.use_cases.needs_now import NeedsNow
from referral_gateway.use_cases.place_referral import place


class RerouteReferral:
    """Rule: only within the client's permission as it is now, and never to a provider that had the referral
    (D2, D13).

    The county's rules in force now say where to; who may refer was asked once, when it was accepted.
    Writes ServiceRequest B of the next routing, the Provenance of its rule, the routing, and the quota it
    takes.
    """

    def __init__(
        self,
        *,
        needs: NeedsNow,
        vault: Vault,
        ledger: Ledger,
        quotas: Quotas,
        county: Callable[[], County],
        clock: Clock,
    ) -> None:
        self._needs = needs
        self._vault = vault
        self._ledger = ledger
        self._quotas = quotas
        self._county = county
        self._clock = clock

    async def __call__(
        self, session: Session, referral: KnownReferral, ended: str, tried: frozenset[str], number: int
    ) -> OutgoingEvent | None:
        """The `referral.routed` of the new routing, still to be told; None where nobody is left.

        `ended` is the ServiceRequest B before it.
        """
        now, county = self._clock.now(), self._county()
        consent = await self._needs.consent(session, referral)
        needs = await self._needs(session, referral, consent, tried) if consent else None
        order = await self._vault.newest(session, "ServiceRequest", ended)
        if consent is None or needs is None or order is None:
            return None
        candidate = await self._take(session, county, needs.wanted)
        if candidate is None:
            return None
        following = readdressed(orjson.loads(order.body), candidate, new_id(), now)
        placement = place(county, referral, following, candidate, consent, number=number, at=now)
        written = [placement.order]
        if needs.decision is not None:
            told = routing_provenance(county.id, needs.decision, referral.id, following["id"], number, now)
            written.append(
                Document(told["resourceType"], referral.id, number, orjson.dumps(told), now, referral.id)
            )
        await self._vault.add(session, written)
        await self._ledger.add_routing(session, placement.routing)
        return placement.event

    async def _take(self, session: Session, county: County, needs: Wanted) -> Candidate | None:
        looked_at, full = candidates(county, needs), set[str]()
        while (candidate := choose(looked_at, full)) is not None:
            quota = candidate.quota
            if quota is None or await self._quotas.take(session, quota):
                return candidate
            full.add(quota.key)
        return None
