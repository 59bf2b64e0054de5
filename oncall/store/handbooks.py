"""Good versions of the handbook by content, so that a bad edit or a lost folder never stops paging, not even over a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from oncall.store.codec import micros
from oncall.store.tables import HANDBOOKS


def keep(conn: Connection, version: str, files: Mapping[str, str], at: datetime) -> None:
    """Keeps `files` as the newest good version; a version that was in force before moves to the front."""
    conn.execute(delete(HANDBOOKS).where(HANDBOOKS.c.version == version))
    conn.execute(insert(HANDBOOKS), {"version": version, "files": json.dumps(dict(files)), "loaded_at": micros(at)})


def newest_good(conn: Connection) -> tuple[str, dict[str, str]] | None:
    """The version that was in force last, and its files."""
    row = conn.execute(select(HANDBOOKS.c.version, HANDBOOKS.c.files).order_by(HANDBOOKS.c.loaded_at.desc()).limit(1)).first()
    return None if row is None else (row.version, json.loads(row.files))
