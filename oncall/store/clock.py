"""The high-water mark: the furthest the clock has ever been, so that a clock set back never makes time go back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from oncall.store.codec import maybe_instant, micros
from oncall.store.statement import Statement
from oncall.store.tables import CLOCK

MARK = Statement(select(CLOCK.c.mark).where(CLOCK.c.id == 1))
ADVANCE = Statement(update(CLOCK).where(CLOCK.c.id == 1, CLOCK.c.mark < bindparam("at")).values(mark=bindparam("to")))


def mark(conn: Connection) -> datetime | None:
    """The mark, or None in a new store."""
    return maybe_instant(MARK.scalar(conn))


def advance(conn: Connection, at: datetime) -> None:
    """Moves the mark forward to `at`; never back."""
    if mark(conn) is None:
        conn.execute(insert(CLOCK), {"id": 1, "mark": micros(at)})
    ADVANCE.run(conn, at=micros(at), to=micros(at))
