"""Wrong reply codes by sender, for the lock after five of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from oncall.store.codec import micros
from oncall.store.tables import WRONG_CODES


def count(conn: Connection, sender: str, since: datetime) -> int:
    """How many wrong codes came from `sender` since `since`."""
    rows = select(func.count()).select_from(WRONG_CODES).where(WRONG_CODES.c.sender == sender, WRONG_CODES.c.at >= micros(since))
    return conn.execute(rows).scalar_one()


def note(conn: Connection, sender: str, at: datetime) -> None:
    """Notes one more."""
    conn.execute(insert(WRONG_CODES), {"sender": sender, "at": micros(at)})


def forget(conn: Connection, before: datetime) -> None:
    """Drops those that no lock looks at any more."""
    conn.execute(delete(WRONG_CODES).where(WRONG_CODES.c.at < micros(before)))
