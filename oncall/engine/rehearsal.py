"""Plays one emergency in memory before the doors open, so that the first real one finds everything compiled, and a broken decision is seen."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy import Connection

from oncall.core.messages import Acknowledged
from oncall.engine.desk import Desk
from oncall.engine.sending import Result, settle, turn
from oncall.engine.taking import take_act, take_report
from oncall.intake import INTAKES
from oncall.store.opening import connect
from oncall.store.tables import METADATA

REPORT = b'{"summary": "Rehearsal", "customer": "Rehearsal", "contact": {"phone": "+15125550100"}}'
SEED = "00" * 16


def rehearse(desk: Desk, at: datetime) -> str:
    """Reports, pages, settles and acknowledges in a store that is forgotten at once; nothing is sent. What was decided first, in one word.

    Without it the first page after a start waits a tenth of a second for statements and schemas that are made when they are first used.
    """
    with closing(connect(":memory:")) as conn:
        with conn.begin():
            METADATA.create_all(conn)
            decided = played(conn, desk, at)
        conn.engine.dispose()
    return decided


def played(conn: Connection, desk: Desk, at: datetime) -> str:
    """One emergency's walk through the engine."""
    received = INTAKES["api"](REPORT, at=at, seed=SEED, source="rehearsal")
    taken = take_report(conn, desk, received.fact, "rehearsal", "rehearsal")
    for seconds in (0, 1):
        now = at + timedelta(seconds=seconds)
        for one in turn(conn, desk, now, slots=10, speed=1.0).sendings:
            settle(conn, desk, one, Result(state="sent", provider_id=f"rehearsal-{one.order.id}"), now)
    who = next(iter(desk.handbook.people))
    act = Acknowledged(at=at + timedelta(seconds=2), incident=taken.outcome.incident, by=who, how="rehearsal")
    take_act(conn, desk, act, "rehearsal-acknowledged")
    return taken.decided[0].decision.result
