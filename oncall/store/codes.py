"""Reply codes: bound to a person and an incident while it is open, then in quarantine for a day, never given out meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from oncall.core.messages import FINAL, Incident
from oncall.store.codec import maybe_instant, micros
from oncall.store.tables import CODES

QUARANTINE = timedelta(hours=24)
"""A code of a closed incident answers "closed" for this long and is given to nobody (decisions.md 31)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCode:
    """A code a person holds; `free_at` is None while its incident is open."""

    code: str
    incident: str
    free_at: datetime | None


def in_use(conn: Connection, person: str, at: datetime) -> frozenset[str]:
    """The codes that must not be given to `person` at `at`."""
    return frozenset(bound.code for bound in pages_with_code(conn, person, at))


def pages_with_code(conn: Connection, person: str, at: datetime) -> list[BoundCode]:
    """The codes `person` holds at `at`, those in quarantine too."""
    held = or_(CODES.c.free_at.is_(None), CODES.c.free_at > micros(at))
    rows = conn.execute(select(CODES.c.code, CODES.c.incident, CODES.c.free_at).where(CODES.c.person == person, held).order_by(CODES.c.bound_at))
    return [BoundCode(code=code, incident=incident, free_at=maybe_instant(free_at)) for code, incident, free_at in rows]


def follow(conn: Connection, incident: Incident, at: datetime) -> None:
    """Makes the codes agree with the incident's pages: bound while it is not closed, in quarantine from the close on."""
    known = {row.person: row.free_at for row in conn.execute(select(CODES.c.person, CODES.c.free_at).where(CODES.c.incident == incident.id))}
    free_at = micros(at + QUARANTINE) if incident.status in FINAL else None
    for page in incident.pages:
        if page.person not in known:
            conn.execute(delete(CODES).where(CODES.c.person == page.person, CODES.c.code == page.code, CODES.c.free_at <= micros(at)))
            row = {"person": page.person, "code": page.code, "incident": incident.id, "bound_at": micros(at), "free_at": free_at}
            conn.execute(insert(CODES), row)
    if any((value is None) != (free_at is None) for value in known.values()):
        conn.execute(update(CODES).where(CODES.c.incident == incident.id).values(free_at=free_at))
