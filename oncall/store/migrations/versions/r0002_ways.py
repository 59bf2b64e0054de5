"""Pages go over several ways: an order says whether it is the only one its reader is paged by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the column; orders from before were the only way there was."""
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("only_way", sa.Boolean(), nullable=False, server_default=sa.true()))
