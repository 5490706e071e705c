"""The gateway's tables: the vault of what was asked, the ledger of where it went, and what needs a person."""

# SQLModel declares `__tablename__` and `__table_args__` as descriptors; a plain value is what it documents.
# pyright: reportAssignmentType=false

from datetime import datetime

from service_runtime.database.types import Document, Id, UtcDateTime
from service_runtime.rows import BarRow, InboxRow, LeaseRow, OutboxRow
from sqlalchemy import BigInteger, FetchedValue, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel
from sqlmodel.main import registry

OPEN = text("closed_at IS NULL")
WITHOUT_TASK = text("task IS NULL AND ended_at IS NULL")
WAITING = text("left_at IS NULL")
REVOKED = text("revoke_event IS NOT NULL AND ended_at IS NULL")


class Base(SQLModel, registry=registry()):
    """The metadata of this service alone: two services may live in one process."""


class Resource(Base, table=True):
    """One version of one FHIR resource, as it is served. Every version is kept (vread, history, ETag)."""

    __tablename__ = "resources"

    type: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: bytes = Field(sa_type=Document)
    last_updated: datetime = Field(sa_type=UtcDateTime)
    referral: str | None = Field(default=None, sa_type=Id)
    """Whose referral it belongs to; None for the directory."""
    written_xid: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": FetchedValue()})
    """The writing transaction on PostgreSQL, so that a poll by _lastUpdated never skips a late commit: the
    database fills it in (0 on SQLite).
    """


class Referral(Base, table=True):
    """One acknowledged referral. Its id is also that of ServiceRequest A, Patient, Consent and Task A at
    our base.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        UniqueConstraint("client", "identifier_system", "identifier_value", name="uq_referrals_identity"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    client: str
    identifier_system: str
    identifier_value: str
    content_hash: bytes = Field(sa_type=Document)
    pathway: str
    municipality: str | None = None
    mode: str
    task_a: str | None = None
    ehr_request: str | None = None
    test: bool = False
    protected: bool = False
    urgent: bool = False
    return_permitted: bool = False
    accepted_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the EHR's own Task A came to show a terminal status (mode write)."""
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Evidence(Base, table=True):
    """The bytes exactly as the EHR posted them."""

    __tablename__ = "evidence"

    referral: str = Field(primary_key=True, sa_type=Id)
    body: bytes = Field(sa_type=Document)
    received_at: datetime = Field(sa_type=UtcDateTime)


class Routing(Base, table=True):
    """One attempt to place a referral with one provider. `id` is that of ServiceRequest B."""

    __tablename__ = "routings"
    __table_args__ = (
        UniqueConstraint("referral", "number", name="uq_routings_number"),
        Index("ix_routings_provider", "provider", "id"),
        Index(
            "ix_routings_without_task",
            "sweep_at",
            postgresql_where=WITHOUT_TASK,
            sqlite_where=WITHOUT_TASK,
        ),
        Index("ix_routings_revoked", "sweep_at", postgresql_where=REVOKED, sqlite_where=REVOKED),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    referral: str = Field(sa_type=Id)
    number: int
    """1 for the first provider that was asked, 2 for the next."""
    provider: str
    agreement: str
    quota_key: str | None = None
    """The agreement's period whose number was used; None where the agreement gives no number."""
    quota_taken: bool = False
    event: str = Field(sa_type=Id)
    """Id of its referral.routed, which the sweep publishes again while no Task answers."""
    revoke_event: str | None = Field(default=None, sa_type=Id)
    task: str | None = Field(default=None, sa_type=Id)
    task_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    status: str | None = None
    routed_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    swept: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often the sweep has published again what has no answer yet."""
    sweep_at: datetime = Field(sa_type=UtcDateTime)
    """When the next expected fact is overdue."""


class Quota(Base, table=True):
    """How much of an agreement's number is used in one period. Changed by statements that check the limit."""

    __tablename__ = "quotas"

    key: str = Field(primary_key=True)
    used: int = 0


class Waiting(Base, table=True):
    """A referral that was accepted onto a waitlist. How many are in a line stands in `quotas` under its
    key, and is changed in the same transactions."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_line", "line", "urgent", "since", postgresql_where=WAITING, sqlite_where=WAITING),
    )

    referral: str = Field(primary_key=True, sa_type=Id)
    order_id: str = Field(sa_type=Id)
    """The id that its first ServiceRequest B will have."""
    line: str
    agreement: str
    provider: str
    service: str
    since: datetime = Field(sa_type=UtcDateTime)
    urgent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    stranded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was found that what it waits for cannot come as things are; a person was asked then."""
    tell_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a person is to be told how long it waits; None once that is done."""
    permitted_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the permission to tell that provider ends; None where it has no end."""
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_as: str | None = None
    """`placed`, `ended` by its referrer or client, or `lapsed` with its permission."""


class CountySnapshot(Base, table=True):
    """A county folder as it was loaded; the newest is in force. Older ones say what was in force when."""

    __tablename__ = "county_snapshots"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    files: bytes = Field(sa_type=Document)
    digest: str
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    loaded_by: str


class Case(Base, table=True):
    """Something that needs a person. At most one of a kind is open for a referral."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open",
            "referral",
            "kind",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    referral: str = Field(sa_type=Id)
    kind: str
    owner: str
    routing: str | None = Field(default=None, sa_type=Id)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = None


class Audit(Base, table=True):
    """Who read which document about a person, when, and whether it was given."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_referral", "referral"),)

    id: str = Field(primary_key=True, sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    client: str
    kind: str
    on_behalf_of: str | None = None
    """The provider that a service acted for."""
    session: str | None = None
    action: str
    type: str
    resource: str
    version: int | None = None
    referral: str | None = Field(default=None, sa_type=Id)
    outcome: str


class Outbox(OutboxRow, Base, table=True):
    """Events that the gateway's transactions made true."""

    __tablename__ = "outbox"


class Inbox(InboxRow, Base, table=True):
    """Events that the gateway has handled."""

    __tablename__ = "inbox"


class Lease(LeaseRow, Base, table=True):
    """Who is the active relay, who sweeps."""

    __tablename__ = "leases"


class Bar(BarRow, Base, table=True):
    """Tokens that are refused though they are valid."""

    __tablename__ = "bars"


class Client(Base, table=True):
    """What operators say of an EHR client, beside the county's data."""

    __tablename__ = "clients"

    id: str = Field(primary_key=True)
    content: bytes | None = Field(default=None, sa_type=Document)
    """The client as it would stand in clients.yaml; None where it stands there, and is only stopped here."""
    active: bool = True
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str
