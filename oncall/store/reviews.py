"""Reviews: a row for each thing that a human has to look into, kept when it is closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from oncall.core.feedback import Review, Topic
from oncall.store.codec import instant, maybe_instant, micros
from oncall.store.tables import REVIEWS

LISTED = 200
"""Reviews in one answer at most."""


def add(
    conn: Connection, key: str, topic: Topic, incident: str, words: str, *, owner: str, reported_at: datetime, now: datetime, due_at: datetime
) -> Review | None:  # fmt: skip
    """Opens a review; None if `key` has one, which says the new words if it is still open."""
    row = {
        "key": key, "topic": topic.value, "incident": incident, "words": words, "owner": owner, "reported_at": micros(reported_at),
        "made_at": micros(now), "due_at": micros(due_at), "told_at": None, "closed_at": None, "closed_by": "", "because": "",
    }  # fmt: skip
    fresh = insert(REVIEWS).on_conflict_do_nothing(index_elements=[REVIEWS.c.key]).returning(REVIEWS.c.id)
    if (number := conn.execute(fresh, row).scalar()) is not None:
        return load(conn, int(number))
    conn.execute(update(REVIEWS).where(REVIEWS.c.key == key, REVIEWS.c.closed_at.is_(None)).values(words=words))
    return None


def load(conn: Connection, number: int) -> Review | None:
    """The review with this number."""
    row = conn.execute(select(REVIEWS).where(REVIEWS.c.id == number)).first()
    return None if row is None else review(row)


def number_of(conn: Connection, key: str) -> int:
    """The number of the review that this key opened; 0 if there is none."""
    return int(conn.execute(select(REVIEWS.c.id).where(REVIEWS.c.key == key)).scalar() or 0)


def still_open(conn: Connection) -> tuple[Review, ...]:
    """Up to LISTED reviews that are open, those that are due first at the front."""
    rows = select(REVIEWS).where(REVIEWS.c.closed_at.is_(None)).order_by(REVIEWS.c.due_at, REVIEWS.c.id).limit(LISTED)
    return tuple(review(row) for row in conn.execute(rows))


def closed(conn: Connection) -> tuple[Review, ...]:
    """The LISTED reviews that were closed last, the newest first."""
    rows = select(REVIEWS).where(REVIEWS.c.closed_at.is_not(None)).order_by(REVIEWS.c.closed_at.desc(), REVIEWS.c.id.desc()).limit(LISTED)
    return tuple(review(row) for row in conn.execute(rows))


def about_cases(conn: Connection, start: datetime, end: datetime) -> tuple[Review, ...]:
    """The reviews of cases that were reported in [start, end), open or not."""
    wanted = (REVIEWS.c.reported_at >= micros(start)) & (REVIEWS.c.reported_at < micros(end))
    return tuple(review(row) for row in conn.execute(select(REVIEWS).where(wanted).order_by(REVIEWS.c.due_at, REVIEWS.c.id)))


def overdue(conn: Connection, now: datetime) -> tuple[Review, ...]:
    """The open reviews that are overdue, and of which nobody was told that."""
    wanted = REVIEWS.c.closed_at.is_(None) & REVIEWS.c.told_at.is_(None) & (REVIEWS.c.due_at <= micros(now))
    return tuple(review(row) for row in conn.execute(select(REVIEWS).where(wanted).order_by(REVIEWS.c.due_at, REVIEWS.c.id).limit(LISTED)))


def told(conn: Connection, number: int, at: datetime) -> None:
    """Notes that somebody was told that a review is overdue."""
    conn.execute(update(REVIEWS).where(REVIEWS.c.id == number).values(told_at=micros(at)))


def close(conn: Connection, number: int, by: str, because: str, at: datetime) -> bool:
    """Closes a review; False if it is closed already, or there is none."""
    still = (REVIEWS.c.id == number) & REVIEWS.c.closed_at.is_(None)
    return conn.execute(update(REVIEWS).where(still).values(closed_at=micros(at), closed_by=by, because=because)).rowcount == 1


def review(row: Any) -> Review:
    """A row as it is used."""
    return Review(
        id=row.id,
        key=row.key,
        topic=Topic(row.topic),
        incident=row.incident,
        words=row.words,
        owner=row.owner,
        reported_at=instant(row.reported_at),
        made_at=instant(row.made_at),
        due_at=instant(row.due_at),
        told_at=maybe_instant(row.told_at),
        closed_at=maybe_instant(row.closed_at),
        closed_by=row.closed_by,
        because=row.because,
    )
