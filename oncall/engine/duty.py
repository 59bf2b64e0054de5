"""Tells people of their time on call, by day and in time, and admins of gaps that come; what was told is a row, so a restart loses none."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Protocol

import structlog
from sqlalchemy import Connection

from oncall.core.asks import Span, Stage, order_key
from oncall.core.differences import Difference
from oncall.core.messages import Order
from oncall.core.model import Handbook
from oncall.core.notices import Gap, Notice, gaps_ahead, notices
from oncall.core.schedule import current_duty
from oncall.core.wording import asks as names_code
from oncall.engine.alarms import URGENCY, Reachable, admins, by_text, names, span_values, time_of, trouble
from oncall.engine.outcome import Clock
from oncall.engine.questions import question
from oncall.store import StoreUnavailable, asks, chores, requests

log = structlog.get_logger(__name__)

CHORE = "duty notices"
PLAN_FOR = timedelta(minutes=30)
"""The plan is made for this long, and anew when the handbook changes: it is some 20 ms of work for each rotation."""
MADE_UP_FOR = timedelta(hours=12)
"""After a longer stop the notices of that time are old news."""
GAPS_WITHIN = timedelta(days=3)
CONFIRMED = ("duty_tomorrow", "duty_begins")
"""The notices that ask whether their reader knows."""
CONFIRM_WITHIN = timedelta(hours=1)
"""So long who begins is asked for a word; longer, and a bare word to a page of the night would be ambiguous. A later answer counts too."""


class Orders(Protocol):
    """What gives orders in one transaction with what a chore writes: the engine."""

    async def order(self, make: Callable[[Connection], tuple[Order, ...]]) -> None:
        """Orders what `make` gives."""


class DutyNotices:
    """The chore; `tell` is called each minute. `ways` are the channels that are on."""

    def __init__(self, engine: Orders, clock: Clock, handbook: Callable[[], Handbook], ways: frozenset[str]) -> None:
        self._engine = engine
        self._clock = clock
        self._handbook = handbook
        self._ways = ways
        self._planned_of: Handbook | None = None
        self._planned_until = clock.now()
        self._notices: tuple[Notice, ...] = ()
        self._gaps: tuple[Gap, ...] = ()

    async def tell(self) -> None:
        """Orders the notices that came due since the last time; a store that cannot be written is tried again in a minute."""
        handbook, now = self._handbook(), self._clock.now()
        if handbook is not self._planned_of or now >= self._planned_until:
            self._notices = await asyncio.to_thread(notices, handbook, now - MADE_UP_FOR, now + PLAN_FOR)
            self._gaps = await asyncio.to_thread(gaps_ahead, handbook, now, now + GAPS_WITHIN)
            self._planned_of, self._planned_until = handbook, now + PLAN_FOR
        try:
            await self._engine.order(lambda conn: self._due(conn, handbook, now))
        except StoreUnavailable as error:
            log.error("notices of duty could not be ordered", reason=str(error))

    def _due(self, conn: Connection, handbook: Handbook, now: datetime) -> tuple[Order, ...]:
        """What came due since the chore was last done; nothing at the very first time, and nothing that is no longer true."""
        since = chores.done_until(conn, CHORE)
        chores.done(conn, CHORE, now)
        due = [one for one in self._notices if since is not None and since < one.due_at <= now and is_true(one, now)]
        for one in due:
            log.info("duty", about=one.about, who=one.who, rotation=one.rotation, start=one.start, end=one.end, tzdata=clock_rules())
        orders = [order for one in due for order in self._notice(conn, handbook, one, now)]
        return (*orders, *(order for gap in self._gaps for order in self._gap(conn, handbook, gap, now)))

    def _notice(self, conn: Connection, handbook: Handbook, one: Notice, now: datetime) -> tuple[Order, ...]:
        """The order of a notice, told once; who begins is asked to confirm, unless they did when they were told the day before."""
        span, to = Span(rotation=one.rotation, start=one.start, end=one.end), by_text(handbook, self._ways, one.who)[:1]
        own = [ask for ask in asks.about_own(conn, one.who, span) if ask.span.start == one.start]
        if any(ask.about == one.about for ask in own):
            return ()
        key, code = f"duty.{one.rotation}.{one.start:%Y%m%dT%H%M}", ""
        if to and one.about in CONFIRMED and may_ask(handbook, to[0], one.about) and not any(ask.answer == "yes" for ask in own):
            until = one.start if one.about == "duty_tomorrow" else min(one.end, now + CONFIRM_WITHIN)
            ask = asks.add(conn, one.who, one.about, span, request=0, until=until, seed=secrets.token_hex(16), now=now, at=now)
            key, code = order_key(ask.id), ask.code
        values = {"next": names(handbook, one.others), "backup": names(handbook, one.backups), "code": code}
        return trouble(handbook, one.about, key, {**span_values(handbook, one.who, span, now), **values}, to, now, urgency=URGENCY)

    def _gap(self, conn: Connection, handbook: Handbook, gap: Gap, now: datetime) -> tuple[Order, ...]:
        """The alarm of a gap, once to each admin for each that is the next one; whoever replies with the code takes it."""
        span = Span(rotation=gap.rotation, start=gap.start, end=gap.end)
        request = requests.of_gap(conn, span) or requests.add_gap(conn, span, seed=secrets.token_hex(16), at=now)
        known = {ask.person for ask in asks.of_request(conn, request.id)}
        orders: list[Order] = []
        for to in admins(handbook, self._ways, now) if request.stage is Stage.OPEN else ():
            if not may_ask(handbook, to, "gap_ahead"):
                key = f"gap.{gap.rotation}.{gap.start:%Y%m%dT%H%M}"
                orders += trouble(handbook, "gap_ahead", key, span_values(handbook, to.who, span, now), (to,), now, urgency=URGENCY)
            elif to.who not in known:
                ask = asks.add(conn, to.who, "gap_ahead", span, request=request.id, until=gap.end, seed=request.seed, now=now, at=now)
                orders += question(handbook, (to,), ask, request)
        return tuple(orders)

    async def moved(self, found: tuple[Difference, ...]) -> None:
        """An edit changed who is on call now: both sides are told at once (rotations.md 5, reload guard)."""
        handbook, now = self._handbook(), self._clock.now()
        orders = [order for one in found if one.is_running for order in self._both(handbook, one, now)]
        await self._engine.order(lambda _: tuple(orders))

    def _both(self, handbook: Handbook, one: Difference, now: datetime) -> tuple[Order, ...]:
        """The orders to who is on call now, and to who was."""
        end = current_duty(handbook, one.rotation, now).end if one.rotation in handbook.rotations else None
        key = f"moved.{handbook.version}.{one.rotation}.{one.start:%Y%m%dT%H%M}"
        sides = (("duty_now", set(one.after) - set(one.before), one.before), ("duty_gone", set(one.before) - set(one.after), one.after))
        return tuple(
            order
            for about, people, others in sides
            for who in sorted(people)
            for order in trouble(
                handbook,
                about,
                key,
                {"list": one.rotation, "next": names(handbook, others), "until": time_of(handbook, who, end, now) if end else "further notice"},
                by_text(handbook, self._ways, who)[:1],
                now,
            )
        )


@cache
def clock_rules() -> str:
    """The version of the time zone rules by which handovers are computed."""
    return version("tzdata")


def may_ask(handbook: Handbook, to: Reachable, about: str) -> bool:
    """Whether the text as its reader gets it has a way to answer: a code in it, or buttons under it."""
    person = handbook.people.get(to.who)
    return to.way == "slack" or names_code(handbook.texts, person.language if person else "en", about)


def is_true(one: Notice, now: datetime) -> bool:
    """Whether a notice that is late still says the truth."""
    return one.start > now if one.about in {"duty_tomorrow", "duty_soon"} else one.about == "duty_over" or one.end > now
