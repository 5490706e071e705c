"""Endpoints that get fewer attempts for a while, because they answered 429."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("endpoint", sa.String, primary_key=True),
        sa.Column("pause_seconds", sa.Float, nullable=False),
        sa.Column("next_at", UtcDateTime, nullable=False),
        sa.Column("slowed_at", UtcDateTime, nullable=False),
        sa.Column("eases_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("paces")
