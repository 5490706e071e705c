"""Tokens that are refused though they are valid."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "bars",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("issued_until", UtcDateTime),
        sa.Column("until", UtcDateTime),
    )


def downgrade() -> None:
    op.drop_table("bars")
