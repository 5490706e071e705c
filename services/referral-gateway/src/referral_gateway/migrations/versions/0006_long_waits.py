"""When somebody who waits in line is to be looked at."""

import sqlalchemy as sa
from alembic import op
from service_runtime.database.types import UtcDateTime

revision = "0006"
down_revision = "0005"

COLUMNS = ("tell_at", "permitted_until")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("waiting", sa.Column(name, UtcDateTime))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("waiting", name)
