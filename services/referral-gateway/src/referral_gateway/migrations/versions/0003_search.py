"""A provider's routings: which orders and whose documents it may search."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("ix_routings_provider", "routings", ["provider", "id"])


def downgrade() -> None:
    op.drop_index("ix_routings_provider", "routings")
