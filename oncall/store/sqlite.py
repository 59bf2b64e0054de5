"""SQLite: one file, one connection, one writer thread; many units of work in one commit, each in a savepoint of its own."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from oncall.store.opening import connect, identity, lock, path_of, prepare
from oncall.store.statement import Statement
from oncall.store.store import Lane, StoreUnavailable

T = TypeVar("T")

SAVEPOINT, ROLLBACK, RELEASE = (Statement(text(words)) for words in ("SAVEPOINT unit", "ROLLBACK TO unit", "RELEASE unit"))

UNITS_PER_COMMIT = 256
"""So many units of work share one commit at the most: one fdatasync for all of them (stack.md 3)."""
REPORTS_PER_COMMIT = 8
"""A commit takes no more of the second lane once it has so many units: what is first must not wait for a storm that came in a moment before.
More would save little, for eight already share the sync to disk, which takes less time than one of them."""
SWITCH_S = 0.0005
"""How long a thread may keep the interpreter from the other; Python's 5 ms would be added to a page at each hand-over between loop and writer."""
FATAL = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
"""After these nothing more is written by this process: a retry after a failed fsync would believe what is not on disk."""


@dataclass(slots=True)
class Job:
    """A unit of work that waits for its commit."""

    unit: Callable[[Connection], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class Done:
    """How a unit of work ended."""

    result: Any = None
    error: BaseException | None = None


class SqliteStore:
    """The store in one SQLite file. Only this process opens it; other programs ask the daemon."""

    def __init__(self, path: Path, conn: Connection, lock_fd: int) -> None:
        self.failed = ""
        self._path = path
        self._conn = conn
        self._lock_fd = lock_fd
        self._identity = identity(path)
        self._lanes: dict[Lane, deque[Job]] = {lane: deque() for lane in Lane}
        self._wanted = threading.Condition()
        self._closing = False
        sys.setswitchinterval(SWITCH_S)
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, address: str) -> SqliteStore:
        """Opens or makes the file of `sqlite:///path`. StoreRefused: and the file is left as it is."""
        path = path_of(address)
        lock_fd = lock(path)
        try:
            return cls(path, prepare(path, connect(path)), lock_fd)
        except BaseException:
            os.close(lock_fd)
            raise

    async def tx(self, unit: Callable[[Connection], T], *, lane: Lane = Lane.FIRST) -> T:
        """Runs `unit` in the writer's next commit; see Store."""
        if self._closing or self.failed:
            raise StoreUnavailable(self.failed or "the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._wanted:
            self._lanes[lane].append(Job(unit=unit, future=future, loop=loop))
            self._wanted.notify()
        return await future

    async def close(self) -> None:
        """Finishes the queued units of work, then lets the file and its lock go."""
        with self._wanted:
            self._closing = True
            self._wanted.notify()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    # The writer thread

    def _run(self) -> None:
        """Commits group after group until the store is closed."""
        while jobs := self._next_group():
            self._answer(jobs, self._commit(jobs))
        self._conn.close()
        self._conn.engine.dispose()
        os.close(self._lock_fd)

    def _next_group(self) -> list[Job]:
        """Waits for work; all of the first lane goes before any of the second. Empty: the store is closing and nothing is left."""
        with self._wanted:
            while not any(self._lanes.values()) and not self._closing:
                self._wanted.wait()
            jobs: list[Job] = []
            for lane in Lane:
                waiting = self._lanes[lane]
                most = UNITS_PER_COMMIT if lane is Lane.FIRST else REPORTS_PER_COMMIT
                while waiting and len(jobs) < most:
                    jobs.append(waiting.popleft())
            return jobs

    def _commit(self, jobs: list[Job]) -> list[Done]:
        """Runs the jobs in one transaction; if it cannot be committed, each once more alone."""
        if not self.failed and identity(self._path) != self._identity:
            self.failed = f"{self._path} was deleted or replaced while we had it open; put it back or restore a backup, then start again"
        if self.failed:
            return [Done(error=StoreUnavailable(self.failed)) for _ in jobs]
        try:
            with self._conn.begin():
                return [self._in_savepoint(job) for job in jobs]
        except DBAPIError as error:
            self._note_fatal(error)
        return [self._alone(job) for job in jobs]

    def _in_savepoint(self, job: Job) -> Done:
        """Runs one job so that its failure harms nobody else; an error that ended the whole transaction goes on up."""
        SAVEPOINT.run(self._conn)
        try:
            done = Done(result=job.unit(self._conn))
        except BaseException as error:
            if not in_transaction(self._conn) or (isinstance(error, DBAPIError) and unwritable(error)):
                raise
            ROLLBACK.run(self._conn)
            done = Done(error=error)
        RELEASE.run(self._conn)
        return done

    def _alone(self, job: Job) -> Done:
        """Runs one job in a transaction of its own."""
        if self.failed:
            return Done(error=StoreUnavailable(self.failed))
        try:
            with self._conn.begin():
                return self._in_savepoint(job)
        except DBAPIError as error:
            self._note_fatal(error)
            return Done(error=StoreUnavailable(f"{self._path} cannot be written: {error.orig}"))
        except Exception as error:  # noqa: BLE001 -- a caller's own failure is the caller's to see
            return Done(error=error)

    def _note_fatal(self, error: DBAPIError) -> None:
        """After some errors this process must not go on writing."""
        code = getattr(error.orig, "sqlite_errorcode", 0)
        if code & 0xFF in FATAL:
            self.failed = f"{self._path}: {error.orig}; the disk or the file is damaged, nothing more is written before a restart"

    def _answer(self, jobs: list[Job], answers: list[Done]) -> None:
        """Gives each caller its answer, in the loop it waits in, now that the commit is through."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Job, Done]]] = {}
        for job, done in zip(jobs, answers, strict=True):
            by_loop.setdefault(job.loop, []).append((job, done))
        for loop, pairs in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(resolve, pairs)


def resolve(pairs: list[tuple[Job, Done]]) -> None:
    """Sets the futures of callers who still wait."""
    for job, done in pairs:
        if job.future.done():
            continue
        if done.error is not None:
            job.future.set_exception(done.error)
        else:
            job.future.set_result(done.result)


def in_transaction(conn: Connection) -> bool:
    """Whether SQLite still has the transaction; a full disk ends it by itself."""
    raw = conn.connection.driver_connection
    return isinstance(raw, sqlite3.Connection) and raw.in_transaction


def unwritable(error: DBAPIError) -> bool:
    """Whether an error is the store's and not the unit's own."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, *FATAL}
