"""A key was pressed in a call of ours: whose call it is, what the key means, what follows; all in one unit of work."""

from __future__ import annotations

from sqlalchemy import Connection

from oncall.core.messages import ACTS, Heard
from oncall.engine.desk import Desk, decide_and_save
from oncall.engine.hearing import Understood
from oncall.store import incidents, outbox

KEYS = {"1": "acknowledge", "4": "acknowledge", "2": "pass", "5": "pass"}


def press(conn: Connection, desk: Desk, heard: Heard) -> Understood:
    """What follows from a key. Only a call that we placed to this number acts, and for nobody but whom we called (decisions.md 34)."""
    row = outbox.find_by_url_key(conn, heard.about)
    if row is None or row.order.way != "voice" or row.order.address != heard.sender:
        return Understood(action="unknown call", because="no call of ours has this key")
    incident = incidents.load(conn, row.order.incident)
    verb = KEYS.get(heard.text)
    if incident is None or verb is None:
        return Understood(action="wrong key", because=f"the key {heard.text} means nothing")
    fact = ACTS[verb](at=heard.at, incident=incident.id, by=row.order.recipient, how="voice")
    decided = decide_and_save(conn, desk, incident, fact)
    return Understood(action=verb, decided=(decided,), because=decided.decision.because)
