"""What an accepted referral asks for now: its documents, the permission and the county's rules as they are
today."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson
from referral_contracts.fhir import consents
from service_runtime.clock import Clock

from referral_gateway.domain.county import County
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.deciding import rule_on
from referral_gateway.domain.documents import Resource
from referral_gateway.domain.routing import Wanted
from referral_gateway.domain.rules import Decision
from referral_gateway.domain.submission import wanted
from referral_gateway.ports import Document, KnownReferral, Session, Vault

_LOOKED_AT = frozenset({"PractitionerRole", "RiskAssessment"})
"""What of the documents beside a request a county's rules may look at."""


@dataclass(frozen=True, slots=True)
class Needs:
    """`others` are the documents beside the request that the rules looked at."""

    request: Resource
    others: tuple[Resource, ...]
    wanted: Wanted
    decision: Decision | None


class NeedsNow:
    """Reads only. Who may refer was asked once, when the referral was accepted."""

    def __init__(self, *, vault: Vault, county: Callable[[], County], clock: Clock) -> None:
        self._vault = vault
        self._county = county
        self._clock = clock

    async def consent(self, session: Session, referral: KnownReferral) -> Resource | None:
        """The client's permission, if it holds now."""
        consent = _loaded(await self._vault.newest(session, "Consent", referral.id))
        return consent if consent and consents.is_active(consent, self._clock.now()) else None

    async def __call__(
        self,
        session: Session,
        referral: KnownReferral,
        consent: Resource,
        tried: frozenset[str] = frozenset(),
    ) -> Needs | None:
        """What routing needs to know; None where the county's rules lead nowhere any more."""
        request = _loaded(await self._vault.newest(session, "ServiceRequest", referral.id))
        patient = _loaded(await self._vault.newest(session, "Patient", referral.id))
        county, now = self._county(), self._clock.now()
        if not (request and patient) or referral.pathway not in county.pathways:
            return None
        others = await self._read(session, _named_by(request))
        today = now.astimezone(FINLAND).date()
        ruling = rule_on(county, referral.pathway, request, patient, others, today)
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
        return Needs(request, tuple(others), needs, ruling.decision)

    async def with_whoever_referred(self, session: Session, needs: Needs) -> tuple[Resource, ...]:
        """`others`, and the practitioner and the organization that they, or the request itself, name."""
        named = [
            str(one.get(link, {}).get("reference", "")).partition("/")
            for one in (needs.request, *needs.others)
            for link in ("requester", "practitioner", "organization")
        ]
        further = {(kind, name) for kind, _, name in named if kind in {"Practitioner", "Organization"}}
        return (*needs.others, *await self._read(session, sorted(further)))

    async def _read(self, session: Session, named: list[tuple[str, str]]) -> list[Resource]:
        return [json for one in named if (json := _loaded(await self._vault.newest(session, *one)))]


def _named_by(request: Resource) -> list[tuple[str, str]]:
    """Type and id of the documents beside a request that a county's rules may look at."""
    references = [request.get("requester", {}), *request.get("supportingInfo", [])]
    named = [str(one.get("reference", "")).partition("/") for one in references]
    return [(kind, name) for kind, _, name in named if kind in _LOOKED_AT]


def _loaded(document: Document | None) -> Resource | None:
    return orjson.loads(document.body) if document is not None else None
