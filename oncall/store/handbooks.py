"""Good versions of the handbook by content, so that a bad edit or a lost folder never stops paging, not even over a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from oncall.store.codec import instant, micros
from oncall.store.tables import HANDBOOKS


def keep(conn: Connection, version: str, files: Mapping[str, str], at: datetime) -> None:
    """Keeps `files` as the newest good version; one that was in force before moves to the front, one that is the newest keeps its time."""
    if conn.execute(select(HANDBOOKS.c.version).order_by(HANDBOOKS.c.loaded_at.desc()).limit(1)).scalar() == version:
        return
    conn.execute(delete(HANDBOOKS).where(HANDBOOKS.c.version == version))
    conn.execute(insert(HANDBOOKS), {"version": version, "files": json.dumps(dict(files)), "loaded_at": micros(at)})


def newest_good(conn: Connection) -> tuple[str, dict[str, str]] | None:
    """The version that was in force last, and its files."""
    row = conn.execute(select(HANDBOOKS.c.version, HANDBOOKS.c.files).order_by(HANDBOOKS.c.loaded_at.desc()).limit(1)).first()
    return None if row is None else (row.version, json.loads(row.files))


def versions(conn: Connection) -> list[tuple[str, datetime]]:
    """Every version with the time at which it came into force last, the earliest first."""
    rows = conn.execute(select(HANDBOOKS.c.version, HANDBOOKS.c.loaded_at).order_by(HANDBOOKS.c.loaded_at))
    return [(row.version, instant(row.loaded_at)) for row in rows]


def files_of(conn: Connection, version: str) -> dict[str, str]:
    """The files of a version that is kept."""
    return dict(json.loads(conn.execute(select(HANDBOOKS.c.files).where(HANDBOOKS.c.version == version)).scalar_one()))
