"""Addresses of which a provider said that they will never work, until somebody mends them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from oncall.store.codec import micros
from oncall.store.statement import Statement
from oncall.store.tables import BROKEN_WAYS

ALL = Statement(select(BROKEN_WAYS.c.person, BROKEN_WAYS.c.way, BROKEN_WAYS.c.address, BROKEN_WAYS.c.reason).order_by(BROKEN_WAYS.c.person))
BROKEN = Statement(
    select(BROKEN_WAYS.c.person).where(
        BROKEN_WAYS.c.person == bindparam("person"), BROKEN_WAYS.c.way == bindparam("way"), BROKEN_WAYS.c.address == bindparam("address")
    )
)


def break_way(conn: Connection, person: str, way: str, address: str, reason: str, at: datetime) -> None:
    """Remembers that `person` cannot be reached at `address`; the first reason stays."""
    if not is_broken(conn, person, way, address):
        conn.execute(insert(BROKEN_WAYS), {"person": person, "way": way, "address": address, "reason": reason, "since": micros(at)})


def mend(conn: Connection, person: str, way: str, address: str) -> None:
    """The address works again."""
    same = and_(BROKEN_WAYS.c.person == person, BROKEN_WAYS.c.way == way, BROKEN_WAYS.c.address == address)
    conn.execute(delete(BROKEN_WAYS).where(same))


def is_broken(conn: Connection, person: str, way: str, address: str) -> bool:
    """Whether this address is known to be broken."""
    return BROKEN.first(conn, person=person, way=way, address=address) is not None


def broken(conn: Connection) -> list[tuple[str, str, str, str]]:
    """Every broken address as (person, way, address, reason)."""
    return [(row.person, row.way, row.address, row.reason) for row in ALL.all(conn)]
