"""Takes names, numbers and words out of the rows: what is counted stays, and the log's chain stays whole. Few rows at a time.

Nothing here asks whether it may; engine.forgetting does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, or_, select, update

from oncall.core.messages import FINAL, Forgotten
from oncall.store.codec import instant, micros
from oncall.store.tables import ATTEMPTS, BROKEN_WAYS, HANDBOOKS, INBOX, INCIDENTS, LOG, NO_SURVEYS, OUTBOX, REVIEWS, SURVEYS, WRONG_CODES

SLICE = 500
"""Rows that one unit of work touches at most, so that a page never waits for it (decisions.md 13)."""
WITH_WORDS = ("Reported", "Noted", "Updated", "Resolved")
"""Facts that carry what somebody said; other lines only repeat who reported."""
UNSENT = ("due", "sending")

FULL_LINE = LOG.c.entry.is_not(None) & (LOG.c.kind != Forgotten.__name__)
FULL_MESSAGE = or_(OUTBOX.c.text != "", OUTBOX.c.address != "", OUTBOX.c.reason != "")
FULL_BODY = INBOX.c.body != ""
OF_NONE = OUTBOX.c.incident == ""
CLOSED = tuple(status.value for status in FINAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How many rows of an incident still say something: lines of its story, messages to anybody, and reports and replies as they came in."""

    lines: int
    messages: int
    bodies: int

    @property
    def anything(self) -> bool:
        """Whether there is something to take out."""
        return bool(self.lines or self.messages or self.bodies)


def left(conn: Connection, incident: str) -> Left:
    """What there is of an incident."""
    lines = count(conn, select(LOG.c.seq).where(LOG.c.incident == incident, FULL_LINE))
    messages = count(conn, select(OUTBOX.c.id).where(OUTBOX.c.incident == incident, FULL_MESSAGE))
    return Left(lines=lines, messages=messages, bodies=count(conn, select(INBOX.c.id).where(INBOX.c.incident == incident, FULL_BODY)))


def count(conn: Connection, rows: Select[Any]) -> int:
    """How many rows there are."""
    return conn.execute(select(func.count()).select_from(rows.subquery())).scalar_one()


def is_sending(conn: Connection, incident: str) -> bool:
    """Whether a message of an incident is not settled: emptied now, it would arrive without words."""
    unsent = select(OUTBOX.c.id).where(OUTBOX.c.incident == incident, OUTBOX.c.state.in_(UNSENT)).limit(1)
    return conn.execute(unsent).first() is not None


def empty(conn: Connection, incident: str, marks: Sequence[str]) -> int:
    """Takes the words out of up to SLICE rows of an incident; how many it were. `marks`: who it is about, in small letters."""
    done = empty_lines(conn, incident)
    done += empty_messages(conn, ids(conn, select(OUTBOX.c.id).where(OUTBOX.c.incident == incident, FULL_MESSAGE), SLICE - done))
    return done + empty_bodies(conn, ids(conn, select(INBOX.c.id).where(INBOX.c.incident == incident, FULL_BODY), SLICE - done), marks)


def ids(conn: Connection, rows: Select[Any], most: int) -> list[Any]:
    """The first column of up to `most` rows."""
    return list(conn.execute(rows.limit(most)).scalars()) if most else []


def empty_lines(conn: Connection, incident: str) -> int:
    """Lines of the log. The salt goes too: without it no guess at the words can be compared with the digest that the chain is made of."""
    seqs = ids(conn, select(LOG.c.seq).where(LOG.c.incident == incident, FULL_LINE).order_by(LOG.c.seq), SLICE)
    conn.execute(update(LOG).where(LOG.c.incident == incident, LOG.c.seq.in_(seqs)).values(entry=None, salt=""))
    return len(seqs)


def empty_messages(conn: Connection, orders: Sequence[str]) -> int:
    """Messages and their attempts: what was said, where to, and what a provider answered in words; ways, times and results stay."""
    conn.execute(update(OUTBOX).where(OUTBOX.c.id.in_(orders)).values(text="", address="", reason=""))
    conn.execute(update(ATTEMPTS).where(ATTEMPTS.c.order_id.in_(orders)).values(detail=""))
    return len(orders)


def empty_bodies(conn: Connection, rows: Sequence[int], marks: Sequence[str] = ()) -> int:
    """What came in. The key stays, so that the same thing sent again is still known, unless it names one of `marks` itself."""
    for row in conn.execute(select(INBOX.c.id, INBOX.c.key, INBOX.c.outcome).where(INBOX.c.id.in_(rows))).all():
        named = any(mark in row.key.casefold() for mark in marks)
        said = None if row.outcome is None else json.dumps({**json.loads(row.outcome), "because": "", "secret": ""})
        values = {"body": "", "same_as": None, "outcome": said, "key": f"forgotten/{row.id}" if named else row.key}
        conn.execute(update(INBOX).where(INBOX.c.id == row.id).values(values))
    return len(rows)


def forget_feedback(conn: Connection, incident: str) -> None:
    """Whom we asked how it was and what they wrote, also where a review quotes it; ratings, and what we decided in a review, stay."""
    conn.execute(update(SURVEYS).where(SURVEYS.c.incident == incident).values(phone="", comment=""))
    conn.execute(update(REVIEWS).where(REVIEWS.c.incident == incident).values(words=""))


def forget_addresses(conn: Connection, addresses: Iterable[str]) -> None:
    """Addresses of customers that never worked or want no surveys, and wrong codes that came from them."""
    for address in (one.lower() for one in addresses):
        conn.execute(delete(NO_SURVEYS).where(func.lower(NO_SURVEYS.c.phone) == address))
        conn.execute(delete(BROKEN_WAYS).where(BROKEN_WAYS.c.person == "customer", func.lower(BROKEN_WAYS.c.address) == address))
        conn.execute(delete(WRONG_CODES).where(func.lower(WRONG_CODES.c.sender) == address))


def without_incident(conn: Connection, behind: str) -> list[Any]:
    """Up to SLICE messages that were sent, say something and belong to no incident (answers, alarms), from the one behind `behind` on."""
    rows = select(OUTBOX.c.id, OUTBOX.c.address, OUTBOX.c.text, OUTBOX.c.ordered_at)
    wanted = OF_NONE & FULL_MESSAGE & OUTBOX.c.state.not_in(UNSENT) & (OUTBOX.c.id > behind)
    return list(conn.execute(rows.where(wanted).order_by(OUTBOX.c.id).limit(SLICE)))


def bodies(conn: Connection, behind: int) -> list[Any]:
    """Up to SLICE things that came in and belong to no incident, from the one behind `behind` on."""
    rows = select(INBOX.c.id, INBOX.c.body).where(INBOX.c.incident.is_(None), FULL_BODY, INBOX.c.id > behind)
    return list(conn.execute(rows.order_by(INBOX.c.id).limit(SLICE)))


def states(conn: Connection, behind: int) -> list[Any]:
    """Up to SLICE incidents by number, from the one behind `behind` on."""
    rows = select(INCIDENTS.c.number, INCIDENTS.c.id, INCIDENTS.c.state).where(INCIDENTS.c.number > behind)
    return list(conn.execute(rows.order_by(INCIDENTS.c.number).limit(SLICE)))


def lines_with_words(conn: Connection, incident: str, seq: int) -> list[Any]:
    """Up to SLICE lines of the log in which somebody said something, from the one behind line `seq` of `incident` on."""
    further = (LOG.c.incident > incident) | ((LOG.c.incident == incident) & (LOG.c.seq > seq))
    rows = select(LOG.c.incident, LOG.c.seq, LOG.c.entry).where(LOG.c.entry.is_not(None), LOG.c.kind.in_(WITH_WORDS), further)
    return list(conn.execute(rows.order_by(LOG.c.incident, LOG.c.seq).limit(SLICE)))


def closed_at(conn: Connection, incident: str) -> datetime:
    """When something was last decided on a closed incident."""
    return instant(conn.execute(select(INCIDENTS.c.closed_at).where(INCIDENTS.c.id == incident)).scalar_one())


def too_old(conn: Connection, before: datetime, behind: int) -> list[Any]:
    """Up to SLICE incidents that were closed before `before`, by number, from the one behind `behind` on; each with whether it is to be forgotten."""
    # Inside of a word quotes are escaped, so nobody can write this.
    fresh = INCIDENTS.c.state.not_like('%"forgotten_at":"%').label("fresh")
    wanted = INCIDENTS.c.status.in_(CLOSED) & (INCIDENTS.c.closed_at < micros(before)) & INCIDENTS.c.poisoned.is_(False)
    rows = select(INCIDENTS.c.number, INCIDENTS.c.id, fresh).where(wanted, INCIDENTS.c.number > behind)
    return list(conn.execute(rows.order_by(INCIDENTS.c.number).limit(SLICE)))


def old_bodies(conn: Connection, before: datetime) -> list[int]:
    """Up to SLICE things that came in before `before` and belong to no incident that is not over."""
    running = select(INCIDENTS.c.id).where(INCIDENTS.c.status.not_in(CLOSED))
    wanted = FULL_BODY & (INBOX.c.at < micros(before)) & or_(INBOX.c.incident.is_(None), INBOX.c.incident.not_in(running))
    return ids(conn, select(INBOX.c.id).where(wanted), SLICE)


def old_messages(conn: Connection, before: datetime) -> list[str]:
    """Up to SLICE messages of before `before` that were sent and belong to no incident."""
    wanted = OF_NONE & FULL_MESSAGE & OUTBOX.c.state.not_in(UNSENT) & (OUTBOX.c.ordered_at < micros(before))
    return ids(conn, select(OUTBOX.c.id).where(wanted), SLICE)


def replace_files(conn: Connection, version: str, files: dict[str, str]) -> None:
    """Keeps other words for a version of the handbook that is not in force any more."""
    conn.execute(update(HANDBOOKS).where(HANDBOOKS.c.version == version).values(files=json.dumps(files)))
