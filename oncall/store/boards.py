"""What Slack shows of each incident: which of our messages it is, which turn it shows, and when it has to be brought up to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from oncall.store.codec import micros
from oncall.store.statement import Statement
from oncall.store.tables import BOARDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message that is behind. `posted`: its id, '' if there is none yet. `thread_seq`: lines of the log that stand in its thread."""

    incident: str
    posted: str
    shown_turn: int
    wanted_turn: int
    thread_seq: int
    failures: int


TOUCH = Statement(
    update(BOARDS)
    .where(BOARDS.c.incident == bindparam("of"))
    .values(wanted_turn=bindparam("turn"), next_at=func.coalesce(BOARDS.c.next_at, bindparam("at")))
)
MAKE = Statement(insert(BOARDS))
BEHIND = Statement(
    select(BOARDS).where(BOARDS.c.next_at <= bindparam("now")).order_by(BOARDS.c.posted != "", BOARDS.c.next_at).limit(bindparam("most"))
)


def touch(conn: Connection, incident: str, turn: int, at: datetime) -> None:
    """The incident has changed: its message is behind. What waits for a later try because Slack fails goes on waiting."""
    if TOUCH.run(conn, of=incident, turn=turn, at=micros(at)) == 0:
        MAKE.run(conn, incident=incident, posted="", shown_turn=0, wanted_turn=turn, thread_seq=0, failures=0, next_at=micros(at))


def touch_posted(conn: Connection, incident: str, turn: int, at: datetime) -> None:
    """The incident has changed: the message that it has, if it has one, is behind."""
    TOUCH.run(conn, of=incident, turn=turn, at=micros(at))


def behind(conn: Connection, now: datetime, most: int) -> list[Shown]:
    """Messages that have to be brought up to date, those that do not exist yet first."""
    return [
        Shown(
            incident=row.incident,
            posted=row.posted,
            shown_turn=row.shown_turn,
            wanted_turn=row.wanted_turn,
            thread_seq=row.thread_seq,
            failures=row.failures,
        )
        for row in BEHIND.all(conn, now=micros(now), most=most)
    ]


def posted(conn: Connection, incident: str, message: str) -> None:
    """The message exists; remembered before anything else is done with it."""
    conn.execute(update(BOARDS).where(BOARDS.c.incident == incident).values(posted=message))


def shown(conn: Connection, incident: str, turn: int, thread_seq: int, again_at: datetime) -> None:
    """The message shows `turn`; if the incident went on meanwhile, or lines wait for the thread, it is looked at again at `again_at`."""
    mine = BOARDS.c.incident == incident
    conn.execute(update(BOARDS).where(mine).values(shown_turn=turn, thread_seq=thread_seq, failures=0, next_at=micros(again_at)))
    done = mine & (BOARDS.c.wanted_turn <= turn) & (BOARDS.c.wanted_turn <= BOARDS.c.thread_seq)
    conn.execute(update(BOARDS).where(done).values(next_at=None))


def failed(conn: Connection, incident: str, again_at: datetime) -> None:
    """Slack could not be brought up to date; tried again at `again_at`."""
    values = {"failures": BOARDS.c.failures + 1, "next_at": micros(again_at)}
    conn.execute(update(BOARDS).where(BOARDS.c.incident == incident).values(values))


def forget(conn: Connection, incident: str) -> None:
    """The message cannot be changed any more (deleted, or its channel is gone): a new one is posted the next time."""
    conn.execute(delete(BOARDS).where(BOARDS.c.incident == incident))
