"""The notifier's first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op
from service_runtime.database import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
SENDING = sa.text("state = 'sending'")
UNFINISHED = sa.text("state IN ('waiting', 'sending')")


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", types.Id(), primary_key=True),
        sa.Column("event_id", types.Id(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ordering_key", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("payload", types.Document(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("lease_token", types.Id(), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(), nullable=True),
        sa.Column("last_outcome", sa.String(), nullable=True),
        sa.Column("fault_since", types.UtcDateTime(), nullable=True),
        sa.Column("stalled", sa.Boolean(), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.UniqueConstraint("event_id", "endpoint", name="deliveries_once"),
    )
    for name, columns, where in (
        ("deliveries_by_endpoint", ["endpoint", "due_at"], WAITING),
        ("deliveries_by_due_time", ["due_at"], WAITING),
        ("deliveries_by_lease", ["lease_until"], SENDING),
        ("deliveries_by_order", ["endpoint", "ordering_key", "sequence"], UNFINISHED),
    ):
        op.create_index(name, "deliveries", columns, postgresql_where=where, sqlite_where=where)
    op.create_index("deliveries_by_key", "deliveries", ["ordering_key"])
    op.create_table(
        "attempts",
        sa.Column("id", types.Id(), primary_key=True),
        sa.Column("delivery", types.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("answer_length", sa.Integer(), nullable=True),
        sa.Column("answer_digest", sa.String(), nullable=True),
    )
    op.create_index("attempts_by_delivery", "attempts", ["delivery", "number"])
    op.create_table(
        "endpoints",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("known_version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("secret", types.Document(), nullable=True),
        sa.Column("previous_secret", types.Document(), nullable=True),
        sa.Column("previous_until", types.UtcDateTime(), nullable=True),
    )
    op.create_index("ix_endpoints_provider", "endpoints", ["provider"])
    _shared_tables()


def _shared_tables() -> None:
    sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "outbox",
        sa.Column("sequence", sequence, primary_key=True, autoincrement=True),
        sa.Column("id", types.Id(), nullable=False, unique=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("headers", types.Document(), nullable=False),
        sa.Column("value", types.Document(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("not_before", types.UtcDateTime(), nullable=False),
        sa.Column("published_at", types.UtcDateTime(), nullable=True),
        sa.Column("republished", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    unpublished = sa.text("published_at IS NULL")
    op.create_index(
        "outbox_waiting", "outbox", ["sequence"], postgresql_where=unpublished, sqlite_where=unpublished
    )
    op.create_index("outbox_key", "outbox", ["key"])
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(), primary_key=True),
        sa.Column("event_id", types.Id(), primary_key=True),
        sa.Column("handled_at", types.UtcDateTime(), nullable=False),
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("token", types.Id(), nullable=False),
        sa.Column("until", types.UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    for table in ("leases", "inbox", "outbox", "endpoints", "attempts", "deliveries"):
        op.drop_table(table)
