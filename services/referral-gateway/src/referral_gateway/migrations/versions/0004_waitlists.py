"""Referrals that wait in line for a place."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import Id, UtcDateTime

revision = "0004"
down_revision = "0003"

WAITING = sa.text("left_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "waiting",
        sa.Column("referral", Id, primary_key=True),
        sa.Column("order_id", Id, nullable=False),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("agreement", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("stranded_at", UtcDateTime),
        sa.Column("left_at", UtcDateTime),
        sa.Column("left_as", sa.String),
    )
    op.create_index(
        "ix_waiting_line", "waiting", ["line", "since"], postgresql_where=WAITING, sqlite_where=WAITING
    )


def downgrade() -> None:
    op.drop_table("waiting")
