"""What somebody wants of others outside incidents: a row each, from the wish until somebody said yes or nobody did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from oncall.core.asks import Request, Span, Stage, Topic
from oncall.store.codec import instant, maybe_instant, micros
from oncall.store.tables import REQUESTS

Times = tuple[datetime, datetime] | None
"""A beginning and an end, where they are known."""


def wish(conn: Connection, topic: Topic, by: str, *, seed: str, at: datetime, other: str = "", rotation: str = "", times: Times = None) -> int:
    """Keeps a wish as it was said; its number."""
    return add(conn, {"topic": topic.value, "by": by, "other": other, "rotation": rotation, **bounds(times), "seed": seed}, Stage.WISHED, at)


def of_gap(conn: Connection, gap: Span) -> Request | None:
    """The request for a gap, which is known by its rotation and its beginning."""
    same = (REQUESTS.c.topic == Topic.GAP.value) & (REQUESTS.c.rotation == gap.rotation) & (REQUESTS.c.start == micros(gap.start))
    row = conn.execute(select(REQUESTS).where(same).order_by(REQUESTS.c.id.desc())).first()
    return None if row is None else request(row)


def add_gap(conn: Connection, gap: Span, *, seed: str, at: datetime) -> Request:
    """Keeps the request for a gap; it is open at once, until the gap ends."""
    more = {"topic": Topic.GAP.value, "by": "", "other": "", "rotation": gap.rotation, **bounds((gap.start, gap.end)), "seed": seed}
    found = load(conn, add(conn, {**more, "until": micros(gap.end)}, Stage.OPEN, at))
    assert found is not None, "it was added a moment ago"
    return found


def add(conn: Connection, more: dict[str, object], stage: Stage, at: datetime) -> int:
    """A new row; its number."""
    fresh = {"back_start": None, "back_end": None, "until": None, "taken_by": "", "ended_at": None}
    row = {**fresh, **more, "stage": stage.value, "made_at": micros(at)}
    return int(conn.execute(insert(REQUESTS).returning(REQUESTS.c.id), row).scalar_one())


def load(conn: Connection, number: int) -> Request | None:
    """The request with this number."""
    row = conn.execute(select(REQUESTS).where(REQUESTS.c.id == number)).first()
    return None if row is None else request(row)


def at_stage(conn: Connection, stage: Stage) -> tuple[Request, ...]:
    """The requests that are so far, in the order in which they were made."""
    return tuple(request(row) for row in conn.execute(select(REQUESTS).where(REQUESTS.c.stage == stage.value).order_by(REQUESTS.c.id)))


def pending(conn: Connection, by: str) -> int:
    """How many requests of `by` are not over."""
    stages = REQUESTS.c.stage.in_((Stage.WISHED.value, Stage.OPEN.value))
    return conn.execute(select(func.count()).select_from(REQUESTS).where(REQUESTS.c.by == by, stages)).scalar_one()


def open_(conn: Connection, number: int, span: Span, until: datetime, back: Times) -> None:
    """It is known what is asked for, and people are being asked."""
    values = {"rotation": span.rotation, **bounds((span.start, span.end)), "until": micros(until), "stage": Stage.OPEN.value}
    if back is not None:
        values |= {"back_start": micros(back[0]), "back_end": micros(back[1])}
    conn.execute(update(REQUESTS).where(REQUESTS.c.id == number).values(values))


def end(conn: Connection, number: int, stage: Stage, at: datetime, taken_by: str = "") -> None:
    """It is taken, or over."""
    conn.execute(update(REQUESTS).where(REQUESTS.c.id == number).values(stage=stage.value, ended_at=micros(at), taken_by=taken_by))


def bounds(times: Times) -> dict[str, object]:
    """The columns of a beginning and an end."""
    return {"start": None, "end": None} if times is None else {"start": micros(times[0]), "end": micros(times[1])}


def request(row: Any) -> Request:
    """A row as it is used."""
    return Request(
        id=row.id,
        topic=Topic(row.topic),
        by=row.by,
        made_at=instant(row.made_at),
        seed=row.seed,
        stage=Stage(row.stage),
        other=row.other,
        rotation=row.rotation,
        times=None if row.start is None else (instant(row.start), instant(row.end)),
        back=None if row.back_start is None else (instant(row.back_start), instant(row.back_end)),
        until=maybe_instant(row.until),
        taken_by=row.taken_by,
    )
