"""The gateway's first tables."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import Document, Id, Sequence, UtcDateTime

revision = "0001"
down_revision = None

OPEN = sa.text("closed_at IS NULL")
WITHOUT_TASK = sa.text("task IS NULL AND ended_at IS NULL")
REVOKED = sa.text("revoke_event IS NOT NULL AND ended_at IS NULL")
UNPUBLISHED = sa.text("published_at IS NULL")


def upgrade() -> None:
    _vault()
    _ledger()
    _county_and_cases()
    _events()


def downgrade() -> None:
    for table in (
        "leases", "inbox", "outbox", "audit", "cases", "county_snapshots", "quotas", "routings", "evidence",
        "referrals", "resources",
    ):  # fmt: skip
        op.drop_table(table)


def _vault() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    written = sa.text("(pg_current_xact_id()::text::bigint)" if postgresql else "0")
    op.create_table(
        "resources",
        sa.Column("type", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", Document, nullable=False),
        sa.Column("last_updated", UtcDateTime, nullable=False),
        sa.Column("referral", Id),
        sa.Column("written_xid", sa.BigInteger, nullable=False, server_default=written),
    )
    op.create_table(
        "evidence",
        sa.Column("referral", Id, primary_key=True),
        sa.Column("body", Document, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("on_behalf_of", sa.String),
        sa.Column("session", sa.String),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("resource", sa.String, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("referral", Id),
        sa.Column("outcome", sa.String, nullable=False),
    )
    op.create_index("ix_audit_referral", "audit", ["referral"])


def _ledger() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", Id, primary_key=True),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("identifier_system", sa.String, nullable=False),
        sa.Column("identifier_value", sa.String, nullable=False),
        sa.Column("content_hash", Document, nullable=False),
        sa.Column("pathway", sa.String, nullable=False),
        sa.Column("municipality", sa.String),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("task_a", sa.String),
        sa.Column("ehr_request", sa.String),
        sa.Column("test", sa.Boolean, nullable=False),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("return_permitted", sa.Boolean, nullable=False),
        sa.Column("accepted_at", UtcDateTime, nullable=False),
        sa.Column("revoked_at", UtcDateTime),
        sa.Column("withdrawn_at", UtcDateTime),
        sa.Column("shown_at", UtcDateTime),
        sa.Column("closed_at", UtcDateTime),
        sa.UniqueConstraint("client", "identifier_system", "identifier_value", name="uq_referrals_identity"),
    )
    op.create_table(
        "routings",
        sa.Column("id", Id, primary_key=True),
        sa.Column("referral", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("agreement", sa.String, nullable=False),
        sa.Column("quota_key", sa.String),
        sa.Column("quota_taken", sa.Boolean, nullable=False),
        sa.Column("event", Id, nullable=False),
        sa.Column("revoke_event", Id),
        sa.Column("task", Id),
        sa.Column("task_version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("status", sa.String),
        sa.Column("routed_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("swept", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sweep_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("referral", "number", name="uq_routings_number"),
    )
    op.create_index(
        "ix_routings_without_task",
        "routings",
        ["sweep_at"],
        postgresql_where=WITHOUT_TASK,
        sqlite_where=WITHOUT_TASK,
    )
    op.create_index(
        "ix_routings_revoked", "routings", ["sweep_at"], postgresql_where=REVOKED, sqlite_where=REVOKED
    )
    op.create_table(
        "quotas",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
    )


def _county_and_cases() -> None:
    op.create_table(
        "county_snapshots",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("files", Document, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("loaded_at", UtcDateTime, nullable=False),
        sa.Column("loaded_by", sa.String, nullable=False),
    )
    op.create_table(
        "cases",
        sa.Column("id", Id, primary_key=True),
        sa.Column("referral", Id, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("routing", Id),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("closed_by", sa.String),
    )
    op.create_index(
        "uq_cases_open", "cases", ["referral", "kind"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN
    )


def _events() -> None:
    op.create_table(
        "outbox",
        sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
        sa.Column("id", Id, nullable=False, unique=True),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("headers", Document, nullable=False),
        sa.Column("value", Document, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("not_before", UtcDateTime, nullable=False),
        sa.Column("published_at", UtcDateTime),
        sa.Column("republished", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["sequence"],
        postgresql_where=UNPUBLISHED,
        sqlite_where=UNPUBLISHED,
    )
    op.create_index("outbox_key", "outbox", ["key"])
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String, primary_key=True),
        sa.Column("event_id", Id, primary_key=True),
        sa.Column("handled_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("token", Id, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
    )
