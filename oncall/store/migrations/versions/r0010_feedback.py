"""Feedback: surveys, who wants none, reviews, the pulse; and which incident a question is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds the tables, the column, and an index by which what was closed since the last time is found."""
    make_surveys()
    make_reviews()
    make_pulse()
    op.add_column("asks", sa.Column("incident", sa.Text, nullable=False, server_default=""))
    op.create_index("asks_incident", "asks", ["incident"])
    op.create_index("asks_about", "asks", ["about", "start"])
    op.create_index("incidents_closed", "incidents", ["closed_at"])


def make_surveys() -> None:
    """The tables `surveys` and `no_surveys`."""
    op.create_table(
        "surveys",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("phone", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("reported_at", "asked_at", "until")),
        sa.Column("rating", sa.Integer, nullable=True),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("call", sa.Boolean, nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=True),
        sa.Column("how", sa.Text, nullable=False),
    )
    op.create_index("surveys_phone", "surveys", ["phone", "asked_at"])
    op.create_index("surveys_reported", "surveys", ["reported_at"])
    op.create_table(
        "no_surveys", sa.Column("phone", sa.Text, primary_key=True), sa.Column("at", sa.BigInteger, nullable=False)
    )  # fmt: skip


def make_reviews() -> None:
    """The table `reviews`."""
    op.create_table(
        "reviews",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("topic", "incident", "words", "owner")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("reported_at", "made_at", "due_at")),
        *(sa.Column(name, sa.BigInteger, nullable=True) for name in ("told_at", "closed_at")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("closed_by", "because")),
    )
    op.create_index("reviews_closed", "reviews", ["closed_at"])
    op.create_index("reviews_reported", "reviews", ["reported_at"])


def make_pulse() -> None:
    """The tables of the pulse; those that must not say who or when keep no order of their rows."""
    op.create_table(
        "pulse_asked",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("quarter", "person")),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "pulse_tokens", sa.Column("digest", sa.Text, primary_key=True), sa.Column("quarter", sa.Text, nullable=False), sqlite_with_rowid=False
    )  # fmt: skip
    op.create_table(
        "pulse_answers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("quarter", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("fair", "rested", "prepared", "supported", "recommend")),
        sqlite_with_rowid=False,
    )
