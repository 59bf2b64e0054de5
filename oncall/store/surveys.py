"""Surveys of customers: a row for each case that was asked about, and the numbers whose owners want no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from oncall.core.feedback import ASK_WITHIN, STANDS_FOR, Survey, asked_by
from oncall.core.messages import Status
from oncall.store import incidents
from oncall.store.codec import instant, maybe_instant, micros
from oncall.store.tables import NO_SURVEYS, SURVEYS


def add(conn: Connection, incident: str, phone: str, reported_at: datetime, now: datetime) -> None:
    """A case is asked about; '' for a `phone` leaves the question to the page of the case."""
    row = {
        "incident": incident, "phone": phone, "reported_at": micros(reported_at), "asked_at": micros(now), "until": micros(now + STANDS_FOR),
        "rating": None, "comment": "", "call": False, "answered_at": None, "how": "",
    }  # fmt: skip
    conn.execute(insert(SURVEYS), row)


def load(conn: Connection, incident: str) -> Survey | None:
    """The survey of this incident."""
    row = conn.execute(select(SURVEYS).where(SURVEYS.c.incident == incident)).first()
    return None if row is None else survey(row)


def newest(conn: Connection, phone: str, since: datetime) -> Survey | None:
    """The newest survey that was texted to a number since then."""
    wanted = (SURVEYS.c.phone == phone) & (SURVEYS.c.asked_at > micros(since))
    row = conn.execute(select(SURVEYS).where(wanted).order_by(SURVEYS.c.asked_at.desc(), SURVEYS.c.incident.desc()).limit(1)).first()
    return None if row is None else survey(row)


def about_cases(conn: Connection, start: datetime, end: datetime) -> tuple[Survey, ...]:
    """The surveys of the cases that were reported in [start, end)."""
    wanted = (SURVEYS.c.reported_at >= micros(start)) & (SURVEYS.c.reported_at < micros(end))
    return tuple(survey(row) for row in conn.execute(select(SURVEYS).where(wanted).order_by(SURVEYS.c.reported_at, SURVEYS.c.incident)))


def rate(conn: Connection, incident: str, rating: int, how: str, at: datetime, *, comment: str = "", call: bool = False) -> None:
    """Notes an answer; the last one counts."""
    values = {"rating": rating, "comment": comment, "call": call, "how": how, "answered_at": micros(at)}
    conn.execute(update(SURVEYS).where(SURVEYS.c.incident == incident).values(values))


def call(conn: Connection, incident: str) -> None:
    """Notes that the customer wants to be called."""
    conn.execute(update(SURVEYS).where(SURVEYS.c.incident == incident).values(call=True))


def refuse(conn: Connection, phone: str, at: datetime) -> None:
    """The owner of a number wants no more surveys."""
    conn.execute(insert(NO_SURVEYS).on_conflict_do_nothing(), {"phone": phone, "at": micros(at)})


def is_refused(conn: Connection, phone: str) -> bool:
    """Whether the owner of a number wants no more surveys."""
    return conn.execute(select(NO_SURVEYS.c.phone).where(NO_SURVEYS.c.phone == phone)).first() is not None


def unwanted(conn: Connection, order: str, now: datetime) -> str:
    """Why the question that an order puts to a customer is not put any more; '' if it is, or the order is about something else."""
    named = asked_by(order)
    found, incident = (load(conn, named), incidents.load(conn, named)) if named else (None, None)
    if found is None or incident is None:
        return ""
    if incident.status is not Status.RESOLVED:
        return "the case is open again"
    if is_refused(conn, found.phone):
        return "they want no more surveys"
    late = now - found.asked_at >= ASK_WITHIN
    return "answered already" if found.rating is not None else "it is too late in the day" if late else ""


def survey(row: Any) -> Survey:
    """A row as it is used."""
    return Survey(
        incident=row.incident,
        phone=row.phone,
        reported_at=instant(row.reported_at),
        asked_at=instant(row.asked_at),
        until=instant(row.until),
        rating=row.rating,
        comment=row.comment,
        call=bool(row.call),
        answered_at=maybe_instant(row.answered_at),
        how=row.how,
    )
