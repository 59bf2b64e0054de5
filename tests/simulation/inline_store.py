"""The store without its thread: the same units on the same SQLite, run in line; it can be full, and it hands the log on as it grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from oncall.core.messages import LogEntry
from oncall.store import Lane, StoreUnavailable, log
from oncall.store.opening import connect, prepare

T = TypeVar("T")


class InlineStore:
    """A store in memory.

    `full` makes every commit fail, `hiccup` the one it is asked about; `committed` is called with each new line of the log after its
    commit. `crash_point` is called between the work and its commit, which undoes it, and behind the commit.
    """

    def __init__(self, committed: Callable[[LogEntry], None], crash_point: Callable[[str], None]) -> None:
        self.failed = ""
        self.full = False
        self.hiccup: Callable[[], bool] = lambda: False
        self._committed = committed
        self._crash_point = crash_point
        self._conn = prepare(":memory:", connect(":memory:"))
        self._last_row = 0

    async def tx(self, unit: Callable[[Connection], T], *, lane: Lane = Lane.FIRST) -> T:
        """Runs `unit` in a transaction; a full disk is noticed at the commit, so the work is really undone."""
        with self._conn.begin() as transaction:
            result = unit(self._conn)
            self._crash_point("store: before commit")
            if self.full or self.hiccup():
                transaction.rollback()
                raise StoreUnavailable("database or disk is full")
            fresh = self._fresh()
        for entry in fresh:
            self._committed(entry)
        self._crash_point("store: after commit")
        return result

    def _fresh(self) -> list[LogEntry]:
        """The lines that this transaction added, in the order in which they were written."""
        rows = self._conn.exec_driver_sql("SELECT rowid, kind, entry FROM log WHERE rowid > ? ORDER BY rowid", (self._last_row,)).all()
        if rows:
            self._last_row = rows[-1].rowid
        return [log.entry_of(row.kind, row.entry) for row in rows]

    async def scrub(self) -> bool:
        """There are no files."""
        return True

    def look(self, unit: Callable[[Connection], T]) -> T:
        """Reads something, outside of the simulated world."""
        with self._conn.begin():
            return unit(self._conn)

    async def close(self) -> None:
        """Lets the memory go."""
        self._conn.close()
        self._conn.engine.dispose()
