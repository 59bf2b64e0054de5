"""Takes changes of who is on call: refused with the reason, or kept, in force at once, and told to both sides and the admins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from oncall.core.differences import Difference, differences
from oncall.core.localtime import instant_of
from oncall.core.messages import Order
from oncall.core.model import Handbook
from oncall.core.overrides import Override, gained, lost, moves, objections
from oncall.core.rota import Change
from oncall.engine.alarms import URGENCY, admins, by_text, names, time_of, trouble
from oncall.engine.duty import Orders
from oncall.engine.outcome import Clock
from oncall.store import overrides

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=70)
"""Changes that are over stay part of the schedule for so long: a turn may have begun two months ago."""


def nothing(_conn: Connection) -> tuple[Order, ...]:
    """Nothing belongs to a change but what it makes different."""
    return ()


class ChangeRefused(Exception):
    """A change that is not taken. `reasons` in words; `may_insist`: whoever knows better may take it all the same."""

    def __init__(self, reasons: tuple[str, ...], *, may_insist: bool) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons
        self.may_insist = may_insist


class Book(Protocol):
    """What holds the handbook in force."""

    @property
    def handbook(self) -> Handbook:
        """The handbook with the changes that were taken."""

    def use_overrides(self, taken: Iterable[Override]) -> None:
        """From now on these changes are in force beside the files."""


class Changing:
    """The one way in for changes, whatever door they come by. `ways` are the channels that are on."""

    def __init__(self, engine: Orders, clock: Clock, book: Book, ways: frozenset[str]) -> None:
        self._engine = engine
        self._clock = clock
        self._book = book
        self._ways = ways
        self._one_at_a_time = asyncio.Lock()

    async def take(
        self, change: Change, by: str, *, insist: bool = False, beside: Callable[[Connection], tuple[Order, ...]] = nothing
    ) -> tuple[int, tuple[Difference, ...]]:
        """Takes a change (times naive UTC) for `by`; its number and what it makes different. ChangeRefused, StoreUnavailable.

        `beside` writes and orders what belongs to it in the same transaction; what it raises undoes all of it, and is raised here.
        """
        async with self._one_at_a_time:
            handbook, now = self._book.handbook, self._clock.now()
            found = await asyncio.to_thread(moves, handbook, change, now)
            if not found:
                raise ChangeRefused((f"it makes no difference to who is on call for '{change.rotation}'",), may_insist=False)
            against = await asyncio.to_thread(objections, handbook, change, found)
            if against and not insist:
                raise ChangeRefused(against, may_insist=True)
            number = await self._keep(lambda conn: overrides.add(conn, change, by, now), handbook, change, found, by, now, beside)
            log.warning("a change was taken", number=number, rotation=change.rotation, by=by, why=change.why, against=against)
            return number, found

    async def end(self, number: int, by: str) -> tuple[Difference, ...]:
        """Ends a change that was taken; what that makes different. ChangeRefused: there is none of this number, or it is over."""
        async with self._one_at_a_time:
            handbook, now = self._book.handbook, self._clock.now()
            mine = next((one for one in handbook.changes if one.place.file.startswith(f"change {number} ")), None)
            if mine is None or instant_of(mine.end, mine.timezone) <= now:
                raise ChangeRefused((f"there is no change {number} that could be ended",), may_insist=False)
            rest = replace(handbook, changes=tuple(one for one in handbook.changes if one is not mine))
            start, end = max(now, instant_of(mine.start, mine.timezone)), instant_of(mine.end, mine.timezone)
            all_found = await asyncio.to_thread(differences, handbook, rest, start, end)
            found = tuple(one for one in all_found if one.rotation == mine.rotation)
            await self._keep(lambda conn: number if overrides.end(conn, number, now) else 0, handbook, mine, found, by, now)
            log.warning("a change was ended", number=number, rotation=mine.rotation, by=by)
            return found

    async def _keep(
        self, write: Callable[[Connection], int], handbook: Handbook, change: Change, found: tuple[Difference, ...], by: str, now: datetime,
        beside: Callable[[Connection], tuple[Order, ...]] = nothing,
    ) -> int:  # fmt: skip
        """One transaction: the row and what is told; then it is in force, before anything else is decided."""
        number, taken = 0, tuple[Override, ...]()

        def unit(conn: Connection) -> tuple[Order, ...]:
            nonlocal number, taken
            number = write(conn)
            taken = overrides.since(conn, now - KEPT_FOR)
            return (*self._told(handbook, change, found, by, f"change.{number}.{now:%Y%m%dT%H%M%S}", now), *beside(conn))

        await self._engine.order(unit)
        self._book.use_overrides(taken)
        return number

    def _told(self, handbook: Handbook, change: Change, found: tuple[Difference, ...], by: str, key: str, now: datetime) -> tuple[Order, ...]:
        """Both sides, and the admins."""
        orders: list[Order] = []
        actor, why = names(handbook, (by,)) or by, change.why
        for about, people, others in (("change_yours", gained(found), lost(found)), ("change_gone", lost(found), gained(found))):
            for who, (start, end) in people.items():
                times = {"since": time_of(handbook, who, start, now), "until": time_of(handbook, who, end, now)}
                values = {"by": actor, "list": change.rotation, "next": names(handbook, tuple(others)), "reason": why, **times}
                orders += trouble(handbook, about, key, values, by_text(handbook, self._ways, who)[:1], now, urgency=URGENCY)
        for to in admins(handbook, self._ways, now):
            if found and to.who != by and to.who not in {*gained(found), *lost(found)}:
                times = {"since": time_of(handbook, to.who, found[0].start, now), "until": time_of(handbook, to.who, found[-1].end, now)}
                sides = {"next": names(handbook, tuple(gained(found))) or "nobody", "holder": names(handbook, tuple(lost(found))) or "nobody"}
                orders += trouble(handbook, "change_made", key, {"by": actor, "list": change.rotation, **sides, **times}, (to,), now, urgency=URGENCY)
        return tuple(orders)
