"""Opens reviews and tells whose they are; tells the managers of those that nobody closed in time, once."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection

from oncall.core.feedback import Review, Topic, due_after, last_day, owner_of
from oncall.core.messages import Incident, Order
from oncall.core.model import Handbook
from oncall.core.notices import by_day
from oncall.core.schedule import paged
from oncall.engine.alarms import URGENCY, by_text, names, trouble
from oncall.store import incidents, reviews

log = structlog.get_logger(__name__)


def open_review(
    conn: Connection, handbook: Handbook, ways: frozenset[str], incident: Incident, key: str, *, topic: Topic, words: str, days: int, at: datetime
) -> tuple[Order, ...]:  # fmt: skip
    """Opens the review `key` if it is none yet, due in so many working days; its owner is told by day."""
    owner = owner_of(handbook, at)
    found = reviews.add(
        conn, key, topic, incident.id, words, owner=owner, reported_at=incident.opened_at, now=at, due_at=due_after(handbook, at, days)
    )  # fmt: skip
    if found is None:
        return ()
    log.info("a review is open", review=found.id, topic=topic.value, incident=incident.id, owner=owner)
    return told(handbook, ways, "review_opened", found, incident, owner, at)


def overdue(conn: Connection, handbook: Handbook, ways: frozenset[str], now: datetime) -> tuple[Order, ...]:
    """Tells the managers, or where there are none the admins, of each review that is overdue; once."""
    orders: list[Order] = []
    for review in reviews.overdue(conn, now):
        reviews.told(conn, review.id, now)
        incident = incidents.load(conn, review.incident)
        people = paged(handbook, handbook.managers, now) or paged(handbook, handbook.admins, now)
        for who in people if incident is not None else ():
            orders += told(handbook, ways, "review_overdue", review, incident, who, now)
    return tuple(orders)


def told(
    handbook: Handbook, ways: frozenset[str], about: str, review: Review, incident: Incident | None, who: str, now: datetime
) -> tuple[Order, ...]:  # fmt: skip
    """The order that tells somebody of a review, by day."""
    assert incident is not None, "a review is about an incident"
    values = {
        "count": str(review.id), "customer": incident.label, "case": incident.case, "reason": review.words,
        "until": last_day(handbook, review), "holder": names(handbook, (review.owner,)) or "nobody",
    }  # fmt: skip
    at = by_day(handbook, who, now, earlier=False)
    return trouble(handbook, about, f"review.{review.id}", values, by_text(handbook, ways, who)[:1], at, urgency=URGENCY)
