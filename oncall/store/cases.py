"""Cases as they were gathered from the log: a row for each incident, read again only after it has moved (see measuring.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from oncall.core.metrics.cases import DEFINITIONS, Case
from oncall.core.metrics.lines import Line
from oncall.store.codec import micros, read, write
from oncall.store.measuring import is_measured, line_of
from oncall.store.statement import Statement
from oncall.store.tables import CASES, INCIDENTS, LOG

SLICE = 500
"""Rows that one unit of work reads at most, so that a page never waits for a report (decisions.md 13)."""


LINES = Statement(
    select(LOG.c.seq, LOG.c.at, LOG.c.kind, LOG.c.entry)
    .where(LOG.c.incident == bindparam("of"), LOG.c.seq > bindparam("behind"))
    .order_by(LOG.c.seq)
    .limit(bindparam("most"))
)
GATHERED = ("turn", "definitions", "last_at")
FRESH = insert(CASES)


def kept(*columns: str) -> Statement:
    """Keeps a row, and of one that is there only these columns."""
    return Statement(FRESH.on_conflict_do_update(index_elements=[CASES.c.incident], set_={name: FRESH.excluded[name] for name in columns}))


KEEP, KEEP_TURN = kept(*GATHERED, "reported_at", "body"), kept(*GATHERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Lines of one incident as they are written: (at, kind, entry), the entry None if it was emptied. `last` is the last line's number.

    `is_complete`: its log has no more.
    """

    incident: str
    rows: Sequence[tuple[int, str, str | None]]
    last: int
    is_complete: bool

    def lines(self) -> list[Line]:
        """What is measured of them."""
        return [line_of(kind, at, entry) for at, kind, entry in self.rows if entry is not None and is_measured(kind, entry)]


def stale(conn: Connection) -> list[tuple[str, int]]:
    """Up to SLICE incidents whose case is not gathered to the end of their log by the definitions of now, the oldest first, with their turn."""
    current = (CASES.c.incident == INCIDENTS.c.id) & (CASES.c.turn == INCIDENTS.c.turn) & (CASES.c.definitions == DEFINITIONS)
    missing = select(INCIDENTS.c.id, INCIDENTS.c.turn).outerjoin(CASES, current).where(CASES.c.incident.is_(None))
    return [(row.id, row.turn) for row in conn.execute(missing.order_by(INCIDENTS.c.number).limit(SLICE))]


def written(conn: Connection, incidents: Sequence[str], behind: int) -> list[Written]:
    """Up to SLICE lines of `incidents`, one after the other; of the first one those behind line `behind`. Only the last may be incomplete."""
    found: list[Written] = []
    room = SLICE
    for incident in incidents:
        if not room:
            break
        rows = LINES.all(conn, of=incident, behind=0 if found else behind, most=room)
        told, last = [(row.at, row.kind, row.entry) for row in rows], rows[-1].seq if rows else behind
        found.append(Written(incident=incident, rows=told, last=last, is_complete=len(rows) < room))
        room -= len(rows)
    return found


def keep(conn: Connection, incident: str, turn: int, last_at: int, case: Case | None) -> None:
    """Keeps what was gathered of an incident in its turn `turn`. None: its log says too little by now, so what was gathered before stays."""
    told = {"reported_at": last_at, "body": ""} if case is None else {"reported_at": micros(case.reported_at), "body": write(case)}
    keep_ = KEEP_TURN if case is None else KEEP
    keep_.run(conn, incident=incident, turn=turn, definitions=DEFINITIONS, last_at=last_at, **told)


def is_gathered(conn: Connection, incident: str, turn: int) -> bool:
    """Whether what is measured of an incident is kept as of its turn `turn`, so that its log is not needed for it any more."""
    current = (CASES.c.incident == incident) & (CASES.c.turn == turn) & (CASES.c.definitions == DEFINITIONS)
    return conn.execute(select(CASES.c.incident).where(current)).first() is not None


def between(conn: Connection, start: datetime, end: datetime, behind: str = "") -> list[tuple[str, str]]:
    """Up to SLICE cases that began before `end` and of which something happened since `start`, by incident, from the one behind `behind` on.

    Each as (incident, what case_of() reads): reading them is not the store's time.
    """
    wanted = (CASES.c.reported_at < micros(end)) & (CASES.c.last_at >= micros(start)) & (CASES.c.incident > behind) & (CASES.c.body != "")
    rows = conn.execute(select(CASES.c.incident, CASES.c.body).where(wanted).order_by(CASES.c.incident).limit(SLICE))
    return [(row.incident, row.body) for row in rows]


def case_of(body: str) -> Case:
    """A case as it was kept."""
    return read(Case, body)
