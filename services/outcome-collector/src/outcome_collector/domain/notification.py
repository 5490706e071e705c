"""What subscriptions are told: which Tasks have new versions, and never anything of them
(Subscriptions R5 Backport for R4 1.1.0, backport-subscription-notification-r4 and -status-r4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from referral_contracts.systems import BACKPORT, TASK_STATUS_TOPIC

from outcome_collector.domain.subscription import Subscription
from outcome_collector.domain.task_documents import instant

_STRUCTURE = f"{BACKPORT}/StructureDefinition"
Type = Literal["handshake", "event-notification", "query-status", "query-event"]


@dataclass(frozen=True, slots=True)
class Event:
    """A new version of Task A `task`, as event `number` of a subscription."""

    number: int
    task: str
    at: datetime


def notification(
    subscription: Subscription,
    kind: Type,
    events: Sequence[Event],
    *,
    identifier: str,
    at: datetime,
    base: str,
) -> dict[str, Any]:
    """The id-only Bundle of `events`, whose focuses are addresses under the public FHIR `base`, to be read
    with the reader's own rights. `identifier` is a UUID: an event's own, the same for every attempt."""
    status = f"{base}/Subscription/{subscription.id}/$status"
    focuses = list(dict.fromkeys(event.task for event in events))
    return {
        "resourceType": "Bundle",
        "id": identifier,
        "meta": {"profile": [f"{_STRUCTURE}/backport-subscription-notification-r4"]},
        "type": "history",
        "timestamp": instant(at),
        "entry": [
            {
                "fullUrl": f"urn:uuid:{identifier}",
                "resource": status_parameters(subscription, kind, events, base=base),
                "request": {"method": "GET", "url": status},
                "response": {"status": "200"},
            },
            *(_focus(task, base) for task in focuses),
        ],
    }


def status_bundle(subscription: Subscription, *, identifier: str, at: datetime, base: str) -> dict[str, Any]:
    """The answer to `$status`: a searchset of the one status, which needs an id there."""
    status = status_parameters(subscription, "query-status", (), base=base) | {"id": identifier}
    return {
        "resourceType": "Bundle",
        "id": identifier,
        "type": "searchset",
        "timestamp": instant(at),
        "total": 1,
        "entry": [
            {
                "fullUrl": f"urn:uuid:{identifier}",
                "resource": status,
                "search": {"mode": "match"},
            }
        ],
    }


def status_parameters(
    subscription: Subscription, kind: Type, events: Sequence[Event], *, base: str
) -> dict[str, Any]:
    """The status of `subscription` as Parameters; R4 has no SubscriptionStatus."""
    since_start = max([subscription.last_number, *(event.number for event in events)])
    return {
        "resourceType": "Parameters",
        "meta": {"profile": [f"{_STRUCTURE}/backport-subscription-status-r4"]},
        "parameter": [
            {
                "name": "subscription",
                "valueReference": {"reference": f"{base}/Subscription/{subscription.id}"},
            },
            {"name": "topic", "valueCanonical": TASK_STATUS_TOPIC},
            {"name": "status", "valueCode": subscription.status},
            {"name": "type", "valueCode": kind},
            {"name": "events-since-subscription-start", "valueString": str(since_start)},
            *(_event(event, base) for event in events),
        ],
    }


def _event(event: Event, base: str) -> dict[str, Any]:
    focus = {"reference": f"{base}/Task/{event.task}", "type": "Task"}
    return {
        "name": "notification-event",
        "part": [
            {"name": "event-number", "valueString": str(event.number)},
            {"name": "timestamp", "valueInstant": instant(event.at)},
            {"name": "focus", "valueReference": focus},
        ],
    }


def _focus(task: str, base: str) -> dict[str, Any]:
    address = f"{base}/Task/{task}"
    return {
        "fullUrl": address,
        "request": {"method": "GET", "url": f"Task/{task}"},
        "response": {"status": "200"},
    }
