"""A key was pressed in a call: whether we placed that call, what the key means, what follows; all in one unit of work."""

from __future__ import annotations

from sqlalchemy import Connection

from oncall.core.messages import ACTS, Heard, Order, OrderKind
from oncall.core.replies import understand_key
from oncall.engine.desk import Desk, decide_and_save
from oncall.engine.understood import Understood
from oncall.store import incidents, outbox


def press(conn: Connection, desk: Desk, heard: Heard) -> Understood:
    """What follows from a key in the call that `heard.about` stands for.

    Whoever was called acts, and nobody else (decisions.md 34); in any other call a key acts on nothing: 'unknown call'.
    """
    row = outbox.find_by_url_key(conn, heard.about)
    incident = incidents.load(conn, row.order.incident) if row is not None and is_our_call(row.order, heard) else None
    if row is None or incident is None:
        return Understood(action="unknown call", because="a key in a call that we did not place; nothing was done")
    meaning = understand_key(heard.text)
    if meaning not in ACTS:
        return Understood(action=meaning, because=f"{row.order.recipient} pressed a key that changes nothing")
    fact = ACTS[meaning](at=heard.at, incident=incident.id, by=row.order.recipient, how=heard.way)
    decided = decide_and_save(conn, desk, incident, fact)
    return Understood(action=meaning, decided=(decided,), because=decided.decision.because)


def is_our_call(order: Order, heard: Heard) -> bool:
    """Whether the order is a page by voice to the number on which the key was pressed."""
    return order.kind is OrderKind.PAGE and order.way == heard.way and order.address == heard.sender
