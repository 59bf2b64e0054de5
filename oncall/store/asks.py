"""Questions to people outside incidents: a row each with its code, answered once it is settled or not, kept for the story."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from oncall.core.asks import RIGHT_TO_WAKE, Ask, Span, ask_of
from oncall.core.replies import draw_code
from oncall.store import codes
from oncall.store.codec import instant, maybe_instant, micros
from oncall.store.tables import ASKS


def add(
    conn: Connection, person: str, about: str, span: Span, *, request: int, until: datetime, seed: str, now: datetime, at: datetime,
    incident: str = "",
) -> Ask:  # fmt: skip
    """Keeps a question that is put at `at`, with a code that its person neither holds at `now` nor held yesterday, drawn from `seed`."""
    code = draw_code(seed, person, codes.in_use(conn, person, now))
    row = {
        "person": person, "code": code, "about": about, "request": request,
        "rotation": span.rotation, "start": micros(span.start), "end": micros(span.end),
        "asked_at": micros(at), "until": micros(until), "answer": "", "answered_at": None, "how": "", "settled_at": None,
        "incident": incident,
    }  # fmt: skip
    number = int(conn.execute(insert(ASKS).returning(ASKS.c.id), row).scalar_one())
    codes.bind_ask(conn, person, code, number, now, until)
    return Ask(id=number, person=person, code=code, about=about, request=request, span=span, asked_at=at, until=until, incident=incident)


def load(conn: Connection, number: int) -> Ask | None:
    """The question with this number."""
    row = conn.execute(select(ASKS).where(ASKS.c.id == number)).first()
    return None if row is None else ask(row)


def of_request(conn: Connection, request: int) -> tuple[Ask, ...]:
    """The questions that were asked for a request."""
    return tuple(ask(row) for row in conn.execute(select(ASKS).where(ASKS.c.request == request).order_by(ASKS.c.id)))


def about_own(conn: Connection, person: str, span: Span) -> tuple[Ask, ...]:
    """The questions to `person` about their own duty that overlaps `span`."""
    overlaps = (ASKS.c.rotation == span.rotation) & (ASKS.c.start < micros(span.end)) & (ASKS.c.end > micros(span.start))
    return tuple(ask(row) for row in conn.execute(select(ASKS).where(ASKS.c.person == person, ASKS.c.request == 0, overlaps).order_by(ASKS.c.id)))


def confirmed(conn: Connection, now: datetime) -> tuple[Ask, ...]:
    """The duties that are not over and that their people said they know of."""
    rows = select(ASKS).where(ASKS.c.request == 0, ASKS.c.answer == "yes", ASKS.c.end > micros(now)).order_by(ASKS.c.start, ASKS.c.id)
    return tuple(ask(row) for row in conn.execute(rows))


def said_yes(conn: Connection) -> tuple[Ask, ...]:
    """The yeses of which nothing was made yet, in the order in which they came."""
    rows = select(ASKS).where(ASKS.c.request != 0, ASKS.c.answer == "yes", ASKS.c.settled_at.is_(None)).order_by(ASKS.c.answered_at, ASKS.c.id)
    return tuple(ask(row) for row in conn.execute(rows))


def about_incident(conn: Connection, incident: str) -> tuple[Ask, ...]:
    """The questions to those who were woken for an incident."""
    return tuple(ask(row) for row in conn.execute(select(ASKS).where(ASKS.c.incident == incident).order_by(ASKS.c.id)))


def about_waking(conn: Connection, start: datetime, end: datetime) -> tuple[Ask, ...]:
    """The questions to those who were woken in [start, end)."""
    wanted = (ASKS.c.about == RIGHT_TO_WAKE) & (ASKS.c.start >= micros(start)) & (ASKS.c.start < micros(end))
    return tuple(ask(row) for row in conn.execute(select(ASKS).where(wanted).order_by(ASKS.c.start, ASKS.c.id)))


def count_about(conn: Connection, person: str, about: str, since: datetime) -> int:
    """How often `person` was asked about something since then."""
    wanted = (ASKS.c.person == person) & (ASKS.c.about == about) & (ASKS.c.asked_at >= micros(since))
    return int(conn.execute(select(func.count()).select_from(ASKS).where(wanted)).scalar_one())


def answer(conn: Connection, number: int, word: str, how: str, at: datetime) -> None:
    """Notes an answer; the last one counts until the question is settled."""
    conn.execute(update(ASKS).where(ASKS.c.id == number, ASKS.c.settled_at.is_(None)).values(answer=word, how=how, answered_at=micros(at)))


def unwanted(conn: Connection, order: str, now: datetime) -> str:
    """Why the question that an order puts is not put any more; '' if it is, or the order is about something else."""
    number = ask_of(order)
    found = load(conn, number) if number else None
    if found is None or (found.settled_at is None and not found.answer and now < found.until):
        return ""
    return "answered or settled already" if found.answer or found.settled_at is not None else "it is too late to ask"


def settle(conn: Connection, number: int, at: datetime) -> None:
    """Nothing is left to do about a question; its code goes into quarantine."""
    conn.execute(update(ASKS).where(ASKS.c.id == number, ASKS.c.settled_at.is_(None)).values(settled_at=micros(at)))
    codes.quarantine_ask(conn, number, at)


def ask(row: Any) -> Ask:
    """A row as it is used."""
    return Ask(
        id=row.id,
        person=row.person,
        code=row.code,
        about=row.about,
        request=row.request,
        span=Span(rotation=row.rotation, start=instant(row.start), end=instant(row.end)),
        asked_at=instant(row.asked_at),
        until=instant(row.until),
        answer=row.answer,
        answered_at=maybe_instant(row.answered_at),
        how=row.how,
        settled_at=maybe_instant(row.settled_at),
        incident=row.incident,
    )
