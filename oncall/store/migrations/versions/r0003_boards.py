"""Slack shows each incident in one message: which it is, and how far it is behind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "boards",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("posted", sa.Text(), nullable=False),
        sa.Column("shown_turn", sa.Integer(), nullable=False),
        sa.Column("wanted_turn", sa.Integer(), nullable=False),
        sa.Column("thread_seq", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("incident"),
    )
    op.create_index("boards_next", "boards", ["next_at"], unique=False)
