"""What a delivery carries: which Task, never anything about the person."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from referral_contracts.systems import ACT_REASON, BACKPORT, CANONICAL, TEST

_STRUCTURE = f"{BACKPORT}/StructureDefinition"
CANCELLED = "task.cancelled"
TOPIC = f"{CANONICAL}/SubscriptionTopic/task-for-provider"
ENDPOINTS = f"{CANONICAL}/NamingSystem/endpoint"


@dataclass(frozen=True, slots=True)
class Notice:
    """One event about one Task. `time` is ISO 8601, when it became true; kept in the delivery's row."""

    type: str
    referral: str
    task: str
    version: int
    provider: str
    test: bool
    urgent: bool
    time: str
    permitted_until: str | None = None
    """When the permission to tell of it ends, ISO 8601."""
    traceparent: str | None = None
    """The trace of the event that it was planned for (W3C)."""

    def to_bytes(self) -> bytes:
        """As it is stored with the delivery."""
        return orjson.dumps(asdict(self))

    def permits(self, at: datetime) -> bool:
        """Whether the provider may still be told at `at`. That a Task was cancelled it may always be told: it
        is what makes it stop."""
        if self.type == CANCELLED or self.permitted_until is None:
            return True
        return at < datetime.fromisoformat(self.permitted_until)

    @property
    def ends_permission(self) -> bool:
        """Whether it tells of a Task that was cancelled because the permission has ended. A minute is for
        times that are told to the millisecond, and for clocks of two services."""
        if self.type != CANCELLED or self.permitted_until is None:
            return False
        told = datetime.fromisoformat(self.time) + timedelta(minutes=1)
        return datetime.fromisoformat(self.permitted_until) <= told

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Notice":
        """As it was stored."""
        return cls(**orjson.loads(stored))


def notification(notice: Notice, *, event: str, endpoint: str, number: int, public_base_url: str) -> bytes:
    """The id-only notification Bundle (Subscriptions R5 Backport for R4 1.1.0) that a webhook carries.

    The same for every attempt: its id is the event's, its times are the event's. `number` orders the events
    of one referral. The focus is the Task's address under `public_base_url`, to be read with the provider's
    own rights."""
    task = f"{public_base_url}/fhir/Task/{notice.task}"
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "id": event,
        "meta": {"profile": [f"{_STRUCTURE}/backport-subscription-notification-r4"]},
        "type": "history",
        "timestamp": notice.time,
        "entry": [
            {
                "fullUrl": f"urn:uuid:{event}",
                "resource": _status(notice, endpoint, number, task),
                "request": {"method": "GET", "url": "Subscription/$status"},
                "response": {"status": "200"},
            },
            {
                "fullUrl": task,
                "request": {"method": "GET", "url": f"Task/{notice.task}"},
                "response": {"status": "200"},
            },
        ],
    }
    if notice.test:
        bundle["meta"] |= {"security": [{"system": ACT_REASON, "code": TEST}]}
    return orjson.dumps(bundle)


def _status(notice: Notice, endpoint: str, number: int, task: str) -> dict[str, Any]:
    return {
        "resourceType": "Parameters",
        "meta": {"profile": [f"{_STRUCTURE}/backport-subscription-status-r4"]},
        "parameter": [
            {
                "name": "subscription",
                "valueReference": {
                    "type": "Subscription",
                    "identifier": {"system": ENDPOINTS, "value": endpoint},
                },
            },
            {"name": "topic", "valueCanonical": TOPIC},
            {"name": "status", "valueCode": "active"},
            {"name": "type", "valueCode": "event-notification"},
            {
                "name": "notification-event",
                "part": [
                    {"name": "event-number", "valueString": str(number)},
                    {"name": "timestamp", "valueInstant": notice.time},
                    {"name": "focus", "valueReference": {"reference": task, "type": "Task"}},
                ],
            },
        ],
    }


def iso(at: datetime) -> str:
    """An aware time as a FHIR instant in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
