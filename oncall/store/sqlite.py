"""SQLite: one file, one connection; the loop runs many units of work in one transaction, each in a savepoint, and a thread waits for the disk."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, RootTransaction, text
from sqlalchemy.exc import DBAPIError

from oncall.store.opening import BUSY_TIMEOUT_MS, connect, identity, lock, path_of, prepare
from oncall.store.statement import Statement
from oncall.store.store import Lane, StoreUnavailable

T = TypeVar("T")

SAVEPOINT, ROLLBACK, RELEASE = (Statement(text(words)) for words in ("SAVEPOINT unit", "ROLLBACK TO unit", "RELEASE unit"))

GROUP_S = 0.01
"""So long a transaction goes on taking what waits, before it is committed with one fdatasync for all: the loop does nothing else meanwhile."""
FATAL = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
"""After these nothing more is written by this process: a retry after a failed fsync would believe what is not on disk."""


@dataclass(slots=True)
class Job:
    """A unit of work that waits for its commit."""

    unit: Callable[[Connection], Any]
    future: asyncio.Future[Any]


@dataclass(slots=True)
class Group:
    """Units of work that share a transaction, with how each ended: (result, None) or (None, its own error)."""

    loop: asyncio.AbstractEventLoop
    transaction: RootTransaction | None = None
    jobs: list[Job] = field(default_factory=list)
    scrubs: list[asyncio.Future[bool]] = field(default_factory=list)
    """Who waits for the write-ahead log to be emptied; a group with such is no transaction. `is_scrubbed`: it is empty."""
    is_scrubbed: bool = False
    ends: list[tuple[Any, BaseException | None]] = field(default_factory=list)


class SqliteStore:
    """The store in one SQLite file. Only this process opens it; other programs ask the daemon. All callers share one event loop.

    Units run in the loop, which has the interpreter anyway; two threads that both want it would hand it to and fro at every statement.
    Only the commit, which waits for the disk, is the thread's. The connection is always with one of the two, never with both.
    """

    def __init__(self, path: Path, conn: Connection, lock_fd: int) -> None:
        self.failed = ""
        self._path = path
        self._conn = conn
        self._lock_fd = lock_fd
        self._identity = identity(path)
        self._lanes: dict[Lane, deque[Job]] = {lane: deque() for lane in Lane}
        self._scrubs: list[asyncio.Future[bool]] = []
        self._again: deque[Job] = deque()
        """Units of a group that could not be committed; each is tried once more alone."""
        self._at_work = False
        self._closing = False
        self._commits: SimpleQueue[Group | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._commit_all, name="store", daemon=True)
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
        """Runs `unit` in the next transaction; see Store."""
        if self._closing or self.failed:
            raise StoreUnavailable(self.failed or "the store is closed")
        return await self._queued(unit, lane)

    async def _queued(self, unit: Callable[[Connection], T], lane: Lane) -> T:
        """Puts `unit` into its lane and waits for its commit."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._lanes[lane].append(Job(unit=unit, future=future))
        self._set_to_work(loop)
        return await future

    def _set_to_work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Something waits."""
        if not self._at_work:
            self._at_work = True
            # Not at once: whoever else has something in this turn of the loop shares the commit.
            loop.call_soon(self._work, loop)

    async def scrub(self) -> bool:
        """Writes the write-ahead log into the file and empties it: until then it has what rows said before they were emptied.

        In the file itself SQLite overwrites what is deleted (secure_delete, see opening.py).
        """
        if self._closing or self.failed:
            raise StoreUnavailable(self.failed or "the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        self._scrubs.append(future)
        self._set_to_work(loop)
        return await future

    async def close(self) -> None:
        """Finishes the queued units of work, then lets the file and its lock go; a second time changes nothing."""
        if self._closing:
            return
        self._closing = True
        # The last of the last lane: when it is through, everything is.
        await asyncio.gather(self._queued(lambda _: None, max(Lane)), return_exceptions=True)
        self._commits.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._conn.close()
        self._conn.engine.dispose()
        os.close(self._lock_fd)

    # In the loop

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs a group and gives it to the thread; until that has committed it, nothing else is begun."""
        if not self.failed and identity(self._path) != self._identity:
            self.failed = f"{self._path} was deleted or replaced while we had it open; put it back or restore a backup, then start again"
        alone, first = bool(self._again), self._next()
        if first is None and self._scrubs:
            self._commits.put(Group(loop=loop, scrubs=self._scrubs))
            self._scrubs = []
            return
        if first is None:
            self._at_work = False
            return
        group = Group(loop=loop)
        try:
            self._run(group, first, alone)
        except Exception as error:  # noqa: BLE001 -- a unit's own is caught by its savepoint, so this is the store's
            self._spoiled(group, error)
        else:
            self._commits.put(group)

    def _run(self, group: Group, first: Job, alone: bool) -> None:
        """Runs `first` in a new transaction, and unless it is to be alone whatever waits as well, for GROUP_S."""
        until = time.perf_counter() + GROUP_S
        job: Job | None = first
        while job is not None:
            group.jobs.append(job)
            if self.failed:
                raise StoreUnavailable(self.failed)
            if group.transaction is None:
                group.transaction = self._conn.begin()
            group.ends.append(self._in_savepoint(job))
            job = None if alone or time.perf_counter() >= until else self._next()

    def _next(self) -> Job | None:
        """What is done next: all of the first lane goes before any of the second."""
        return next((queue.popleft() for queue in (self._again, *self._lanes.values()) if queue), None)

    def _in_savepoint(self, job: Job) -> tuple[Any, BaseException | None]:
        """Runs one job so that its failure harms nobody else; an error that ended the whole transaction goes on up."""
        SAVEPOINT.run(self._conn)
        end: tuple[Any, BaseException | None]
        try:
            end = job.unit(self._conn), None
        except BaseException as error:
            if not in_transaction(self._conn) or (isinstance(error, DBAPIError) and unwritable(error)):
                raise
            ROLLBACK.run(self._conn)
            end = None, error
        RELEASE.run(self._conn)
        return end

    def _committed(self, group: Group, error: Exception | None) -> None:
        """The thread is done with a group: every caller gets its answer, and what came meanwhile is next."""
        for one in group.scrubs:
            if not one.done():
                one.set_result(group.is_scrubbed)
        if error is not None and group.jobs:
            self._spoiled(group, error)
            return
        for job, (result, own) in zip(group.jobs, group.ends, strict=True):
            answer(job, result, own)
        self._work(group.loop)

    def _spoiled(self, group: Group, error: Exception) -> None:
        """A group could not be written: each of its units is tried once more alone, and refused if that was what it was."""
        self._conn.rollback()
        if isinstance(error, DBAPIError) and getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in FATAL:
            self.failed = f"{self._path}: {error.orig}; the disk or the file is damaged, nothing more is written before a restart"
        if len(group.jobs) > 1:
            self._again.extend(group.jobs)
        else:
            reason = self.failed or f"{self._path} cannot be written: {getattr(error, 'orig', error)}"
            answer(group.jobs[0], None, StoreUnavailable(reason))
        group.loop.call_soon(self._work, group.loop)

    # In the thread

    def _commit_all(self) -> None:
        """Commits group after group until the store is closed."""
        while (group := self._commits.get()) is not None:
            error: Exception | None = None
            try:
                if group.scrubs:
                    group.is_scrubbed = emptied_log(self._conn)
                else:
                    assert group.transaction is not None, "a group without a transaction"
                    group.transaction.commit()
            except Exception as failure:  # noqa: BLE001 -- whatever it was, the units were not confirmed
                error = failure
            with suppress(RuntimeError):
                # The loop is gone with everybody who waited in it.
                group.loop.call_soon_threadsafe(self._committed, group, error)


def answer(job: Job, result: Any, error: BaseException | None) -> None:
    """Tells the caller, if they still wait."""
    if job.future.done():
        return
    if error is not None:
        job.future.set_exception(error)
    else:
        job.future.set_result(result)


def emptied_log(conn: Connection) -> bool:
    """Empties the write-ahead log; False if somebody else reads the file. Outside of any transaction."""
    raw = conn.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    try:
        # Whoever else reads is not waited for: the next page is.
        raw.execute("PRAGMA busy_timeout=0")
        return bool(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def in_transaction(conn: Connection) -> bool:
    """Whether SQLite still has the transaction; a full disk ends it by itself."""
    raw = conn.connection.driver_connection
    return isinstance(raw, sqlite3.Connection) and raw.in_transaction


def unwritable(error: DBAPIError) -> bool:
    """Whether an error is the store's and not the unit's own."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, *FATAL}
