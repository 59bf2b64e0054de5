"""Tells people of their time on call, by day and in time, and admins of gaps that come; what was told is a row, so a restart loses none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Protocol

import structlog
from sqlalchemy import Connection

from oncall.core.differences import Difference
from oncall.core.messages import Order
from oncall.core.model import Handbook
from oncall.core.notices import Gap, Notice, gaps_ahead, notices
from oncall.core.schedule import current_duty
from oncall.core.wording import clock_text
from oncall.engine.alarms import URGENCY, admins, by_text, names, time_of, trouble
from oncall.engine.outcome import Clock
from oncall.store import StoreUnavailable, chores

log = structlog.get_logger(__name__)

CHORE = "duty notices"
PLAN_FOR = timedelta(minutes=30)
"""The plan is made for this long, and anew when the handbook changes: it is some 20 ms of work for each rotation."""
MADE_UP_FOR = timedelta(hours=12)
"""After a longer stop the notices of that time are old news."""
GAPS_WITHIN = timedelta(days=3)


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
        orders = [order for one in due for order in self._notice(handbook, one, now)]
        return (*orders, *(order for gap in self._gaps for order in self._gap(handbook, gap, now)))

    def _notice(self, handbook: Handbook, one: Notice, now: datetime) -> tuple[Order, ...]:
        """The order of a notice; its id says which duty it is about, so that it is told once."""
        times = {name: time_of(handbook, one.who, at, now) for name, at in (("since", one.start), ("until", one.end))}
        values = {"list": one.rotation, "next": names(handbook, one.others), **times}
        key = f"duty.{one.rotation}.{one.start:%Y%m%dT%H%M}"
        return trouble(handbook, one.about, key, values, by_text(handbook, self._ways, one.who)[:1], now, urgency=URGENCY)

    def _gap(self, handbook: Handbook, gap: Gap, now: datetime) -> tuple[Order, ...]:
        """The alarm of a gap, once for each that is the next one."""
        times = {name: f"{clock_text(at, handbook.timezone, now)}" for name, at in (("since", gap.start), ("until", gap.end))}
        key = f"gap.{gap.rotation}.{gap.start:%Y%m%dT%H%M}"
        return trouble(handbook, "gap_ahead", key, {"list": gap.rotation, **times}, admins(handbook, self._ways, now), now, urgency=URGENCY)

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


def is_true(one: Notice, now: datetime) -> bool:
    """Whether a notice that is late still says the truth."""
    return one.start > now if one.about in {"duty_tomorrow", "duty_soon"} else one.about == "duty_over" or one.end > now
