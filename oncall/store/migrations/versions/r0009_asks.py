"""Asks: questions to people outside incidents, and the requests that they are asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds the tables."""
    make_requests()
    make_asks()


def number() -> sa.Column[int]:
    """The key of a table that numbers its rows."""
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True)


def make_requests() -> None:
    """The table `requests`."""
    op.create_table(
        "requests",
        number(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("topic", "by", "other", "rotation")),
        *(sa.Column(name, sa.BigInteger, nullable=True) for name in ("start", "end", "back_start", "back_end", "until")),
        sa.Column("seed", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("stage", "taken_by")),
        sa.Column("ended_at", sa.BigInteger, nullable=True),
    )
    op.create_index("requests_stage", "requests", ["stage"])


def make_asks() -> None:
    """The table `asks`."""
    op.create_table(
        "asks",
        number(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("person", "code", "about")),
        sa.Column("request", sa.BigInteger, nullable=False),
        sa.Column("rotation", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("start", "end", "asked_at", "until")),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=True),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("settled_at", sa.BigInteger, nullable=True),
    )
    op.create_index("asks_request", "asks", ["request"])
    op.create_index("asks_person", "asks", ["person", "rotation", "start"])
