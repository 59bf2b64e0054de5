"""Makes reports: gathers what the log has of each case, in slices between which pages go out, and works the figures out in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from oncall.core.metrics.burden import FAIR_OVER
from oncall.core.metrics.cases import Case
from oncall.core.metrics.feedback import Said, said
from oncall.core.metrics.gathering import Gathering
from oncall.core.metrics.periods import Period, before
from oncall.core.metrics.report import PolicyChange, Report, report
from oncall.core.metrics.words import Around
from oncall.core.model import Handbook
from oncall.core.notices import gaps_ahead
from oncall.engine.outcome import Clock
from oncall.store import Lane, Store, StoreUnavailable, asks, cases, handbooks, incidents, reviews, surveys

log = structlog.get_logger(__name__)

T = TypeVar("T")

GAPS_WITHIN = timedelta(days=14)
LABELS_AT_ONCE = 50
"""Incidents whose customers are looked up in one unit of work."""


class Reporting:
    """The part of the daemon that measures. Nothing that is decided or sent waits for it."""

    def __init__(self, store: Store, clock: Clock, handbook: Callable[[], Handbook]) -> None:
        self._store = store
        self._clock = clock
        self._handbook = handbook
        self._gathering = asyncio.Lock()

    async def keep_up(self) -> None:
        """The chore: gathers what has moved, so that a report need not; a store that cannot be used is tried again at the next time."""
        try:
            await self.catch_up()
        except StoreUnavailable as error:
            log.error("cases could not be gathered from the log", reason=str(error))

    async def catch_up(self) -> None:
        """Brings every case up to its log as it is now. What is done stays done, also if whoever waits for it gives up."""
        async with self._gathering:
            while todo := await self._tx(cases.stale):
                await self._gather(todo)
                if len(todo) < cases.SLICE:
                    return

    async def _gather(self, todo: Sequence[tuple[str, int]]) -> None:
        """Goes through the logs of these incidents, given with their turns, and keeps a case of each."""
        turns, left = dict(todo), [incident for incident, _ in todo]
        behind = 0
        half: Half | None = None
        while left:
            found = await self._tx(reader(left, behind))
            assert found[0].is_complete or found[0].last > behind, f"the log of incident {left[0]} does not go on behind line {behind}"
            done, half = await asyncio.to_thread(gathered, found, half)
            await self._tx(keeper(done, turns))
            behind = found[-1].last if half is not None else 0
            left = left[len(done) :]

    async def report(self, period: Period) -> Report:
        """The report of a period as it stands now. StoreUnavailable."""
        await self.catch_up()
        handbook, now = self._handbook(), self._clock.now()
        known = await self._known(min(period.start, min(period.end, now) - FAIR_OVER), period.end)
        changes, feedback = await self._changes(period), await self._tx(lambda conn: said_of(conn, period))
        return await asyncio.to_thread(report, handbook, known, period, changes, now, feedback)

    async def around(self, made: Report) -> Around:
        """What a digest says beside its report. StoreUnavailable."""
        handbook, now = self._handbook(), self._clock.now()
        earlier = await self.report(before(made.period, handbook.timezone))
        gaps = await asyncio.to_thread(gaps_ahead, handbook, now, now + GAPS_WITHIN)
        return Around(earlier=earlier, customers=await self.customers(made), gaps=gaps)

    async def customers(self, made: Report) -> dict[str, str]:
        """How texts call the incidents of a report's misses. They stand in the incidents alone, where they can be forgotten. StoreUnavailable."""
        found: dict[str, str] = {}
        names = [one.case.incident for one in made.misses]
        for start in range(0, len(names), LABELS_AT_ONCE):
            found |= await self._tx(labeller(names[start : start + LABELS_AT_ONCE]))
        return found

    async def _known(self, start: datetime, end: datetime) -> list[Case]:
        """The cases of which something happened in [start, end)."""
        found: list[Case] = []
        behind = ""
        while rows := await self._tx(lister(start, end, behind)):
            behind = rows[-1][0]
            found += await asyncio.to_thread(lambda bodies: [cases.case_of(one) for one in bodies], [body for _, body in rows])
        return found

    async def _changes(self, period: Period) -> list[PolicyChange]:
        """The versions of the handbook that came into force in a period, with the files that changed."""
        versions = await self._tx(handbooks.versions)
        found = []
        for (earlier, _), (version, at) in pairwise(versions):
            if period.start <= at < period.end:
                old, new = await self._tx(files_of(earlier)), await self._tx(files_of(version))
                changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
                found.append(PolicyChange(at=at, version=version, files=tuple(changed)))
        return found

    async def _tx(self, unit: Callable[[Connection], T]) -> T:
        """A unit of work behind everything that pages."""
        return await self._store.tx(unit, lane=Lane.SECOND)


Done = list[tuple[str, int, Case | None]]
"""Cases that are gathered: (incident, time of its last line, case)."""
Half = tuple[Gathering, int]
"""One whose log goes on, and the time of its last line so far."""


def gathered(found: Sequence[cases.Written], half: Half | None) -> tuple[Done, Half | None]:
    """The cases whose logs are complete, and the one that is not. `half`: the beginning of the first one."""
    done: Done = []
    for one in found:
        gathering, last_at = half or (Gathering(one.incident), 0)
        gathering.add(one.lines())
        last_at = one.rows[-1][0] if one.rows else last_at
        half = None if one.is_complete else (gathering, last_at)
        if one.is_complete:
            done.append((one.incident, last_at, gathering.case()))
    return done, half


def reader(incidents_left: Sequence[str], behind: int) -> Callable[[Connection], list[cases.Written]]:
    """The unit of work that reads the next lines."""
    return lambda conn: cases.written(conn, incidents_left, behind)


def keeper(done: Done, turns: dict[str, int]) -> Callable[[Connection], None]:
    """The unit of work that keeps cases."""

    def unit(conn: Connection) -> None:
        for incident, last_at, case in done:
            cases.keep(conn, incident, turns[incident], last_at, case)

    return unit


def lister(start: datetime, end: datetime, behind: str) -> Callable[[Connection], list[tuple[str, str]]]:
    """The unit of work that lists the next cases."""
    return lambda conn: cases.between(conn, start, end, behind)


def said_of(conn: Connection, period: Period) -> Said:
    """What was said of the cases and the pages of a period."""
    start, end = period.start, period.end
    return said(surveys.about_cases(conn, start, end), asks.about_waking(conn, start, end), reviews.about_cases(conn, start, end))


def files_of(version: str) -> Callable[[Connection], dict[str, str]]:
    """The unit of work that gives a version's files."""
    return lambda conn: handbooks.files_of(conn, version)


def labeller(names: Sequence[str]) -> Callable[[Connection], dict[str, str]]:
    """The unit of work that says how texts call these incidents; who gave no name is called by nothing."""

    def unit(conn: Connection) -> dict[str, str]:
        found = ((name, incidents.load(conn, name)) for name in names)
        return {name: one.customer or one.contact.name for name, one in found if one is not None}

    return unit
