"""Incidents are found by their customer and by the e-mail of who reported, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the columns; incidents of before are found by number alone, as they were."""
    for name in ("contact_email", "customer"):
        op.add_column("incidents", sa.Column(name, sa.Text, nullable=False, server_default=""))
        op.create_index(f"incidents_{name}", "incidents", [name])
