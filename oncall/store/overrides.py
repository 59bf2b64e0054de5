"""Changes that were taken while the daemon ran: a row each, kept for the story, ended but never taken out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from oncall.core.overrides import Override
from oncall.core.place import Place
from oncall.core.rota import Change, ChangeKind
from oncall.store.codec import instant, maybe_instant, micros
from oncall.store.tables import OVERRIDES


def add(conn: Connection, change: Change, by: str, at: datetime) -> int:
    """Keeps a change whose times are naive UTC; its number."""
    row = {
        "rotation": change.rotation,
        "kind": change.kind.value,
        "people": json.dumps(change.people),
        "start": micros(change.start.replace(tzinfo=UTC)),
        "end": micros(change.end.replace(tzinfo=UTC)),
        "why": change.why,
        "by": by,
        "made_at": micros(at),
        "ended_at": None,
    }
    return int(conn.execute(insert(OVERRIDES).returning(OVERRIDES.c.id), row).scalar_one())


def end(conn: Connection, number: int, at: datetime) -> bool:
    """Ends a change; False if there is none of this number, or it is over."""
    open_ = (OVERRIDES.c.id == number) & OVERRIDES.c.ended_at.is_(None) & (OVERRIDES.c.end > micros(at))
    return conn.execute(update(OVERRIDES).where(open_).values(ended_at=micros(at))).rowcount == 1


def since(conn: Connection, at: datetime) -> tuple[Override, ...]:
    """The changes that ended, or will end, after `at`, in the order in which they were taken; a later one wins."""
    rows = conn.execute(select(OVERRIDES).where(OVERRIDES.c.end > micros(at)).order_by(OVERRIDES.c.id))
    return tuple(
        Override(
            id=row.id,
            change=Change(
                rotation=row.rotation,
                kind=ChangeKind(row.kind),
                people=tuple(json.loads(row.people)),
                start=instant(row.start).replace(tzinfo=None),
                end=instant(row.end).replace(tzinfo=None),
                timezone="UTC",
                why=row.why,
                place=Place(file=f"change {row.id} by {row.by}", line=1, column=1),
            ),
            by=row.by,
            made_at=instant(row.made_at),
            ended_at=maybe_instant(row.ended_at),
        )
        for row in rows
    )
