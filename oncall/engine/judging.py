"""Somebody who was woken says whether that was right; each no opens a review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from oncall.core.asks import JUDGED, Ask, order_key
from oncall.core.feedback import PAGE_DUE_DAYS, Topic
from oncall.core.messages import Heard, Incident
from oncall.core.model import Handbook
from oncall.engine.alarms import names, time_of
from oncall.engine.desk import Desk
from oncall.engine.reviewing import open_review
from oncall.engine.understood import Understood, replied
from oncall.store import asks, incidents, outbox, reviews

HELPS: Mapping[str, str] = {
    "could wait": "an example for the triage?",
    "not our job": "an exclusion?",
    "duplicate": "a key that joins them?",
    "too little info": "a question to who reports?",
}
"""What a review of such an answer begins with (interfaces.md 6.6)."""


def judged(conn: Connection, desk: Desk, heard: Heard, ask: Ask, says: str) -> Understood:
    """What follows from the answer of somebody who was woken; the last one counts, also when the question is old."""
    incident = incidents.load(conn, ask.incident)
    assert incident is not None, "a question about an incident has it"
    values = waking_values(desk.handbook, ask, incident, heard.at)
    if says not in JUDGED:
        return replied(conn, desk, heard, ask.person, ask.about, values)
    asks.answer(conn, ask.id, says, heard.way, heard.at)
    if says == "yes":
        return replied(conn, desk, heard, ask.person, "wake_noted", {**values, "topic": "right to wake you", "count": ""})
    helps = HELPS.get(says)
    words = f"{names(desk.handbook, (ask.person,))}: {says}" + (f" ({helps})" if helps else "")
    key = order_key(ask.id)
    orders = open_review(
        conn, desk.handbook, desk.ways, incident, key, topic=Topic.PAGE, words=words, days=PAGE_DUE_DAYS, at=heard.at
    )  # fmt: skip
    outbox.put(conn, orders)
    number = reviews.number_of(conn, key)
    return replied(conn, desk, heard, ask.person, "wake_noted", {**values, "topic": says, "count": str(number)})


def waking_values(handbook: Handbook, ask: Ask, incident: Incident, now: datetime) -> dict[str, str]:
    """What the question names, for who is asked."""
    return {"customer": incident.label, "since": time_of(handbook, ask.person, ask.span.start, now), "code": ask.code}
