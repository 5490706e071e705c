"""Clients that operators manage, and tokens that are refused though they are valid."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import Document, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "bars",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("issued_until", UtcDateTime),
        sa.Column("until", UtcDateTime),
    )
    op.create_table(
        "clients",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("content", Document),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("changed_by", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("clients")
    op.drop_table("bars")
