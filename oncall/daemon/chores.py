"""Small regular work: the clock's high-water mark each second, the log's anchor each minute."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from oncall.engine import Clock
from oncall.store import Lane, Store, StoreUnavailable
from oncall.store import clock as marks
from oncall.store import log as story

log = structlog.get_logger(__name__)

MARK_EVERY_S = 1.0
ANCHOR_EVERY_S = 60.0


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Due `seconds` after now: unlike APScheduler's own interval it never makes up for a jump of the clock (stack.md 4)."""

    def __init__(self, seconds: float) -> None:
        self._step = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next time: at once for the first."""
        return now + self._step if previous_fire_time else now


class Chores:
    """Runs the chores. `failed` is told when the store says that this process must end."""

    def __init__(self, store: Store, clock: Clock, failed: Callable[[str], None]) -> None:
        self._store = store
        self._clock = clock
        self._failed = failed
        self.last_write: datetime | None = None
        """When the store was last written by a chore: shows that it can be, also when nothing happens."""
        # A late job runs late instead of never, and never twice at a time.
        self._scheduler = AsyncIOScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}, timezone="UTC")

    def start(self) -> None:
        """Begins."""
        self._scheduler.add_job(self.advance_mark, Every(MARK_EVERY_S))
        self._scheduler.add_job(self.anchor, Every(ANCHOR_EVERY_S))
        self._scheduler.start()

    def add(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        """Adds a chore of another part."""
        self._scheduler.add_job(work, Every(every_s))

    def stop(self) -> None:
        """Starts nothing any more."""
        self._scheduler.shutdown(wait=False)

    async def advance_mark(self) -> None:
        """Writes how far the clock has come, so that it never falls behind that, whatever happens to the machine's."""
        now = self._clock.now()
        try:
            await self._store.tx(lambda conn: marks.advance(conn, now), lane=Lane.SECOND)
            self.last_write = now
        except StoreUnavailable as error:
            log.error("the clock's mark could not be written", reason=str(error))
        if self._store.failed:
            self._failed(self._store.failed)

    async def anchor(self) -> None:
        """Writes a hash over all chains of the log, so that a cut end is seen."""
        now = self._clock.now()
        try:
            await self._store.tx(lambda conn: story.anchor(conn, now), lane=Lane.SECOND)
        except StoreUnavailable as error:
            log.error("the log could not be anchored", reason=str(error))
