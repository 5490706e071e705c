"""Who is urgent stands first in its line."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WAITING = sa.text("left_at IS NULL")


def upgrade() -> None:
    op.add_column("waiting", sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE waiting SET urgent = (SELECT urgent FROM referrals WHERE referrals.id = waiting.referral)"
        " WHERE EXISTS (SELECT 1 FROM referrals WHERE referrals.id = waiting.referral)"
    )
    _index(["line", "urgent", "since"])


def downgrade() -> None:
    _index(["line", "since"])
    op.drop_column("waiting", "urgent")


def _index(columns: list[str]) -> None:
    op.drop_index("ix_waiting_line", "waiting")
    op.create_index("ix_waiting_line", "waiting", columns, postgresql_where=WAITING, sqlite_where=WAITING)
