"""Feeds: calendars that are subscribed to by a secret address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the table."""
    op.create_table("feeds", sa.Column("name", sa.Text, primary_key=True), sa.Column("token", sa.Text, nullable=False))
