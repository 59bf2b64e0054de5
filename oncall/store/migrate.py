"""Brings the schema up to date by Alembic, over the connection we hold; an unknown revision is somebody newer's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0010"
"""The revision that this version's tables are; said here so that a start on an up-to-date store need not import Alembic, half a second."""


class UnknownRevision(Exception):
    """The schema's revision is none that this version knows; `known` is the newest it does."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(found)
        self.known = known


def upgrade(conn: Connection) -> None:
    """Runs the revisions that are missing, in the transaction of `conn`. UnknownRevision: the schema is newer than we are."""
    if revision(conn) == NEWEST:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    current, scripts = revision(conn), ScriptDirectory.from_config(config)
    if current and current not in {script.revision for script in scripts.walk_revisions()}:
        raise UnknownRevision(current, NEWEST)
    config.attributes["connection"] = conn
    command.upgrade(config, NEWEST)


def revision(conn: Connection) -> str:
    """The revision that the schema says it is; '' for an empty store."""
    if not inspect(conn).has_table("alembic_version"):
        return ""
    return str(conn.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
