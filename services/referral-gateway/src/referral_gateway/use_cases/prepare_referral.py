"""What a submission without issues would be kept as, before anybody is asked to take it."""

from dataclasses import dataclass
from datetime import datetime

import orjson
from referral_contracts.errors import refuse
from referral_contracts.fhir import consents, patients, service_requests
from referral_contracts.fhir.referral_profile import Part, Referral, is_protected, is_test
from service_runtime.ids import new_id

from referral_gateway.domain.county import County, EhrClient
from referral_gateway.domain.deadlines import FINLAND
from referral_gateway.domain.deciding import Ruling, rule_on
from referral_gateway.domain.documents import Resource, Served, locations, served
from referral_gateway.domain.routing import Wanted
from referral_gateway.domain.routing_provenance import routing_provenance
from referral_gateway.domain.submission import Identity, Submission, wanted
from referral_gateway.ports import Document, NewReferral


@dataclass(frozen=True, slots=True)
class Prepared:
    """A referral with an id of its own, its documents as they are served, and the county's ruling on it."""

    county: County
    parts: Referral
    raw: bytes
    referral: NewReferral
    documents: Served
    ruling: Ruling

    @property
    def locations(self) -> tuple[str, ...]:
        """`Type/id` for each entry of the Bundle."""
        return locations(self.parts, self.referral.id)

    @property
    def wanted(self) -> Wanted:
        """What it asks of routing on the day of its acceptance."""
        referral, documents = self.referral, self.documents
        return wanted(
            documents.request,
            documents.patient,
            documents.consent,
            test=referral.test,
            protected=referral.protected,
            at=referral.accepted_at,
            kinds=self.ruling.kinds,
            referrer=self.ruling.referrer,
        )

    def provenance(self, order: str) -> Resource | None:
        """Which rule led to the order of that id; None on a pathway without rules."""
        decision, referral = self.ruling.decision, self.referral
        if decision is None:
            return None
        return routing_provenance(self.county.id, decision, referral.id, order, 1, referral.accepted_at)

    def first_versions(self, provenance: Resource | None = None) -> list[Document]:
        """Its documents, and `provenance`, as the vault keeps them."""
        written = self.documents.all if provenance is None else (*self.documents.all, provenance)
        return [self._first_version(one) for one in written]

    def _first_version(self, one: Resource) -> Document:
        at, referral = self.referral.accepted_at, self.referral.id
        return Document(one["resourceType"], one["id"], 1, orjson.dumps(one), at, referral)


def prepare(submission: Submission, county: County, client: EhrClient, at: datetime) -> Prepared:
    """What `client` submitted at `at`. Raises `required-element` where it says no referral."""
    parts, identity = submission.referral, submission.identity
    if parts is None or parts.consent is None or identity is None:
        raise refuse("required-element", "Bundle.entry")
    referral = _referral(submission, parts, parts.consent, identity, client, at)
    documents = served(parts, parts.consent, referral.id, at)
    today = at.astimezone(FINLAND).date()
    ruling = rule_on(county, referral.pathway, documents.request, documents.patient, documents.others, today)
    return Prepared(county, parts, submission.raw, referral, documents, ruling)


def _referral(
    submission: Submission,
    parts: Referral,
    consent: Part,
    identity: Identity,
    client: EhrClient,
    at: datetime,
) -> NewReferral:
    """The referral that `client` submitted at `at`, with an id of its own."""
    request, patient = parts.request.resource, parts.patient.resource
    own_url = parts.request.url or ""
    return NewReferral(
        id=new_id(),
        client=client.id,
        identifier_system=identity.system,
        identifier_value=identity.value,
        content_hash=submission.content_hash(),
        pathway=service_requests.pathways(request)[0],
        municipality=patients.municipality(patient),
        mode="write" if parts.task is not None else "poll",
        task_a=parts.task.url if parts.task is not None else None,
        ehr_request=own_url if client.owns(own_url) else None,
        test=is_test(parts),
        protected=is_protected(parts),
        urgent=service_requests.is_urgent(request),
        return_permitted=consents.return_permitted(consent.resource, at),
        accepted_at=at,
    )
