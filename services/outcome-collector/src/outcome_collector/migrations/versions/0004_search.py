"""A provider's Tasks of one status in the order of their changes, as a search by owner and status reads."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_tasks_provider_status", "tasks", ["provider", "status", "last_updated", "id"])


def downgrade() -> None:
    op.drop_index("ix_tasks_provider_status", "tasks")
