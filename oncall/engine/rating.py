"""A customer answers a survey, by text or on its page; a low answer opens a review."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from oncall.core.feedback import BEST, RATING_DUE_DAYS, STANDS_FOR, Topic, order_key
from oncall.core.messages import Heard, Incident, Order, OrderKind, Status
from oncall.core.model import Handbook, language_of
from oncall.core.progress import HANDLED
from oncall.core.wording import text
from oncall.engine.alarms import URGENCY
from oncall.engine.desk import Desk
from oncall.engine.reviewing import open_review
from oncall.engine.understood import Understood
from oncall.store import incidents, outbox, surveys


def of_survey(conn: Connection, desk: Desk, heard: Heard, word: str, cases: Iterable[Incident]) -> Understood | None:
    """What follows from a text if it is about a survey; None if it is not.

    NOMORE always is. A rating or CALL is only while a survey stands that was texted to this number, and no case of theirs is being handled:
    there '2' may answer somebody's question, and is handed on like any other word.
    """
    if word == "nomore":
        surveys.refuse(conn, heard.sender, heard.at)
        outbox.put(conn, (answer(desk.handbook, "survey_stopped", order_key(sha256(heard.sender.encode()).hexdigest()[:20], "stopped"), heard),))
        return Understood(action="no more surveys", because="the customer wants no more surveys; emergencies are texted as before")
    if not (word.isdecimal() or word == "call") or any(one.status in {*HANDLED, Status.WAITING} for one in cases):
        return None
    survey = surveys.newest(conn, heard.sender, heard.at - STANDS_FOR)
    incident = incidents.load(conn, survey.incident) if survey is not None else None
    if survey is None or incident is None or (word == "call" and not survey.is_low):
        return None
    if word == "call":
        rating, about = survey.rating or 0, "survey_call"
    else:
        rating, about = int(word), "survey_low"
    call = survey.call or word == "call"
    orders = rated(
        conn, desk.handbook, desk.ways, incident, rating=rating, comment=survey.comment, call=call, how=heard.way, at=heard.at
    )  # fmt: skip
    # One question, one text: who was content is not written to again.
    if orders or word == "call":
        orders = (*orders, answer(desk.handbook, about, order_key(incident.id, about), heard, incident.case))
    outbox.put(conn, orders)
    action = "wants a call" if word == "call" else "rated"
    return Understood(action=action, because=f"the customer rated case {incident.case} {rating} of {BEST}")


def rated(
    conn: Connection, handbook: Handbook, ways: frozenset[str], incident: Incident, *, rating: int, comment: str, call: bool, how: str, at: datetime
) -> tuple[Order, ...]:  # fmt: skip
    """Notes a rating; the orders that tell of the review that a low one opens."""
    surveys.rate(conn, incident.id, rating, how, at, comment=comment, call=call)
    survey = surveys.load(conn, incident.id)
    assert survey is not None, "what is rated was asked"
    if not survey.is_low:
        return ()
    words = f"rated {rating} of {BEST}" + (", wants a call" if call else "")
    key = order_key(incident.id, "review")
    return open_review(conn, handbook, ways, incident, key, topic=Topic.RATING, words=words, days=RATING_DUE_DAYS, at=at)


def answer(handbook: Handbook, about: str, key: str, heard: Heard, case: str = "") -> Order:
    """The order that answers a customer's text about a survey; the same once."""
    return Order(
        id=f"{key}/customer/{heard.way}",
        kind=OrderKind.NOTIFY,
        about=about,
        incident="",
        recipient="customer",
        way=heard.way,
        address=heard.sender,
        text=text(
            handbook.texts, language_of(handbook, handbook.customer_of.get(heard.sender, "")), about, {"company": handbook.company, "case": case}
        ),
        urgency=URGENCY,
        due_at=heard.at,
        only_way=False,
    )
