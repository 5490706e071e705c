"""The bodies of all events. Closed models: ids, versions, times; never a name, reason, place or pathway."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, ValidationError


class EventBody(BaseModel):
    """A fact that happened, in the past tense. `type` is the CloudEvents type."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: ClassVar[str]


class ReferralTold(EventBody):
    """What Task A is made of; `client` is the EHR's client id."""

    referral: str
    """Also the id of ServiceRequest A, Patient and Consent as served at our base."""
    client: str
    test: bool
    protected: bool
    """Turvakielto: the label travels with the Task."""
    urgent: bool
    contact_by: datetime
    mode: Literal["write", "poll", "subscribe"]
    task_a: str | None
    ehr_request: str | None
    """Absolute URLs of the EHR's own Task, in mode write, and of its own ServiceRequest, where it has one."""
    return_permitted: bool
    return_until: datetime | None = None
    """Whether, and until when, more than the status may go back; None: without an end."""


class ReferralRouted(ReferralTold):
    """The gateway accepted a referral, or routed it anew, to one provider."""

    type: ClassVar[str] = "referral.routed"
    service_request: str
    """Id of ServiceRequest B, one a routing."""
    provider: str
    accept_by: datetime
    remind_at: datetime
    permitted_until: datetime | None = None
    """When the permission to let this provider have the referral ends; None where it has no end."""


class ReferralHeld(ReferralTold):
    """No provider may be asked yet: it waits for a person, or in line for a place. Said again on a change."""

    type: ClassVar[str] = "referral.held"
    waits_for: Literal["person", "place"] = "person"


class ReferralRevoked(EventBody):
    """The referrer revoked the ServiceRequest, or the client's permission was withdrawn."""

    type: ClassVar[str] = "referral.revoked"
    referral: str
    service_request: str
    by: Literal["referrer", "permission"]


class ReferralRefused(EventBody):
    """A referral was refused for want of permission or of a provider; nothing of it was kept."""

    type: ClassVar[str] = "referral.refused"
    client: str
    code: str


class ReferralUnroutable(EventBody):
    """No further provider will be tried: the last Task's end becomes Task A's."""

    type: ClassVar[str] = "referral.unroutable"
    referral: str
    service_request: str


class ReferralClosed(EventBody):
    """The last routing ended and Task A shows it."""

    type: ClassVar[str] = "referral.closed"
    referral: str


class TaskNotice(EventBody):
    """What a provider is told of: a Task, by its id and version."""

    referral: str
    task: str
    version: int
    provider: str
    test: bool
    urgent: bool
    permitted_until: datetime | None = None
    """When the permission to let the provider have it ends: nothing is sent from then on."""


class TaskRequested(TaskNotice):
    """A Task waits for the provider's answer."""

    type: ClassVar[str] = "task.requested"


class TaskCancellationRequested(TaskNotice):
    """The referrer asks to stop a Task that has started."""

    type: ClassVar[str] = "task.cancellation-requested"


class TaskCancelled(TaskNotice):
    """The Task ended from the referrer's or the platform's side."""

    type: ClassVar[str] = "task.cancelled"


class TaskReminder(TaskNotice):
    """The Task still waits."""

    type: ClassVar[str] = "task.reminder"


class TaskDeliveryAsked(EventBody):
    """The collector has not heard what became of the notices of `event`: whoever knows says it again."""

    type: ClassVar[str] = "task.delivery-asked"
    referral: str
    task: str
    provider: str
    event: str


class DeliveryFact(EventBody):
    """What became of the notification of `event` to one endpoint."""

    referral: str
    task: str
    provider: str
    endpoint: str
    event: str
    attempts: int


class DeliverySucceeded(DeliveryFact):
    """An endpoint took the notification of `event`."""

    type: ClassVar[str] = "delivery.succeeded"


class DeliveryExhausted(DeliveryFact):
    """All attempts were spent: a person is needed."""

    type: ClassVar[str] = "delivery.exhausted"


class DeliveryStalled(DeliveryFact):
    """A fault of our own holds up a delivery for ten minutes: a person is needed; it goes on being tried."""

    type: ClassVar[str] = "delivery.stalled"


class DeliveryStopped(DeliveryFact):
    """A notice is not sent any more: its Task was cancelled, or the client's permission has ended."""

    type: ClassVar[str] = "delivery.stopped"
    why: Literal["task-cancelled", "permission-ended"]


class TaskStatusChanged(EventBody):
    """A Task B moved. What quota and routing need of the reason, never the reason itself."""

    type: ClassVar[str] = "task.status-changed"
    referral: str
    service_request: str
    task: str
    version: int
    status: str
    releases_quota: bool
    reroute: Literal["automatic", "case", "review", "never"] | None
    ended_at: datetime | None
    """When the Task became terminal, else None."""


class WriteBackSucceeded(EventBody):
    """Task A shows version `version`; `final` when that is a terminal status."""

    type: ClassVar[str] = "write-back.succeeded"
    referral: str
    version: int
    final: bool


class WriteBackExhausted(EventBody):
    """The EHR did not take version `version` of Task A: a person is needed."""

    type: ClassVar[str] = "write-back.exhausted"
    referral: str
    version: int


class TaskStranded(EventBody):
    """The sweep published an event three times and what should follow is missing still: a person is due."""

    type: ClassVar[str] = "task.stranded"
    referral: str
    task: str
    missing: Literal["delivery", "write-back", "revocation"]


class ProviderChanged(EventBody):
    """A provider is new or its data changed; readers fetch the rest over FHIR."""

    type: ClassVar[str] = "provider.changed"
    provider: str
    version: int


class EndpointChanged(EventBody):
    """A provider's address is new or changed; readers fetch the rest over FHIR."""

    type: ClassVar[str] = "endpoint.changed"
    endpoint: str
    provider: str
    version: int


class AccessChanged(EventBody):
    """Tokens are refused from now on, or no longer (a client was stopped, or its tokens were revoked)."""

    type: ClassVar[str] = "access.changed"
    name: str
    """A digest of whom or what it is about; whoever has a token can tell whether it is meant."""
    refused: bool
    issued_until: datetime | None
    """Only tokens issued until then; None for all."""
    until: datetime | None
    """When it may be forgotten; None for never."""


class RecordDeadLettered(EventBody):
    """A consumer gave a record up; it lies at this place of its topic for as long as topics keep records."""

    type: ClassVar[str] = "record.dead-lettered"
    consumer: str
    topic: str
    lane: int
    offset: int
    event: str | None
    """The event's id; None where the record could not be read."""
    reason: str
    """A constant text of the consumer's; never a part of the record."""
    attempts: int
    first_at: datetime
    last_at: datetime


ALL: tuple[type[EventBody], ...] = (
    ReferralRouted,
    ReferralHeld,
    ReferralRevoked,
    ReferralRefused,
    ReferralUnroutable,
    ReferralClosed,
    TaskRequested,
    TaskCancellationRequested,
    TaskCancelled,
    TaskReminder,
    TaskDeliveryAsked,
    DeliverySucceeded,
    DeliveryExhausted,
    DeliveryStalled,
    DeliveryStopped,
    TaskStatusChanged,
    WriteBackSucceeded,
    WriteBackExhausted,
    TaskStranded,
    ProviderChanged,
    EndpointChanged,
    AccessChanged,
    RecordDeadLettered,
)

_BY_TYPE = {model.type: model for model in ALL}


class UnknownEventError(ValueError):
    """The record is not an event of ours; the text is a constant."""


def parse(event_type: str, value: bytes) -> EventBody:
    """The body of an event of type `event_type`. Raises UnknownEventError on any other type or shape."""
    model = _BY_TYPE.get(event_type)
    if model is None:
        raise UnknownEventError("unknown event type")
    try:
        return model.model_validate_json(value)
    except ValidationError:
        raise UnknownEventError("body does not fit the event type") from None
