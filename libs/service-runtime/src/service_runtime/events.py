"""CloudEvents 1.0 in binary mode: attributes as `ce_` headers, the JSON body as the value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A decoded record. `data` is the model that the contracts made of the body; `body` its bytes."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    sequence: int | None
    data: Any
    record: Record
