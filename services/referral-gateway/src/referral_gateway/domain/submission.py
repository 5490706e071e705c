"""A Bundle as it was posted: what it says, who says it, and everything that keeps it from being accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_contracts.errors import Issue
from referral_contracts.fhir import consents, patients, reading, service_requests
from referral_contracts.fhir.canonical import content_hash
from referral_contracts.fhir.referral_profile import (
    Referral,
    agreement_issues,
    find_parts,
    form_issues,
    permission_issues,
)
from referral_contracts.fhir.validation import SUBMITTED, validate

from referral_gateway.domain.county import County, EhrClient
from referral_gateway.domain.county_checks import county_issues
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.routing import Wanted
from referral_gateway.domain.rules import NOBODY_TOLD, Referrer

PERMISSION = frozenset({"consent-missing", "consent-inactive", "consent-names-nobody"})
"""Refusals for want of permission: told to the platform as such."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a post the same referral: who posts it, under which identifier (fhir.md, "Identity of a
    request").
    """

    client: str
    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A Bundle that was read. `referral` and `identity` are None where it says no such thing.

    `issues` are about structure and profile, `permission` about the client's permission; with either it is
    refused.
    """

    client: str
    raw: bytes
    bundle: dict[str, Any]
    referral: Referral | None
    identity: Identity | None
    issues: tuple[Issue, ...]
    permission: tuple[Issue, ...] = ()

    def content_hash(self) -> bytes:
        """What two posts of one identity must agree on."""
        return content_hash(self.bundle)


def read_submission(county: County, client: EhrClient, raw: bytes, at: datetime) -> Submission:
    """Read the bytes that `client` posted. Raises LahettiError `malformed-json`; anything else is in the
    issues.
    """
    bundle = reading.parse(raw)
    if issues := form_issues(bundle):
        return Submission(client.id, raw, bundle, None, None, tuple(issues))
    if issues := validate(bundle, resource_type="Bundle", entries=SUBMITTED):
        return _refused(client, raw, bundle, issues)
    referral = find_parts(bundle)
    issues = agreement_issues(referral, bundle) or county_issues(county, client, referral)
    permission = [] if issues else permission_issues(referral, at)
    identity = _identity(client, referral)
    return Submission(client.id, raw, bundle, referral, identity, tuple(issues), tuple(permission))


def _refused(client: EhrClient, raw: bytes, bundle: dict[str, Any], issues: list[Issue]) -> Submission:
    """A Bundle that breaks profiles. Where it keeps R4 it may still repeat what was once accepted, and then
    is that referral."""
    permission = all(issue.slug in PERMISSION for issue in issues)
    told = ((), tuple(issues)) if permission else (tuple(issues), ())
    sound = not validate(bundle, resource_type="Bundle")
    referral = find_parts(bundle) if sound else None
    identity = None if referral is None else _identity(client, referral)
    return Submission(client.id, raw, bundle, referral, identity, *told)


def _identity(client: EhrClient, referral: Referral) -> Identity | None:
    named = service_requests.identifier(referral.request.resource)
    return Identity(client.id, *named) if named else None


def wanted(
    request: dict[str, Any],
    patient: dict[str, Any],
    consent: dict[str, Any],
    *,
    test: bool,
    protected: bool,
    at: datetime,
    tried: frozenset[str] = frozenset(),
    kinds: tuple[str, ...] | None = None,
    referrer: Referrer | None = None,
) -> Wanted:
    """What the referral of these documents asks of routing at `at`; `tried` are providers that had it
    already, `kinds` are the kinds of service that the county's rules lead to,
    `referrer` is whoever refers.
    """
    return Wanted(
        pathway=service_requests.pathways(request)[0],
        on=at.astimezone(FINLAND).date(),
        recipients=consents.recipients(consent, at),
        municipality=patients.municipality(patient),
        service=service_requests.chosen_service(request),
        protected=protected,
        test=test,
        tried=tried,
        kinds=kinds,
        referrer=referrer or NOBODY_TOLD,
    )
