"""Forgets by itself what is older than it is to be kept: once a day, in slices, never anything of a case that is not over (I35)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from oncall.core.escalation.forgetting import RETENTION
from oncall.engine.forgetting import ForgetRefused, Forgetting
from oncall.engine.outcome import Clock
from oncall.store import Lane, Store, StoreUnavailable, chores, forgetting

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)


class Retention:
    """The chore; `look` is called each minute and works once a day. What breaks off is begun again, and finds what is left."""

    def __init__(self, store: Store, clock: Clock, forgetting_: Forgetting, *, keep_cases: timedelta, keep_raw: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._forgetting = forgetting_
        self._keep_cases = keep_cases
        self._keep_raw = keep_raw

    async def look(self) -> None:
        """Forgets what is too old if a day has passed since it was done; a store that cannot be used is tried again in a minute."""
        now = self._clock.now()
        try:
            done = await self._store.tx(lambda conn: chores.done_until(conn, RETENTION), lane=Lane.SECOND)
            if done is None or now - done >= EVERY:
                await self._forget(now)
                await self._store.tx(lambda conn: chores.done(conn, RETENTION, now), lane=Lane.SECOND)
        except StoreUnavailable as error:
            log.error("what is too old could not be forgotten", reason=str(error))

    async def _forget(self, now: datetime) -> None:
        """Takes the words out of everything that is too old at `now`."""
        async with self._forgetting.one_at_a_time:
            raw = now - self._keep_raw
            bodies = await self._emptied(lambda conn: forgetting.empty_bodies(conn, forgetting.old_bodies(conn, raw)))
            messages = await self._emptied(lambda conn: forgetting.empty_messages(conn, forgetting.old_messages(conn, raw)))
            cases = 0
            behind = 0
            while rows := await self._store.tx(finder(now - self._keep_cases, behind), lane=Lane.SECOND):
                behind = rows[-1].number
                cases += await self._cases([row.id for row in rows if row.fresh])
        if bodies or messages or cases:
            await self._store.scrub()
            log.info("what was too old is forgotten", cases=cases, bodies=bodies, messages=messages)

    async def _emptied(self, unit: Callable[[Connection], int]) -> int:
        """How many rows were emptied, slice after slice."""
        found = 0
        while done := await self._store.tx(unit, lane=Lane.SECOND):
            found += done
        return found

    async def _cases(self, names: Sequence[str]) -> int:
        """Forgets cases one by one; one of which a message is still being sent waits for tomorrow."""
        done = 0
        for name in names:
            try:
                await self._forgetting.forget_case(name, RETENTION, "chore")
                done += 1
            except ForgetRefused as refused:
                log.warning("a case that is too old could not be forgotten today", incident=name, reason=str(refused))
        return done


def finder(before: datetime, behind: int) -> Callable[[Connection], list[Any]]:
    """The unit of work that finds the next cases that are too old."""
    return lambda conn: forgetting.too_old(conn, before, behind)
