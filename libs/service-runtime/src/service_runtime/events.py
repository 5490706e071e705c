"""CloudEvents 1.0 in binary mode: attributes as `ce_` headers, the JSON body as the value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service_runtime.event_log.port import Record


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """A fact to tell the others. `id` stays the same on every re-publication and becomes the `webhook-id`."""

    id: str
    type: str
    topic: str
    key: str
    data: Mapping[str, Any]
    sequence: int | None = None
    traceparent: str | None = None
    """The trace that it belongs to where that is not the one of the work at hand."""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A decoded record. `data` is the model that the contracts made of the body."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    sequence: int | None
    data: Any
    record: Record


class UndecodableError(ValueError):
    """The record is not an event that its readers know; the text is a constant and holds nothing of it."""


def decoder(parse: Callable[[str, bytes], Any]) -> Callable[[Record], ReceivedEvent]:
    """Make the function that reads records whose bodies `parse(type, value)` reads (ValueError: it cannot).

    The function raises UndecodableError."""

    def decode(record: Record) -> ReceivedEvent:
        headers = record.headers
        try:
            identifier = str(UUID(headers["ce_id"]))
            time = datetime.fromisoformat(headers["ce_time"])
            sequence = int(headers["ce_sequence"]) if "ce_sequence" in headers else None
            event_type, source, subject = headers["ce_type"], headers["ce_source"], headers["ce_subject"]
        except (KeyError, ValueError):
            raise UndecodableError("not a CloudEvent of ours") from None
        if headers.get("ce_specversion") != "1.0" or time.tzinfo is None:
            raise UndecodableError("not a CloudEvent of ours")
        try:
            data = parse(event_type, record.value)
        except ValueError:
            raise UndecodableError("unknown type or unreadable body") from None
        return ReceivedEvent(identifier, event_type, source, subject, time, sequence, data, record)

    return decode
