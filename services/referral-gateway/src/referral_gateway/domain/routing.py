"""Which provider a referral goes to, and why each other one was passed over (D10, D13, D2)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from referral_contracts.fhir.consents import Recipients

from referral_gateway.domain.agreements import Agreement, Course, Party, Quota, quota_of
from referral_gateway.domain.county import County, Provider, Service
from referral_gateway.domain.rules import NOBODY_TOLD, Referrer


class Exclusion(StrEnum):
    """Why a party of an agreement is passed over. The codes are slugs of the error catalogue, each with the
    parameter `provider`."""

    NOT_IN_FORCE = "agreement-not-in-force"
    INACTIVE = "provider-inactive"
    NO_ROOM = "no-room-now"
    NOT_CHOSEN = "not-chosen"
    OTHER_KIND = "other-kind-of-service"
    NO_MUNICIPALITY = "municipality-missing"
    OTHER_MUNICIPALITY = "other-municipality"
    NOT_PERMITTED = "not-permitted"
    NOT_FOR_PROTECTED = "not-for-protected"
    NO_ENDPOINT = "no-endpoint"
    NO_TEST_ENDPOINT = "no-test-endpoint"
    ALREADY_TRIED = "already-tried"
    QUOTA_USED = "quota-used-up"
    REFERRER_NOT_TAKEN = "referrer-not-taken"
    COURSE_BEGUN = "course-begun"
    COURSE_FULL = "course-full"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a referral asks of routing.

    `municipality` is the client's own, None where it is not given or may not be used. `service` is the
    HealthcareService that the professional chose. `tried` are providers that already had this referral.
    """

    pathway: str
    on: date
    recipients: Recipients
    municipality: str | None = None
    service: str | None = None
    protected: bool = False
    test: bool = False
    tried: frozenset[str] = frozenset()
    kinds: tuple[str, ...] | None = None
    """The kinds of service that the county's rules lead to, the better one first; None for every kind."""
    referrer: Referrer = NOBODY_TOLD


@dataclass(frozen=True, slots=True)
class Candidate:
    """A party of an agreement, looked at for one referral; `excluded` is None where it could take it.

    `quota` is what a routing to it takes from: None where no number was agreed, and for test referrals.
    `kind` is the coding of the kind of service by which the county's rules lead here.
    """

    provider: str
    service: str
    agreement: str
    quota: Quota | None
    excluded: Exclusion | None = None
    kind: Mapping[str, Any] | None = None
    course: Course | None = None

    @property
    def line(self) -> Quota | None:
        """The line in which one may wait for its quota; None where it cannot take the referral at all, or its
        provider wants no waitlist."""
        line = self.quota.line if self.excluded is None and self.quota is not None else None
        return line if line is not None and line.most else None

    @property
    def when_full(self) -> Exclusion:
        """What is told where nothing is left of its quota."""
        return Exclusion.QUOTA_USED if self.course is None else Exclusion.COURSE_FULL


def candidates(county: County, wanted: Wanted) -> tuple[Candidate, ...]:
    """Every party of the pathway's agreements, in the order in which they are asked.

    That order is the rule's order of kinds, the agreement's priority, its id, the provider's id, a course's
    first day: the same for the same county and referral, whatever order the files had. Quotas are not looked
    at here: see `choose`.
    """
    parties = sorted(
        (
            (agreement, party)
            for agreement in county.agreements.values()
            if agreement.pathway == wanted.pathway
            for party in agreement.parties
        ),
        key=lambda pair: (
            _rank(county.services[pair[1].service].kinds, wanted.kinds),
            pair[0].priority,
            pair[0].id,
            pair[1].provider,
            pair[1].service,
            pair[1].course.starts if pair[1].course else date.min,
            pair[1].course.id if pair[1].course else "",
        ),
    )
    return tuple(
        Candidate(
            party.provider,
            party.service,
            agreement.id,
            None if wanted.test else quota_of(agreement, party, wanted.on),
            next(_exclusions(county, wanted, agreement, party), None),
            _kind(county.services[party.service], wanted.kinds),
            party.course,
        )
        for agreement, party in parties
    )


def _kind(service: Service, wanted: Sequence[str] | None) -> Mapping[str, Any] | None:
    return next((service.kinds[kind] for kind in wanted or () if kind in service.kinds), None)


def _rank(offered: Collection[str], wanted: Sequence[str] | None) -> int:
    """Where the best of the kinds `offered` stands in the rule's order; behind all where it names none."""
    kinds = wanted or ()
    return next((place for place, kind in enumerate(kinds) if kind in offered), len(kinds))


def quota_keys(looked_at: Sequence[Candidate]) -> frozenset[str]:
    """The keys of the quotas whose use `choose` needs to know."""
    return frozenset(one.quota.key for one in looked_at if one.excluded is None and one.quota is not None)


def choose(looked_at: Sequence[Candidate], full: Collection[str] = ()) -> Candidate | None:
    """The first candidate that nothing excludes and whose quota key is not in `full`; None if there is
    none."""
    for one in looked_at:
        if one.excluded is None and (one.quota is None or one.quota.key not in full):
            return one
    return None


def explain(looked_at: Sequence[Candidate], full: Collection[str] = ()) -> tuple[tuple[str, str], ...]:
    """(provider, exclusion code) of each candidate that cannot take the referral, for the refusal's text.

    Parties of other municipalities, and of kinds that the rules do not lead to, are left out where a nearer
    reason exists: the referrer wants to know why those who serve this client cannot.
    """
    codes = [
        (one.provider, one.excluded or one.when_full)
        for one in looked_at
        if one.excluded is not None or (one.quota is not None and one.quota.key in full)
    ]
    farther = (Exclusion.OTHER_MUNICIPALITY, Exclusion.OTHER_KIND)
    near = [pair for pair in codes if pair[1] not in farther]
    if all(code is Exclusion.NOT_CHOSEN for _, code in near):
        near = [pair for pair in codes if pair[1] is not Exclusion.OTHER_MUNICIPALITY]
    return tuple((provider, str(code)) for provider, code in near or codes)


def _exclusions(county: County, wanted: Wanted, agreement: Agreement, party: Party) -> Iterator[Exclusion]:
    """All reasons against a party, the one most worth telling first."""
    yield from _wrong_place(wanted, party, _chosen_only(county, wanted))
    provider = county.providers[party.provider]
    if wanted.kinds is not None and county.services[party.service].kinds.keys().isdisjoint(wanted.kinds):
        yield Exclusion.OTHER_KIND
    if party.referrers is not None and not any(one.includes(wanted.referrer) for one in party.referrers):
        yield Exclusion.REFERRER_NOT_TAKEN
    if party.course is not None and party.course.starts <= wanted.on:
        yield Exclusion.COURSE_BEGUN
    if not agreement.in_force(wanted.on):
        yield Exclusion.NOT_IN_FORCE
    yield from _not_now(provider, county.services[party.service])
    if provider.id in wanted.tried:
        yield Exclusion.ALREADY_TRIED
    if not wanted.recipients.include(provider=provider.id, kind=provider.kind, services=(party.service,)):
        yield Exclusion.NOT_PERMITTED
    if wanted.protected and not provider.able_to_serve_protected:
        yield Exclusion.NOT_FOR_PROTECTED
    if not _reachable(county, provider.id, test=wanted.test):
        yield Exclusion.NO_TEST_ENDPOINT if wanted.test else Exclusion.NO_ENDPOINT


def _not_now(provider: Provider, service: Service) -> Iterator[Exclusion]:
    """Not at work, or without room."""
    if not (provider.active and service.active):
        yield Exclusion.INACTIVE
    if not service.room:
        yield Exclusion.NO_ROOM


def _wrong_place(wanted: Wanted, party: Party, chosen_only: str | None) -> Iterator[Exclusion]:
    """Not the chosen service, or not the client's municipality. Without one only a chosen service or a
    county-wide one is asked: where a protected person lives is nobody's to guess."""
    if chosen_only is not None and party.service != chosen_only:
        yield Exclusion.NOT_CHOSEN
    if party.municipalities is None:
        return
    if wanted.municipality is None:
        if chosen_only is None:
            yield Exclusion.NO_MUNICIPALITY
    elif wanted.municipality not in party.municipalities:
        yield Exclusion.OTHER_MUNICIPALITY


def _chosen_only(county: County, wanted: Wanted) -> str | None:
    """The only service that may be asked, if there is one.

    The professional's choice holds until that provider has had the referral; then the client's municipality
    decides. Where that is unknown there is nobody else to ask.
    """
    if wanted.service is None:
        return None
    service = county.services.get(wanted.service)
    was_tried = service is not None and service.provider in wanted.tried
    return None if was_tried and wanted.municipality is not None else wanted.service


def _reachable(county: County, provider: str, *, test: bool) -> bool:
    return any(
        endpoint.provider == provider and endpoint.active and endpoint.test == test
        for endpoint in county.endpoints.values()
    )
