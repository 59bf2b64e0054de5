"""Questions outside incidents and what came of them, as orders: each by every way that carries a text, by day where that is soon enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall.core.asks import Ask, Request, order_key
from oncall.core.messages import Order
from oncall.core.model import Handbook
from oncall.core.notices import by_day
from oncall.engine.alarms import URGENCY, Reachable, by_text, names, span_values, trouble

NIGHT = timedelta(hours=12)
"""What begins later than this can be asked in the morning; what begins sooner is asked at once, at night too."""


def put_at(handbook: Handbook, who: str, begins: datetime, now: datetime) -> datetime:
    """When `who` is asked about something that begins at `begins`."""
    return by_day(handbook, who, now, earlier=False) if begins - now >= NIGHT else now


def question(handbook: Handbook, to: tuple[Reachable, ...], ask: Ask, request: Request) -> tuple[Order, ...]:
    """The orders that put a question."""
    values = question_values(handbook, ask, request, ask.asked_at)
    return trouble(handbook, ask.about, order_key(ask.id), values, to, ask.asked_at, urgency=URGENCY)


def question_values(handbook: Handbook, ask: Ask, request: Request, now: datetime) -> dict[str, str]:
    """What the text of a question names, for who is asked."""
    by = names(handbook, (request.by,)) or request.by
    return {**span_values(handbook, ask.person, ask.span, now), "code": ask.code, "by": by, "back": back_text(handbook, ask.person, request, now)}


def back_text(handbook: Handbook, who: str, request: Request, now: datetime) -> str:
    """What is given in a swap, on the clock of `who`; '' where nothing is."""
    if request.back_span is None:
        return ""
    values = span_values(handbook, who, request.back_span, now)
    return f"{values['since']} to {values['until']}"


def told(handbook: Handbook, ways: frozenset[str], who: str, about: str, key: str, values: dict[str, str], now: datetime) -> tuple[Order, ...]:
    """The order that tells `who` what came of it, by the loudest way; the same `key` tells it once."""
    return trouble(handbook, about, key, values, by_text(handbook, ways, who)[:1], now, urgency=URGENCY)
