"""Port `Sender`: makes one attempt. Port `Gate`: what may be sent at all just now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from service_runtime.delivery.classes import AttemptClass


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed delivery with the attempt that is about to be made (`attempt`, from 1)."""

    id: str
    event_id: str
    endpoint: str
    channel: str
    ordering_key: str
    sequence: int
    payload: bytes
    created_at: datetime
    attempt: int
    attempt_id: str
    spent: int
    fault_since: datetime | None
    stalled: bool
    token: str


@dataclass(frozen=True, slots=True)
class Attempted:
    """How an attempt went. `retry_after` and `duration` in seconds; of the answer only its length in bytes
    and a digest are kept, because an answer may hold a name."""

    outcome: AttemptClass
    status_code: int | None = None
    retry_after: float | None = None
    length: int | None = None
    digest: str | None = None
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery after an attempt, as the hooks get it, in the transaction that writes its new state."""

    delivery: Delivery
    attempted: Attempted
    at: datetime


class Sender(Protocol):
    """Knows one channel: HTTP, mail, an EHR."""

    async def send(self, delivery: Delivery) -> Attempted:
        """Make one attempt, well within the lease. What it raises is classed by `class_of_exception`, and
        what that does not know is a fault of our own: tried again in seconds, without spending the
        schedule."""
        ...


class Gate(Protocol):
    """Consulted in each claim, before anything is sent. Rows of a closed endpoint wait and spend nothing.
    Here is the place of whatever holds an endpoint back: a stale address, a breaker, a pause."""

    async def closed(self, session: AsyncConnection, endpoints: Sequence[str]) -> Collection[str]:
        """Those of `endpoints` (all with due rows) to which nothing may be sent now."""
        ...
