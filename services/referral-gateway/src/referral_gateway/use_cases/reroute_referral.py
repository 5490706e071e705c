"""Route a referral on to the next provider that may have it."""

from collections.abc import Callable

import orjson
from referral_contracts.fhir import consents
from service_runtime.clock import Clock
from service_runtime.events import OutgoingEvent
from service_runtime.ids import new_id

from referral_gateway.domain.county import County
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.deciding import rule_on
from referral_gateway.domain.documents import Resource
from referral_gateway.domain.filler_order import readdressed
from referral_gateway.domain.routing import Candidate, Wanted, candidates, choose
from referral_gateway.domain.routing_provenance import routing_provenance
from referral_gateway.domain.rules import Decision
from referral_gateway.domain.submission import wanted
from referral_gateway.ports import Document, KnownReferral, Ledger, Quotas, Session, Vault
from referral_gateway.use_cases.place_referral import place


class RerouteReferral:
    """Rule: only within the client's permission as it is now, and never to a provider that had the referral
    (D2, D13).

    The county's rules in force now say where to; who may refer was asked once, when it was accepted.
    Writes ServiceRequest B of the next routing, the Provenance of its rule, the routing, and the quota it
    takes.
    """

    def __init__(
        self, *, vault: Vault, ledger: Ledger, quotas: Quotas, county: Callable[[], County], clock: Clock
    ) -> None:
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
        consent = await self._consent(session, referral)
        needs = await self._wanted(session, referral, consent, tried) if consent else None
        order = await self._vault.newest(session, "ServiceRequest", ended)
        if consent is None or needs is None or order is None or referral.pathway not in county.pathways:
            return None
        wants, decision = needs
        candidate = await self._take(session, county, wants)
        if candidate is None:
            return None
        following = readdressed(orjson.loads(order.body), candidate, new_id(), now)
        placement = place(county, referral, following, candidate, consent, number=number, at=now)
        written = [placement.order]
        if decision is not None:
            told = routing_provenance(county.id, decision, referral.id, following["id"], number, now)
            written.append(
                Document(told["resourceType"], referral.id, number, orjson.dumps(told), now, referral.id)
            )
        await self._vault.add(session, written)
        await self._ledger.add_routing(session, placement.routing)
        return placement.event

    async def _consent(self, session: Session, referral: KnownReferral) -> Resource | None:
        """The client's permission, if it holds now."""
        consent = _loaded(await self._vault.newest(session, "Consent", referral.id))
        return consent if consent and consents.is_active(consent, self._clock.now()) else None

    async def _wanted(
        self, session: Session, referral: KnownReferral, consent: Resource, tried: frozenset[str]
    ) -> tuple[Wanted, Decision | None] | None:
        request = _loaded(await self._vault.newest(session, "ServiceRequest", referral.id))
        patient = _loaded(await self._vault.newest(session, "Patient", referral.id))
        if not (request and patient):
            return None
        others = [
            json for one in _named_by(request) if (json := _loaded(await self._vault.newest(session, *one)))
        ]
        now = self._clock.now()
        today = now.astimezone(FINLAND).date()
        ruling = rule_on(self._county(), referral.pathway, request, patient, others, today)
        if ruling.decision is not None and not ruling.kinds:
            return None
        needs = wanted(
            request,
            patient,
            consent,
            test=referral.test,
            protected=referral.protected,
            at=now,
            tried=tried,
            kinds=ruling.kinds,
            referrer=ruling.referrer,
        )
        return needs, ruling.decision

    async def _take(self, session: Session, county: County, needs: Wanted) -> Candidate | None:
        looked_at, full = candidates(county, needs), set[str]()
        while (candidate := choose(looked_at, full)) is not None:
            quota = candidate.quota
            if quota is None or await self._quotas.take(session, quota):
                return candidate
            full.add(quota.key)
        return None


def _named_by(request: Resource) -> list[tuple[str, str]]:
    """Type and id of the documents beside a request that a county's rules may look at."""
    references = [request.get("requester", {}), *request.get("supportingInfo", [])]
    named = [str(one.get("reference", "")).partition("/") for one in references]
    return [(kind, name) for kind, _, name in named if kind in {"PractitionerRole", "RiskAssessment"}]


def _loaded(document: Document | None) -> Resource | None:
    return orjson.loads(document.body) if document is not None else None
