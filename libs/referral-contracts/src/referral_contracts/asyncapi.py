"""The AsyncAPI 3 description of all topics, made from the same models that check the events."""

from typing import Any

from referral_contracts import events, topics
from referral_contracts.events import EventBody

HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string"},
        "ce_sequence": {"type": "string", "pattern": "^[0-9]+$"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string"},
    },
    "additionalProperties": False,
}

CHANNELS: dict[str, tuple[str, tuple[type[EventBody], ...]]] = {
    "referrals": (
        topics.REFERRALS,
        (
            events.ReferralRouted,
            events.ReferralHeld,
            events.ReferralRevoked,
            events.ReferralRefused,
            events.ReferralUnroutable,
            events.ReferralClosed,
        ),
    ),
    "tasks": (
        topics.tasks_topic("{provider}"),
        (
            events.TaskRequested,
            events.TaskCancellationRequested,
            events.TaskCancelled,
            events.TaskReminder,
            events.TaskDeliveryAsked,
        ),
    ),
    "deliveries": (
        topics.DELIVERIES,
        (
            events.DeliverySucceeded,
            events.DeliveryExhausted,
            events.DeliveryStalled,
            events.DeliveryStopped,
        ),
    ),
    "outcomes": (
        topics.OUTCOMES,
        (events.TaskStatusChanged, events.WriteBackSucceeded, events.WriteBackExhausted, events.TaskStranded),
    ),
    "directory": (topics.DIRECTORY, (events.ProviderChanged, events.EndpointChanged, events.AccessChanged)),
    "dead-letters": (topics.DEAD_LETTERS, (events.RecordDeadLettered,)),
}
"""What travels on which topic; the loop's tests check every record against it."""


def document(version: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document, as a dictionary of plain JSON values; `version` is the product's."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Lähetti",
            "version": version,
            "description": "Events between Lähetti's services. They carry no personal data.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, *channel) for name, channel in CHANNELS.items()},
        "operations": {
            f"{name}-read": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": f"Read the events of {address}.",
            }
            for name, (address, _) in CHANNELS.items()
        },
        "components": {"messages": {model.type: _message(model) for model in events.ALL}},
    }


def _channel(name: str, address: str, models: tuple[type[EventBody], ...]) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": address,
        "messages": {model.type: {"$ref": f"#/components/messages/{model.type}"} for model in models},
    }
    if name == "tasks":
        channel["parameters"] = {
            "provider": {"description": "The provider's id: letters, digits and hyphens."}
        }
    return channel


def _message(model: type[EventBody]) -> dict[str, Any]:
    return {
        "name": model.type,
        "summary": (model.__doc__ or "").splitlines()[0],
        "headers": HEADERS,
        "payload": model.model_json_schema(),
    }
