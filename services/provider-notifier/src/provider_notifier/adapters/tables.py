"""All tables of the notifier. (SQLModel declares `__tablename__` wider than what everybody assigns to it.)"""

from datetime import datetime

from service_runtime.database.statements import table_of
from service_runtime.database.types import Document, UtcDateTime
from service_runtime.delivery.rows import AttemptRow, DeliveryRow, PaceRow, index_deliveries
from service_runtime.rows import BarRow, InboxRow, LeaseRow, OutboxRow
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry()):
    """The notifier's own metadata: tables of one name may exist in another service."""


class Delivery(DeliveryRow, Base, table=True):
    """The duty to tell one endpoint of one event."""

    __tablename__ = "deliveries"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("event_id", "endpoint", name="deliveries_once"),)


class Attempt(AttemptRow, Base, table=True):
    """One try of a delivery."""

    __tablename__ = "attempts"  # pyright: ignore[reportAssignmentType]


class Pace(PaceRow, Base, table=True):
    """How slowly an endpoint wants its attempts; none for one at full speed."""

    __tablename__ = "paces"  # pyright: ignore[reportAssignmentType]


class Endpoint(Base, table=True):
    """A provider's address in the newest version known, and the newest version that exists."""

    __tablename__ = "endpoints"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True)
    provider: str = Field(index=True)
    wanted_version: int
    known_version: int = 0
    """0: its existence is known, its address not yet."""
    channel: str | None = None
    address: str | None = None
    active: bool = False
    test: bool = False
    secret: bytes | None = Field(default=None, sa_type=Document)
    """Sealed."""
    previous_secret: bytes | None = Field(default=None, sa_type=Document)
    previous_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Outbox(OutboxRow, Base, table=True):
    """Events of the notifier."""

    __tablename__ = "outbox"  # pyright: ignore[reportAssignmentType]


class Inbox(InboxRow, Base, table=True):
    """Events that it has handled."""

    __tablename__ = "inbox"  # pyright: ignore[reportAssignmentType]


class Lease(LeaseRow, Base, table=True):
    """Which process does what there is one of."""

    __tablename__ = "leases"  # pyright: ignore[reportAssignmentType]


class Bar(BarRow, Base, table=True):
    """Tokens that are refused though they are valid."""

    __tablename__ = "bars"  # pyright: ignore[reportAssignmentType]


deliveries = table_of(Delivery)
attempts = table_of(Attempt)
endpoints = table_of(Endpoint)
paces = table_of(Pace)

index_deliveries(deliveries, attempts)
