"""Chores: until when each regular work is done, so that a restart neither loses nor repeats any."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the table."""
    op.create_table("chores", sa.Column("name", sa.Text, primary_key=True), sa.Column("done_until", sa.BigInteger, nullable=False))
