"""The high-water mark: the furthest the clock has ever been, so that a clock set back never makes time go back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from oncall.store.codec import maybe_instant, micros
from oncall.store.tables import CLOCK


def mark(conn: Connection) -> datetime | None:
    """The mark, or None in a new store."""
    return maybe_instant(conn.execute(select(CLOCK.c.mark).where(CLOCK.c.id == 1)).scalar())


def advance(conn: Connection, at: datetime) -> None:
    """Moves the mark forward to `at`; never back."""
    if mark(conn) is None:
        conn.execute(insert(CLOCK), {"id": 1, "mark": micros(at)})
    conn.execute(update(CLOCK).where(CLOCK.c.id == 1, CLOCK.c.mark < micros(at)).values(mark=micros(at)))
