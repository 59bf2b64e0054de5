"""Reply codes: bound to a person and an incident, or a question, while it is open, then in quarantine for a day, never given out meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from oncall.core.messages import FINAL, Incident
from oncall.store.codec import maybe_instant, micros
from oncall.store.statement import Statement
from oncall.store.tables import CODES

QUARANTINE = timedelta(hours=24)
"""A code of a closed incident answers "closed" for this long and is given to nobody (decisions.md 31)."""
ASK = "ask."
"""What stands before the number of a question, where else the id of an incident does: one table, so that no two of a person's codes are the same."""


HELD = Statement(
    select(CODES.c.code, CODES.c.incident, CODES.c.free_at)
    .where(CODES.c.person == bindparam("person"), or_(CODES.c.free_at.is_(None), CODES.c.free_at > bindparam("now")))
    .order_by(CODES.c.bound_at)
)
BOUND = Statement(select(CODES.c.person, CODES.c.free_at).where(CODES.c.incident == bindparam("incident")))
FREED = Statement(delete(CODES).where(CODES.c.person == bindparam("person"), CODES.c.code == bindparam("code"), CODES.c.free_at <= bindparam("now")))
BIND = Statement(insert(CODES))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundCode:
    """A code a person holds, of an incident or of the question `ask`; the other is '' or 0. `free_at` is None while the incident is open."""

    code: str
    incident: str
    ask: int
    free_at: datetime | None


def in_use(conn: Connection, person: str, at: datetime) -> frozenset[str]:
    """The codes that must not be given to `person` at `at`."""
    return frozenset(bound.code for bound in bound_to(conn, person, at))


def bound_to(conn: Connection, person: str, at: datetime) -> list[BoundCode]:
    """The codes `person` holds at `at`, those in quarantine too."""
    rows = HELD.all(conn, person=person, now=micros(at))
    return [bound(code, owner, maybe_instant(free_at)) for code, owner, free_at in rows]


def bound(code: str, owner: str, free_at: datetime | None) -> BoundCode:
    """A row as it is used."""
    if owner.startswith(ASK):
        return BoundCode(code=code, incident="", ask=int(owner.removeprefix(ASK)), free_at=free_at)
    return BoundCode(code=code, incident=owner, ask=0, free_at=free_at)


def bind_ask(conn: Connection, person: str, code: str, ask: int, at: datetime, until: datetime) -> None:
    """Binds a code to a question that stands until `until`, and for the quarantine behind it."""
    FREED.run(conn, person=person, code=code, now=micros(at))
    BIND.run(conn, person=person, code=code, incident=f"{ASK}{ask}", bound_at=micros(at), free_at=micros(until + QUARANTINE))


def quarantine_ask(conn: Connection, ask: int, at: datetime) -> None:
    """The question is over by `at`: its code is free a day from then, if it was not to be before."""
    earlier = (CODES.c.incident == f"{ASK}{ask}") & (CODES.c.free_at > micros(at + QUARANTINE))
    conn.execute(update(CODES).where(earlier).values(free_at=micros(at + QUARANTINE)))


def held(incident: Incident) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """What the codes of an incident follow from: whether it is over, and who has which."""
    return incident.status in FINAL, tuple((page.person, page.code) for page in incident.pages)


def follow(conn: Connection, incident: Incident, at: datetime) -> None:
    """Makes the codes agree with the incident's pages: bound while it is not closed, in quarantine from the close on."""
    known = {row.person: row.free_at for row in BOUND.all(conn, incident=incident.id)}
    free_at = micros(at + QUARANTINE) if incident.status in FINAL else None
    for page in incident.pages:
        if page.person not in known:
            FREED.run(conn, person=page.person, code=page.code, now=micros(at))
            BIND.run(conn, person=page.person, code=page.code, incident=incident.id, bound_at=micros(at), free_at=free_at)
    if any((value is None) != (free_at is None) for value in known.values()):
        conn.execute(update(CODES).where(CODES.c.incident == incident.id).values(free_at=free_at))
