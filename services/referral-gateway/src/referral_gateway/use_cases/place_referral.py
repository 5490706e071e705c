"""Place a referral with a provider: ServiceRequest B, the routing, and the event that tells the collector."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import orjson
from referral_contracts.events import ReferralRouted
from service_runtime.events import OutgoingEvent

from referral_gateway.domain.county import County
from referral_gateway.domain.deadlines import deadlines
from referral_gateway.domain.documents import Resource
from referral_gateway.domain.permission import permission_for
from referral_gateway.domain.routing import Candidate
from referral_gateway.ports import Document, NewReferral, NewRouting
from referral_gateway.use_cases.tell import tell

TASK_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Placement:
    """What one transaction writes to place a referral."""

    order: Document
    routing: NewRouting
    event: OutgoingEvent


def place(
    county: County,
    referral: NewReferral,
    order: Resource,
    candidate: Candidate,
    consent: Resource,
    *,
    number: int,
    at: datetime,
) -> Placement:
    """The `number`-th placement of `referral`: `order` is ServiceRequest B for `candidate`, made at `at`,
    when `consent` includes it."""
    order_id = order["id"]
    permission = permission_for(consent, county.providers[candidate.provider], candidate.service, at)
    limits = deadlines(at, county.pathways[referral.pathway].clocks(urgent=referral.urgent))
    event = tell(
        referral.id,
        ReferralRouted(
            referral=referral.id,
            service_request=order_id,
            provider=candidate.provider,
            client=referral.client,
            test=referral.test,
            protected=referral.protected,
            urgent=referral.urgent,
            accept_by=limits.accept_by,
            contact_by=limits.contact_by,
            remind_at=limits.remind_at,
            mode=_mode(referral.mode),
            task_a=referral.task_a,
            ehr_request=referral.ehr_request,
            return_permitted=permission.returned,
            permitted_until=permission.disclosed_until,
            return_until=permission.returned_until,
        ),
    )
    quota = candidate.quota
    routing = NewRouting(
        id=order_id,
        referral=referral.id,
        number=number,
        provider=candidate.provider,
        agreement=candidate.agreement,
        quota_key=quota.key if quota else None,
        quota_taken=quota is not None,
        event=event.id,
        routed_at=at,
        sweep_at=at + TASK_WITHIN,
    )
    document = Document("ServiceRequest", order_id, 1, orjson.dumps(order), at, referral.id)
    return Placement(document, routing, event)


def _mode(mode: str) -> Literal["write", "poll"]:
    return "write" if mode == "write" else "poll"
