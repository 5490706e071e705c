"""Subscriptions of record systems, the events that they are told of, and the telling."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import Document, Id, UtcDateTime

revision = "0005"
down_revision = "0004"

WAITING = sa.text("state = 'waiting'")
SENDING = sa.text("state = 'sending'")
UNFINISHED = sa.text("state IN ('waiting', 'sending')")
NOT_NUMBERED = sa.text("number IS NULL")


def upgrade() -> None:
    _subscriptions()
    _notifications()
    _notification_indexes()


def downgrade() -> None:
    for table in ("notification_attempts", "notifications", "subscription_events", "subscriptions"):
        op.drop_table(table)


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, primary_key=True),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("listening", sa.Boolean, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("sealed_header", Document),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime),
        sa.Column("last_number", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_subscriptions_client", "subscriptions", ["client"])
    op.create_table(
        "subscription_events",
        sa.Column("subscription", Id, primary_key=True),
        sa.Column("task", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("number", sa.BigInteger),
    )
    _partial("ix_subscription_events_new", "subscription_events", ["subscription"], NOT_NUMBERED)
    op.create_index("ix_subscription_events_number", "subscription_events", ["subscription", "number"])
    op.create_index("ix_subscription_events_task", "subscription_events", ["task"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", Id, primary_key=True),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("endpoint", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("ordering_key", sa.String, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("payload", Document, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("spent", sa.Integer, nullable=False),
        sa.Column("lease_token", Id),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("last_outcome", sa.String),
        sa.Column("fault_since", UtcDateTime),
        sa.Column("stalled", sa.Boolean, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.UniqueConstraint("event_id", "endpoint", name="uq_notifications_event_endpoint"),
    )
    op.create_table(
        "notification_attempts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("delivery", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("duration_ms", sa.Integer),
        sa.Column("status_code", sa.Integer),
        sa.Column("answer_length", sa.Integer),
        sa.Column("answer_digest", sa.String),
    )


def _notification_indexes() -> None:
    _partial("notifications_by_endpoint", "notifications", ["endpoint", "due_at"], WAITING)
    _partial("notifications_by_due_time", "notifications", ["due_at"], WAITING)
    _partial("notifications_by_lease", "notifications", ["lease_until"], SENDING)
    _partial("notifications_by_order", "notifications", ["endpoint", "ordering_key", "sequence"], UNFINISHED)
    op.create_index("notifications_by_key", "notifications", ["ordering_key"])
    op.create_index("notification_attempts_by_delivery", "notification_attempts", ["delivery", "number"])
