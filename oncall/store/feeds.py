"""The secret of each calendar feed: whoever has it may read that calendar, until it is renewed."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from oncall.store.tables import FEEDS


def token(conn: Connection, name: str) -> str:
    """The secret of a feed; '' if it has none yet."""
    return conn.execute(select(FEEDS.c.token).where(FEEDS.c.name == name)).scalar() or ""


def keep(conn: Connection, name: str, secret: str) -> None:
    """Gives a feed its secret; the one before is worth nothing from now on."""
    row = insert(FEEDS).values(name=name, token=secret)
    conn.execute(row.on_conflict_do_update(index_elements=[FEEDS.c.name], set_={"token": row.excluded.token}))
