"""The collector's tables: Tasks and all their versions, write-backs, the page's access, audit, and events."""

# SQLModel declares `__tablename__` and `__table_args__` as descriptors, while a plain value is what it
# documents.
# pyright: reportAssignmentType=false

from datetime import datetime

from service_runtime.database.statements import table_of
from service_runtime.database.types import Document, Id, UtcDateTime
from service_runtime.delivery.rows import AttemptRow, DeliveryRow, index_deliveries
from service_runtime.rows import BarRow, InboxRow, LeaseRow, OutboxRow
from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from sqlmodel.main import registry

WATCHED = text("watch_due IS NOT NULL")
IS_B = text("kind = 'B'")
NOT_DONE = text("done_at IS NULL")
NOT_NUMBERED = text("number IS NULL")


class Base(SQLModel, registry=registry()):
    """The metadata of this service alone: two services may live in one process."""


class Task(Base, table=True):
    """A Task as it stands, with its newest document; earlier ones are in `resources`. Task A's row counts
    its referral's events."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_referral", "referral"),
        Index("ix_tasks_provider", "provider", "last_updated", "id"),
        Index("ix_tasks_provider_status", "provider", "status", "last_updated", "id"),
        Index("ix_tasks_client", "client", "last_updated", "id"),
        Index("ix_tasks_watch", "watch_due", postgresql_where=WATCHED, sqlite_where=WATCHED),
        Index("uq_tasks_routing", "service_request", unique=True, postgresql_where=IS_B, sqlite_where=IS_B),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    kind: str
    referral: str = Field(sa_type=Id)
    client: str
    provider: str | None = None
    service_request: str | None = Field(default=None, sa_type=Id)
    focus: str
    version: int
    document: bytes = Field(sa_type=Document)
    """Here too, because a locking read sees the newest row of the table that it locks, and of no other."""
    status: str
    reason: str | None = None
    progress: str | None = None
    was_accepted: bool = False
    was_in_progress: bool = False
    contact_attempts: int = 0
    last_updated: datetime = Field(sa_type=UtcDateTime)
    written_xid: int = Field(sa_type=BigInteger)
    """The writing transaction on PostgreSQL, so that a poll by _lastUpdated never skips a late commit."""
    test: bool = False
    protected: bool = False
    urgent: bool = False
    accept_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    contact_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reroute: str | None = None
    watch_event: str | None = Field(default=None, sa_type=Id)
    watch_for: str | None = None
    watch_due: datetime | None = Field(default=None, sa_type=UtcDateTime)
    watch_times: int = 0
    sequence: int = 0
    mode: str | None = None
    ehr_task: str | None = None
    return_permitted: bool = False
    permitted_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Resource(Base, table=True):
    """One version of one resource as it is served; every version is kept (vread, history, ETag)."""

    __tablename__ = "resources"

    type: str = Field(primary_key=True)
    id: str = Field(primary_key=True, sa_type=Id)
    version: int = Field(primary_key=True)
    body: bytes = Field(sa_type=Document)
    last_updated: datetime = Field(sa_type=UtcDateTime)
    author: str
    written_xid: int = Field(sa_type=BigInteger)


class WriteBack(DeliveryRow, Base, table=True):
    """The duty to bring one version of Task A to its record system."""

    __tablename__ = "write_backs"
    __table_args__ = (UniqueConstraint("event_id", "endpoint", name="uq_write_backs_event_endpoint"),)


class WriteBackAttempt(AttemptRow, Base, table=True):
    """One try to do so."""

    __tablename__ = "write_back_attempts"


index_deliveries(table_of(WriteBack), table_of(WriteBackAttempt))


class Subscription(Base, table=True):
    """A record system's wish to be told of its Tasks A. `listening`: events are kept for it; `confirmed`: its
    address has answered the handshake, so that they are sent."""

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_client", "client"),)

    id: str = Field(primary_key=True, sa_type=Id)
    client: str
    status: str
    listening: bool
    confirmed: bool
    address: str
    sealed_header: bytes | None = Field(default=None, sa_type=Document)
    reason: str
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_number: int = Field(default=0, sa_type=BigInteger)


class SubscriptionEvent(Base, table=True):
    """A version of a Task A that a subscription is told of; numbered, from 1, as its delivery is planned."""

    __tablename__ = "subscription_events"
    __table_args__ = (
        Index(
            "ix_subscription_events_new",
            "subscription",
            postgresql_where=NOT_NUMBERED,
            sqlite_where=NOT_NUMBERED,
        ),
        Index("ix_subscription_events_number", "subscription", "number"),
        Index("ix_subscription_events_task", "task"),
    )

    subscription: str = Field(primary_key=True, sa_type=Id)
    task: str = Field(primary_key=True, sa_type=Id)
    version: int = Field(primary_key=True)
    client: str
    at: datetime = Field(sa_type=UtcDateTime)
    number: int | None = Field(default=None, sa_type=BigInteger)


class Notification(DeliveryRow, Base, table=True):
    """The duty to tell a subscription's address of one event, or to shake hands with it."""

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("event_id", "endpoint", name="uq_notifications_event_endpoint"),)


class NotificationAttempt(AttemptRow, Base, table=True):
    """One try to do so."""

    __tablename__ = "notification_attempts"


index_deliveries(table_of(Notification), table_of(NotificationAttempt))


class Revocation(Base, table=True):
    """A revoked service request whose reason is still to be read from the gateway."""

    __tablename__ = "revocations"
    __table_args__ = (
        Index("ix_revocations_due", "due_at", postgresql_where=NOT_DONE, sqlite_where=NOT_DONE),
    )

    service_request: str = Field(primary_key=True, sa_type=Id)
    referral: str = Field(sa_type=Id)
    planned_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PageLink(Base, table=True):
    """A link to a provider's page, by the digest of its secret part."""

    __tablename__ = "page_links"
    __table_args__ = (Index("ix_page_links_referral", "referral"),)

    digest: str = Field(primary_key=True)
    task: str = Field(sa_type=Id)
    referral: str = Field(sa_type=Id)
    provider: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Pin(Base, table=True):
    """A provider's PIN, hashed, with its wrong tries in a row."""

    __tablename__ = "pins"

    provider: str = Field(primary_key=True)
    hashed: str
    wrong: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PageSession(Base, table=True):
    """Half an hour on one Task's page, by the digest of its cookie."""

    __tablename__ = "page_sessions"
    __table_args__ = (Index("ix_page_sessions_provider", "provider"),)

    id: str = Field(primary_key=True, sa_type=Id)
    digest: str = Field(unique=True)
    task: str = Field(sa_type=Id)
    provider: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ContactAttempt(Base, table=True):
    """When somebody tried in vain to reach the client, as recorded on the page."""

    __tablename__ = "contact_attempts"
    __table_args__ = (Index("ix_contact_attempts_task", "task"),)

    id: str = Field(primary_key=True, sa_type=Id)
    task: str = Field(sa_type=Id)
    session: str = Field(sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)


class Audit(Base, table=True):
    """Who read or changed which Task, when."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_referral", "referral"),)

    id: str = Field(primary_key=True, sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    client: str
    kind: str
    session: str | None = None
    action: str
    resource: str
    referral: str = Field(sa_type=Id)
    version: int | None = None


class Outbox(OutboxRow, Base, table=True):
    """Events that the collector's transactions made true."""

    __tablename__ = "outbox"


class Inbox(InboxRow, Base, table=True):
    """Events that the collector has handled."""

    __tablename__ = "inbox"


class Lease(LeaseRow, Base, table=True):
    """Who is the active relay, who sweeps, who reads revocations."""

    __tablename__ = "leases"


class Bar(BarRow, Base, table=True):
    """Tokens that are refused though they are valid."""

    __tablename__ = "bars"
