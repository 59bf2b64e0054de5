"""Somebody answered a question outside incidents, or asked for cover or a swap: kept in one unit of work; engine.asking makes something of it."""

from __future__ import annotations

from sqlalchemy import Connection

from oncall.core.asks import Ask, Request, Span, Stage, Topic
from oncall.core.cover import part
from oncall.core.messages import Heard
from oncall.core.replies import Meaning
from oncall.core.wishes import cover_of, swap_of
from oncall.engine.alarms import names, span_values
from oncall.engine.desk import Desk
from oncall.engine.judging import judged
from oncall.engine.questions import question_values
from oncall.engine.understood import Understood, replied
from oncall.store import asks, requests

MOST_PENDING = 3
"""Requests of one person that may stand at one time: each is a text to everybody in a rotation, perhaps at night."""


def answered(conn: Connection, desk: Desk, heard: Heard, who: str, meaning: Meaning) -> Understood:
    """What follows from an answer to a question, by its code or its button."""
    ask = asks.load(conn, meaning.ask)
    if ask is None or ask.person != who:
        return Understood(action="unknown question", because="This question was not put to you. Nothing was done.")
    if ask.incident:
        return judged(conn, desk, heard, ask, meaning.says)
    request = requests.load(conn, ask.request) if ask.request else None
    if request is None:
        return about_own_duty(conn, desk, heard, ask, meaning.says)
    if late := why_late(desk, request, ask, heard):
        about = "ask_yours" if request.taken_by == who else "ask_late"
        return replied(conn, desk, heard, who, about, {**span_values(desk.handbook, who, ask.span, heard.at), "reason": late})
    if meaning.says not in {"yes", "no"}:
        return replied(conn, desk, heard, who, ask.about, question_values(desk.handbook, ask, request, heard.at))
    if ask.answer != meaning.says:
        asks.answer(conn, ask.id, meaning.says, heard.way, heard.at)
    if meaning.says == "no":
        return replied(conn, desk, heard, who, "ask_noted", span_values(desk.handbook, who, ask.span, heard.at), asks=True)
    return Understood(action="said yes", because="Thank you. You are told in a moment whether you have it.", asks=True)


def why_late(desk: Desk, request: Request, ask: Ask, heard: Heard) -> str:
    """Why an answer comes too late; '' if it does not."""
    if request.stage is Stage.TAKEN:
        return f"{names(desk.handbook, (request.taken_by,)) or request.taken_by} has it"
    if heard.at >= ask.until:
        return "it is over" if heard.at >= ask.span.end else "it has begun" if heard.at >= ask.span.start else "the question is closed"
    return "the question is closed" if request.stage is Stage.OVER else ""


def about_own_duty(conn: Connection, desk: Desk, heard: Heard, ask: Ask, says: str) -> Understood:
    """Somebody knows of their duty, or wants somebody else for it; as long as it lasts, also when the question is old."""
    who, values = ask.person, {**span_values(desk.handbook, ask.person, ask.span, heard.at), "code": ask.code}
    rest = part(desk.handbook, Span(rotation=ask.span.rotation, start=max(ask.span.start, heard.at), end=ask.span.end), who)
    if rest is None:
        reason = "it is over" if heard.at >= ask.span.end else "it is not yours any more"
        return replied(conn, desk, heard, who, "ask_late", {**values, "reason": reason})
    if says == "cover":
        understood = wish(conn, desk, heard, who, Topic.COVER, rotation=rest.rotation, times=(rest.start, rest.end))
        if understood.asks:
            asks.answer(conn, ask.id, says, heard.way, heard.at)
        return understood
    if says != "yes":
        return replied(conn, desk, heard, who, "duty_no", values)
    asks.answer(conn, ask.id, says, heard.way, heard.at)
    return replied(conn, desk, heard, who, "duty_confirmed", values)


def wished(conn: Connection, desk: Desk, heard: Heard, who: str, meaning: Meaning) -> Understood:
    """COVER or SWAP in words; what is not understood is answered with an example."""
    handbook = desk.handbook
    person = handbook.people.get(who)
    if person is None:
        return replied(conn, desk, heard, who, "no_duty", {})
    if meaning.wish == "cover":
        said = cover_of(meaning.words, handbook.rotations, person.timezone, heard.at)
    else:
        said = swap_of(meaning.words, who, handbook)
    if said is None:
        return replied(conn, desk, heard, who, "cover_how", {})
    return wish(conn, desk, heard, who, Topic(meaning.wish), rotation=said.rotation, times=said.times, other=said.other)


def wish(
    conn: Connection, desk: Desk, heard: Heard, who: str, topic: Topic, *, rotation: str, times: requests.Times = None, other: str = ""
) -> Understood:  # fmt: skip
    """Keeps what somebody wants of others; whom to ask is worked out beside the loop, and said then."""
    pending = requests.pending(conn, who)
    if pending >= MOST_PENDING:
        return replied(conn, desk, heard, who, "cover_many", {"count": str(pending)})
    requests.wish(conn, topic, who, seed=heard.seed, at=heard.at, rotation=rotation, times=times, other=other)
    because = "I ask. Until somebody says yes nothing changes, and you stay on call. You are told whom I ask and who says yes."
    return Understood(action=topic.value, because=because, asks=True)
