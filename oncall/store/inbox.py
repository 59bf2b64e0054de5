"""Facts from outside, once per key, with the answer that was given: the same key again gets the same answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, insert, select, update

from oncall.store.codec import micros, read, write
from oncall.store.tables import INBOX

T = TypeVar("T")


def find(conn: Connection, key: str) -> Row[Any] | None:
    """What was taken under `key` before."""
    return conn.execute(select(INBOX).where(INBOX.c.key == key)).first()


def find_same(conn: Connection, same_as: str, since: datetime) -> Row[Any] | None:
    """The newest report of the same sender with the same body since `since`."""
    rows = select(INBOX).where(INBOX.c.same_as == same_as, INBOX.c.at >= micros(since))
    return conn.execute(rows.order_by(INBOX.c.at.desc()).limit(1)).first()


def remember(conn: Connection, *, key: str, same_as: str | None, kind: str, body: object, at: datetime) -> None:
    """Stores a fact under its key."""
    row = {"key": key, "same_as": same_as, "kind": kind, "body": write(body), "at": micros(at), "state": "decided"}
    conn.execute(insert(INBOX), row)


def close(conn: Connection, key: str, outcome: object, incident: str | None) -> None:
    """Adds what was answered."""
    conn.execute(update(INBOX).where(INBOX.c.key == key).values(outcome=write(outcome), incident=incident))


def park(conn: Connection, key: str) -> None:
    """Marks a fact that could not be decided."""
    conn.execute(update(INBOX).where(INBOX.c.key == key).values(state="parked"))


def outcome(row: Row[Any], kind: type[T]) -> T:
    """The answer that was given, a `kind`."""
    return read(kind, row.outcome)
