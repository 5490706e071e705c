"""Mixins for a service's tables of deliveries and attempts, and the indexes that the claims need."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Index, Table, text
from sqlmodel import Field, SQLModel

from service_runtime.database.types import Document, Id, UtcDateTime
from service_runtime.ids import new_id

WAITING: Final = "waiting"
SENDING: Final = "sending"
SUCCEEDED: Final = "succeeded"
EXHAUSTED: Final = "exhausted"
STOPPED: Final = "stopped"
"""Ended from our own side: what it was to bring may not, or need not, be brought any more."""

IN_FLIGHT: Final = "in_flight"
"""Outcome of an attempt whose answer is not known (yet); otherwise the name of its class."""


class DeliveryRow(SQLModel):
    """One event for one endpoint. The service adds a unique constraint on (event_id, endpoint), so that
    an event brought twice, by whatever consumer group, is planned once."""

    id: str = Field(primary_key=True, sa_type=Id)
    event_id: str = Field(sa_type=Id)
    endpoint: str
    channel: str
    ordering_key: str
    sequence: int = Field(sa_type=BigInteger)
    payload: bytes = Field(sa_type=Document)
    state: str = WAITING
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    """How many attempts were made; the number of the latest one."""
    spent: int = 0
    """How many of them counted: where the delivery stands in its schedule."""
    lease_token: str | None = Field(default=None, sa_type=Id)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_outcome: str | None = None
    fault_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when a fault of our own keeps it waiting; None when none does."""
    stalled: bool = False
    """Whether that fault has been reported to people."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def due_row(
    event_id: str,
    *,
    endpoint: str,
    channel: str,
    ordering_key: str,
    sequence: int,
    payload: bytes,
    now: datetime,
) -> dict[str, Any]:
    """The row of a delivery that is due at once and was never tried."""
    return {
        "id": new_id(),
        "event_id": event_id,
        "endpoint": endpoint,
        "channel": channel,
        "ordering_key": ordering_key,
        "sequence": sequence,
        "payload": payload,
        "state": WAITING,
        "created_at": now,
        "due_at": now,
        "attempts": 0,
        "spent": 0,
        "stalled": False,
    }


class AttemptRow(SQLModel):
    """One try. Written before the sending, completed after it; of an answer only what holds no data is
    kept."""

    id: str = Field(primary_key=True, sa_type=Id)
    delivery: str = Field(sa_type=Id)
    number: int
    outcome: str = IN_FLIGHT
    started_at: datetime = Field(sa_type=UtcDateTime)
    duration_ms: int | None = None
    status_code: int | None = None
    answer_length: int | None = None
    answer_digest: str | None = None


class PaceRow(SQLModel):
    """How slowly one endpoint wants its attempts; no row for one that has not asked for less (`pace.py`)."""

    endpoint: str = Field(primary_key=True)
    pause_seconds: float
    """The least time between two attempts."""
    next_at: datetime = Field(sa_type=UtcDateTime)
    """Not before this is the next attempt let go."""
    slowed_at: datetime = Field(sa_type=UtcDateTime)
    eases_at: datetime = Field(sa_type=UtcDateTime)
    """When the rate is doubled, if nothing slows it down again until then."""


def index_deliveries(deliveries: Table, attempts: Table) -> None:
    """Declare the indexes of a service's delivery and attempt tables; its migration creates the same ones.

    The partial ones hold open rows only, so that a claim costs the same after a year of deliveries."""
    columns = deliveries.c
    prefix = deliveries.name
    waiting = text("state = 'waiting'")
    sending = text("state = 'sending'")
    unfinished = text("state IN ('waiting', 'sending')")
    for name, parts, where in (
        ("by_endpoint", (columns.endpoint, columns.due_at), waiting),
        ("by_due_time", (columns.due_at,), waiting),
        ("by_lease", (columns.lease_until,), sending),
        ("by_order", (columns.endpoint, columns.ordering_key, columns.sequence), unfinished),
    ):
        Index(f"{prefix}_{name}", *parts, postgresql_where=where, sqlite_where=where)
    Index(f"{prefix}_by_key", columns.ordering_key)
    Index(f"{attempts.name}_by_delivery", attempts.c.delivery, attempts.c.number)
