"""Preview where a referral would go: every candidate, with what is left of its number, and why or why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from referral_contracts.errors import Issue, refuse
from referral_contracts.fhir import consents, patients, service_requests
from referral_contracts.fhir.consents import Recipients
from service_runtime.clock import Clock

from referral_gateway.domain.agreements import Quota
from referral_gateway.domain.county import County
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.deciding import Ruling, rule_on
from referral_gateway.domain.documents import Resource
from referral_gateway.domain.dry_run import Asked, read_asked
from referral_gateway.domain.routing import Candidate, Exclusion, Wanted, candidates, choose
from referral_gateway.ports import Quotas, Session
from referral_gateway.ports.lines import Lines


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate as a dry run sees it. `left` is what remains of its number, None where there is none;
    `excluded` says why it cannot take the referral now. `waiting` is how many it would wait behind in its
    line, None where the referral could not join them."""

    candidate: Candidate
    left: int | None
    excluded: Exclusion | None
    chosen: bool
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The rules' decision, what would turn the referral away, and all candidates in the order of asking."""

    county: County
    ruling: Ruling
    refusal: Issue | None
    seen: tuple[Seen, ...]
    permission_asked: bool
    """False where no Consent was given: then every provider counts as permitted."""


class PreviewRouting:
    """Rule: the same decisions as accepting makes, at this moment. Writes nothing, holds nothing."""

    def __init__(self, *, quotas: Quotas, lines: Lines, county: Callable[[], County], clock: Clock) -> None:
        self._quotas = quotas
        self._lines = lines
        self._county = county
        self._clock = clock

    async def __call__(self, session: Session, raw: bytes) -> Preview:
        """Raises LahettiError for what cannot be read, and `unknown-pathway`."""
        now, county = self._clock.now(), self._county()
        today = now.astimezone(FINLAND).date()
        asked = read_asked(raw, now, today)
        if asked.pathway not in county.pathways:
            raise refuse("unknown-pathway", "ServiceRequest.category")
        ruling = rule_on(county, asked.pathway, asked.request, asked.patient, asked.others, today)
        looked_at = candidates(county, self._wanted(county, asked, ruling, today))
        quotas = [one.quota for one in looked_at if one.quota is not None]
        keys = {key for one in quotas for key in (one.key, *((one.line.key,) if one.line else ()))}
        used = await self._quotas.used(session, sorted(keys)) if keys else {}
        before = await self._lines.urgent(session, _lines(looked_at)) if asked.urgent else used
        full = {one.key for one in quotas if _left(one, used) == 0}
        refusal = ruling.refusal or _municipality_missing(county, asked)
        chosen = choose(looked_at, full) if refusal is None else None
        if refusal is None and chosen is None:
            chosen = next((one for one in looked_at if _may_join(one, used)), None)
        seen = tuple(_seen(one, used, before, chosen) for one in looked_at)
        if refusal is None and chosen is None:
            refusal = Issue("no-candidate")
        return Preview(county, ruling, refusal, seen, asked.consent is not None)

    def _wanted(self, county: County, asked: Asked, ruling: Ruling, today: date) -> Wanted:
        return Wanted(
            pathway=asked.pathway,
            on=today,
            recipients=_recipients(county, asked.consent, self._clock.now()),
            municipality=patients.municipality(asked.patient),
            service=service_requests.chosen_service(asked.request),
            protected=asked.protected,
            test=asked.test,
            kinds=ruling.kinds,
            referrer=ruling.referrer,
        )


def _municipality_missing(county: County, asked: Asked) -> Issue | None:
    needed = county.pathways[asked.pathway].needs_municipality
    given = patients.municipality(asked.patient) or service_requests.chosen_service(asked.request)
    return Issue("municipality-required") if needed and not given else None


def _recipients(county: County, consent: Resource | None, at: datetime) -> Recipients:
    """Whom the permission lets it go to; everybody where it is not asked yet."""
    if consent is None:
        return Recipients(providers=frozenset(county.providers))
    return consents.recipients(consent, at) if consents.is_active(consent, at) else Recipients()


def _lines(looked_at: Sequence[Candidate]) -> Sequence[str]:
    return sorted({one.line.key for one in looked_at if one.line is not None})


def _seen(
    one: Candidate, used: Mapping[str, int], before: Mapping[str, int], chosen: Candidate | None
) -> Seen:
    """`before` is by line how many it would wait behind."""
    left = None if one.quota is None else _left(one.quota, used)
    excluded = one.excluded or (one.when_full if left == 0 else None)
    waits = left == 0 and _may_join(one, used)
    behind = before.get(one.line.key, 0) if waits and one.line is not None else None
    return Seen(one, left, excluded, one is chosen, behind)


def _left(quota: Quota, used: Mapping[str, int]) -> int:
    """What is left for a referral that comes now: nothing while others wait for it."""
    waited_for = quota.line is not None and used.get(quota.line.key, 0) > 0
    return 0 if waited_for else max(0, quota.most - used.get(quota.key, 0))


def _may_join(one: Candidate, used: Mapping[str, int]) -> bool:
    """Whether its line has room."""
    return one.line is not None and used.get(one.line.key, 0) < one.line.most
