"""What a client's permission allows (fhir.md's Consent: an opt-in whose nested rules name who may receive
what).

Only what is plainly permitted counts: a rule with a restriction that this reader does not know (an action, a
class, a data period…) permits nothing, and a deny beats every permit.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from referral_contracts import systems

_KNOWN_IN_A_RULE = {"id", "extension", "type", "period", "actor", "purpose"}


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom the permission lets the referral go to: providers by Organization id, services, or kinds of
    provider."""

    providers: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    """Providers, services and kinds that it excludes, whatever else it says."""

    def __bool__(self) -> bool:
        return bool(self.providers or self.services or self.kinds)

    def include(self, *, provider: str, kind: str, services: Collection[str]) -> bool:
        """Whether a provider of that id and kind, asked for one of `services`, may receive the referral."""
        if {provider, kind, *services} & self.denied:
            return False
        return provider in self.providers or kind in self.kinds or not self.services.isdisjoint(services)


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gave the permission. `relationship` is a RelatedPerson's code (MTH, FTH, GUARD…), None for the
    client."""

    is_client: bool
    relationship: str | None = None


def is_active(consent: Mapping[str, Any], at: datetime) -> bool:
    """Whether the permission holds at the aware time `at`: active, given by then, and inside its period."""
    return (
        consent.get("status") == "active"
        and _given_by(consent.get("dateTime"), at)
        and _within(consent.get("provision", {}), at)
    )


def period(consent: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """From when until when (exclusive) the permission holds; None where it is open."""
    given = consent.get("provision", {}).get("period", {})
    start, end = given.get("start"), given.get("end")
    return (moment(start) if start else None, end_of(end) if end else None)


def holds_until(
    consent: Mapping[str, Any], at: datetime, permits: Callable[[datetime], bool]
) -> datetime | None:
    """The first time after the aware time `at` at which `permits` is no longer true; None if it has no end.

    Permissions end only where a period of the Consent does, so only those times are asked about."""
    provision = consent.get("provision", {})
    periods = [one.get("period", {}) for one in (provision, *provision.get("provision", []))]
    ends = sorted(end_of(given["end"]) for given in periods if "end" in given)
    return next((end for end in ends if end > at and not permits(end)), None)


def recipients(consent: Mapping[str, Any], at: datetime) -> Recipients:
    """Whom the rules in force at `at` let the referral go to. Empty where nobody was named."""
    permitted = _Named()
    denied = _Named()
    for rule in _rules(consent, systems.DISCLOSURE, at):
        (denied if rule.get("type") == "deny" else permitted).add(rule)
    if denied.unclear:
        return Recipients()
    return Recipients(
        frozenset(permitted.providers),
        frozenset(permitted.services),
        frozenset(permitted.kinds),
        frozenset(denied.providers | denied.services | denied.kinds),
    )


def return_permitted(consent: Mapping[str, Any], at: datetime) -> bool:
    """Whether more than the bare status may go back to the referrer."""
    types = [rule.get("type") for rule in _rules(consent, systems.RETURN, at)]
    return "permit" in types and "deny" not in types


def giver(consent: Mapping[str, Any], bundle: Mapping[str, Any] | None = None) -> Giver:
    """Who gave the permission, by `performer`; a RelatedPerson may be contained or an entry of `bundle`.

    Of one that is a resource of its own only the reference is seen: somebody else, the relationship unknown.
    """
    performers = consent.get("performer", [])
    reference = performers[0].get("reference", "") if performers else ""
    person = _related_person(reference, consent, bundle)
    if person is None:
        return Giver(is_client=not reference.startswith("RelatedPerson/"))
    codings = [coding for concept in person.get("relationship", []) for coding in concept.get("coding", [])]
    return Giver(is_client=False, relationship=codings[0].get("code") if codings else None)


def moment(value: str) -> datetime:
    """The first instant that a FHIR date or dateTime covers; without a zone it is read as UTC."""
    text = {4: f"{value}-01-01", 7: f"{value}-01"}.get(len(value), value).replace(":60", ":59")
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def end_of(value: str) -> datetime:
    """The first instant after what a FHIR date or dateTime covers: a period that ends on a day includes that
    day."""
    start = moment(value)
    if len(value) == 4:
        return start.replace(year=start.year + 1)
    if len(value) == 7:
        return (start + timedelta(days=31)).replace(day=1)
    return start + (timedelta(days=1) if len(value) == 10 else timedelta(seconds=1))


class _Named:
    """What the actors of some rules name. `unclear`: a rule has no actor, or one that says nothing to us."""

    def __init__(self) -> None:
        self.providers: set[str] = set()
        self.services: set[str] = set()
        self.kinds: set[str] = set()
        self.unclear = False

    def add(self, rule: Mapping[str, Any]) -> None:
        """Takes up the actors of `rule`. Ids count only as relative references: a foreign base is
        another's."""
        actors = rule.get("actor", [])
        self.unclear = self.unclear or not actors
        for actor in actors:
            reference = actor.get("reference", {})
            kind, _, name = reference.get("reference", "").partition("/")
            identifier = reference.get("identifier", {})
            if kind == "Organization":
                self.providers.add(name)
            elif kind == "HealthcareService":
                self.services.add(name)
            elif identifier.get("system") == systems.PROVIDER_KIND and "value" in identifier:
                self.kinds.add(identifier["value"])
            else:
                self.unclear = True


def _rules(consent: Mapping[str, Any], purpose: str, at: datetime) -> Iterator[Mapping[str, Any]]:
    """The nested rules for `purpose` that count: denies always, permits only if nothing unknown narrows
    them."""
    for rule in consent.get("provision", {}).get("provision", []):
        denies = rule.get("type") == "deny"
        purposes = rule.get("purpose", [])
        meant = any(
            coding.get("system") == systems.CONSENT_PURPOSE and coding.get("code") == purpose
            for coding in purposes
        )
        if (denies and (meant or not purposes)) or (
            meant and rule.get("type") == "permit" and rule.keys() <= _KNOWN_IN_A_RULE and _within(rule, at)
        ):
            yield rule


def _given_by(value: str | None, at: datetime) -> bool:
    return value is not None and moment(value) <= at + timedelta(minutes=5)  # clocks of two houses differ


def _within(rule: Mapping[str, Any], at: datetime) -> bool:
    given = rule.get("period", {})
    start, end = given.get("start"), given.get("end")
    return (start is None or moment(start) <= at + timedelta(minutes=5)) and (end is None or at < end_of(end))


def _related_person(
    reference: str, consent: Mapping[str, Any], bundle: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    for contained in consent.get("contained", []):
        if reference == f"#{contained.get('id')}" and contained.get("resourceType") == "RelatedPerson":
            return contained
    for entry in (bundle or {}).get("entry", []):
        resource = entry.get("resource", {})
        if entry.get("fullUrl") == reference and resource.get("resourceType") == "RelatedPerson":
            return resource
    return None
