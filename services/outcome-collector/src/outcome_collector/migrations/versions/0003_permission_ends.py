"""A Task knows when the permission behind it ends."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("tasks") as tasks:
        tasks.add_column(sa.Column("permitted_until", UtcDateTime, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_column("permitted_until")
