"""Brings the schema up to date by Alembic, over the connection we hold; an unknown revision is somebody newer's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


class UnknownRevision(Exception):
    """The schema's revision is none that this version knows; `known` is the newest it does."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(found)
        self.known = known


def upgrade(conn: Connection) -> None:
    """Runs the revisions that are missing, in the transaction of `conn`. UnknownRevision: the schema is newer than we are."""
    # Alembic takes a third of a second to import, and only the start needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    newest = scripts.get_current_head() or ""
    current = MigrationContext.configure(conn).get_current_revision()
    if current == newest:
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise UnknownRevision(current, newest)
    config.attributes["connection"] = conn
    command.upgrade(config, newest)
