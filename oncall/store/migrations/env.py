"""Alembic's environment: there is always a connection, handed in by store/migrate.py."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
