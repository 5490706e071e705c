"""The collector's first tables."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import Document, Id, Sequence, UtcDateTime

revision = "0001"
down_revision = None

WATCHED = sa.text("watch_due IS NOT NULL")
IS_B = sa.text("kind = 'B'")
NOT_DONE = sa.text("done_at IS NULL")
UNPUBLISHED = sa.text("published_at IS NULL")
WAITING = sa.text("state = 'waiting'")
SENDING = sa.text("state = 'sending'")
UNFINISHED = sa.text("state IN ('waiting', 'sending')")

TABLES = (
    "tasks", "resources", "write_backs", "write_back_attempts", "revocations", "page_links", "pins",
    "page_sessions", "contact_attempts", "audit", "outbox", "inbox", "leases",
)  # fmt: skip


def upgrade() -> None:
    _tasks()
    _resources()
    _write_backs()
    _write_back_indexes()
    _revocations_and_audit()
    _page()
    _events()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _partial(
    name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False
) -> None:
    op.create_index(name, table, columns, unique=unique, postgresql_where=where, sqlite_where=where)


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("referral", Id, nullable=False),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("provider", sa.String),
        sa.Column("service_request", Id),
        sa.Column("focus", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", Document, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("progress", sa.String),
        sa.Column("was_accepted", sa.Boolean, nullable=False),
        sa.Column("was_in_progress", sa.Boolean, nullable=False),
        sa.Column("contact_attempts", sa.Integer, nullable=False),
        sa.Column("last_updated", UtcDateTime, nullable=False),
        sa.Column("written_xid", sa.BigInteger, nullable=False),
        sa.Column("test", sa.Boolean, nullable=False),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("accept_by", UtcDateTime),
        sa.Column("contact_by", UtcDateTime),
        sa.Column("remind_at", UtcDateTime),
        sa.Column("reroute", sa.String),
        sa.Column("watch_event", Id),
        sa.Column("watch_for", sa.String),
        sa.Column("watch_due", UtcDateTime),
        sa.Column("watch_times", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("mode", sa.String),
        sa.Column("ehr_task", sa.String),
        sa.Column("return_permitted", sa.Boolean, nullable=False),
        sa.Column("closed_at", UtcDateTime),
    )
    op.create_index("ix_tasks_referral", "tasks", ["referral"])
    op.create_index("ix_tasks_provider", "tasks", ["provider", "last_updated", "id"])
    op.create_index("ix_tasks_client", "tasks", ["client", "last_updated", "id"])
    _partial("ix_tasks_watch", "tasks", ["watch_due"], WATCHED)
    _partial("uq_tasks_routing", "tasks", ["service_request"], IS_B, unique=True)


def _resources() -> None:
    op.create_table(
        "resources",
        sa.Column("type", sa.String, primary_key=True),
        sa.Column("id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", Document, nullable=False),
        sa.Column("last_updated", UtcDateTime, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("written_xid", sa.BigInteger, nullable=False),
    )


def _write_backs() -> None:
    op.create_table(
        "write_backs",
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
        sa.UniqueConstraint("event_id", "endpoint", name="uq_write_backs_event_endpoint"),
    )
    op.create_table(
        "write_back_attempts",
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


def _write_back_indexes() -> None:
    _partial("write_backs_by_endpoint", "write_backs", ["endpoint", "due_at"], WAITING)
    _partial("write_backs_by_due_time", "write_backs", ["due_at"], WAITING)
    _partial("write_backs_by_lease", "write_backs", ["lease_until"], SENDING)
    _partial("write_backs_by_order", "write_backs", ["endpoint", "ordering_key", "sequence"], UNFINISHED)
    op.create_index("write_backs_by_key", "write_backs", ["ordering_key"])
    op.create_index("write_back_attempts_by_delivery", "write_back_attempts", ["delivery", "number"])


def _revocations_and_audit() -> None:
    op.create_table(
        "revocations",
        sa.Column("service_request", Id, primary_key=True),
        sa.Column("referral", Id, nullable=False),
        sa.Column("planned_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("done_at", UtcDateTime),
    )
    _partial("ix_revocations_due", "revocations", ["due_at"], NOT_DONE)
    op.create_table(
        "audit",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("client", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("session", sa.String),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("resource", sa.String, nullable=False),
        sa.Column("referral", Id, nullable=False),
        sa.Column("version", sa.Integer),
    )
    op.create_index("ix_audit_referral", "audit", ["referral"])


def _page() -> None:
    op.create_table(
        "page_links",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("task", Id, nullable=False),
        sa.Column("referral", Id, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("closes_at", UtcDateTime),
    )
    op.create_index("ix_page_links_referral", "page_links", ["referral"])
    op.create_table(
        "pins",
        sa.Column("provider", sa.String, primary_key=True),
        sa.Column("hashed", sa.String, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("locked_until", UtcDateTime),
    )
    op.create_table(
        "page_sessions",
        sa.Column("id", Id, primary_key=True),
        sa.Column("digest", sa.String, nullable=False, unique=True),
        sa.Column("task", Id, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_page_sessions_provider", "page_sessions", ["provider"])
    op.create_table(
        "contact_attempts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("task", Id, nullable=False),
        sa.Column("session", Id, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_contact_attempts_task", "contact_attempts", ["task"])


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
    _partial("outbox_waiting", "outbox", ["sequence"], UNPUBLISHED)
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
