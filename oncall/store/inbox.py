"""Facts from outside, once per key, with the answer that was given: the same key again gets the same answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, insert, select

from oncall.store.codec import micros, read, write
from oncall.store.statement import Statement
from oncall.store.tables import INBOX

T = TypeVar("T")

FIND = Statement(select(INBOX).where(INBOX.c.key == bindparam("of")))
KEEP = Statement(insert(INBOX))


def find(conn: Connection, key: str) -> Any:
    """The row of what was taken under `key` before, or None."""
    return FIND.first(conn, of=key)


def find_same(conn: Connection, same_as: str, since: datetime) -> Row[Any] | None:
    """The newest report of the same sender with the same body since `since`."""
    rows = select(INBOX).where(INBOX.c.same_as == same_as, INBOX.c.at >= micros(since))
    return conn.execute(rows.order_by(INBOX.c.at.desc()).limit(1)).first()


def keep(
    conn: Connection, *, key: str, same_as: str | None, kind: str, body: object, at: datetime, outcome: object, incident: str | None,
    parked: bool = False,
) -> None:  # fmt: skip
    """Stores a fact under its key with what was answered. `parked`: it could not be decided."""
    state = "parked" if parked else "decided"
    row = {"key": key, "same_as": same_as, "kind": kind, "body": write(body), "at": micros(at), "state": state, "outcome": write(outcome)}
    KEEP.run(conn, id=None, incident=incident, **row)


def outcome(row: Any, kind: type[T]) -> T:
    """The answer that was given, a `kind`."""
    return read(kind, row.outcome)
