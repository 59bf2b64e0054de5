"""Until when each regular work is done: a row each, written in the transaction that does the work (decisions.md 12)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from oncall.store.codec import maybe_instant, micros
from oncall.store.tables import CHORES


def done_until(conn: Connection, name: str) -> datetime | None:
    """Until when a chore is done; None if it never was."""
    return maybe_instant(conn.execute(select(CHORES.c.done_until).where(CHORES.c.name == name)).scalar())


def done(conn: Connection, name: str, until: datetime) -> None:
    """Notes that a chore is done until then."""
    row = insert(CHORES).values(name=name, done_until=micros(until))
    conn.execute(row.on_conflict_do_update(index_elements=[CHORES.c.name], set_={"done_until": row.excluded.done_until}))
