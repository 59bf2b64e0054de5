"""The handbook that is in force: read, checked and swapped whole; a bad edit changes nothing but what the admins are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import structlog
from watchfiles import awatch

from oncall.core.model import Handbook
from oncall.core.overrides import Override, joined
from oncall.daemon.refusal import StartRefused
from oncall.engine.changing import KEPT_FOR
from oncall.handbook import Reading, parse, paths_under, read
from oncall.store import Lane, Store, StoreUnavailable, handbooks, overrides

log = structlog.get_logger(__name__)

SETTLE_S = 1.0
"""An edit that does not parse is looked at once more after this: editors write in several steps."""
STEP_MS = 500
"""How often the kernel's notices are asked for; it adds this much to an edit, and 20 ms instead of it would wake the machine all night."""
LOOK_EVERY_S = 5.0
"""The folders are looked at this often also without a notice of the kernel, which does not survive a removed folder."""


class InForce:
    """Holds the handbook in force. `problems` are those of the files as they are now, empty if they are what is in force."""

    def __init__(self, store: Store, config: Path, rotations: Path, now: Callable[[], datetime]) -> None:
        self._store = store
        self._config = config
        self._rotations = rotations
        self._now = now
        self._lock = asyncio.Lock()
        self._handbook: Handbook | None = None
        self._overrides: tuple[Override, ...] = ()
        self._joined: Handbook | None = None
        self._seen: tuple[tuple[str, int, int, int], ...] = ()
        self.problems: tuple[str, ...] = ()

    @property
    def handbook(self) -> Handbook:
        """The handbook in force, with the changes that were taken; there always is one after start()."""
        assert self._joined is not None, "start() was not called"
        return self._joined

    def use_overrides(self, taken: Iterable[Override]) -> None:
        """From now on these changes are in force beside the files, whatever version of those is."""
        self._overrides = tuple(taken)
        if self._handbook is not None:
            self._joined = joined(self._handbook, self._overrides)

    def _put_in_force(self, handbook: Handbook) -> None:
        """A version of the files, with the changes that were taken."""
        self._handbook = handbook
        self._joined = joined(handbook, self._overrides)

    async def start(self) -> None:
        """Reads the files; if they cannot be used, the version that was in force last. StartRefused: there is none either."""
        # Before they are read: an edit from now on is another file than the one in force.
        self._seen = await asyncio.to_thread(fingerprint, self._config, self._rotations)
        since = self._now() - KEPT_FOR
        self.use_overrides(await self._store.tx(lambda conn: overrides.since(conn, since)))
        reading = await self._read()
        if reading.handbook is not None:
            await self._use(reading, reading.handbook)
            return
        self._complain(reading)
        kept = await self._store.tx(handbooks.newest_good)
        last = await asyncio.to_thread(parse, kept[1]) if kept else None
        if last is None or last.handbook is None:
            raise StartRefused(
                "the handbook cannot be used, and no earlier version is known", hint="run: oncall check", problems=self.problems, code=2
            )
        self._put_in_force(last.handbook)
        log.error("the files cannot be used; the version that was in force last stays in force", version=last.handbook.version)

    async def reload(self, *, patient: bool = False) -> bool:
        """Reads the files again and swaps the handbook whole if they are good. `patient`: a second look before anybody is told."""
        async with self._lock:
            reading = await self._read()
            if reading.handbook is None and patient:
                await asyncio.sleep(SETTLE_S)
                reading = await self._read()
            if reading.handbook is None:
                self._complain(reading)
                return False
            changed = reading.handbook.version != self.handbook.version
            await self._use(reading, reading.handbook)
            if changed:
                log.info("a new version of the handbook is in force", version=reading.handbook.version)
            return True

    async def watch(self, changed: Callable[[], Awaitable[None]]) -> None:
        """Calls `changed` when the folders' files are others than at the start or the last call, for ever."""
        while True:
            async for _ in self._stirs():
                now = await asyncio.to_thread(fingerprint, self._config, self._rotations)
                if now != self._seen:
                    self._seen = now
                    await changed()

    async def _stirs(self) -> AsyncIterator[None]:
        """Yields when something may have changed in the folders, and every few seconds anyway; ends when a folder comes or goes."""
        folders = [folder for folder in (self._config, self._rotations) if folder.is_dir()]
        yield
        try:
            if folders:
                async for _ in awatch(*folders, debounce=2 * STEP_MS, step=STEP_MS, rust_timeout=int(LOOK_EVERY_S * 1000), yield_on_timeout=True):
                    yield
                    if folders != [folder for folder in (self._config, self._rotations) if folder.is_dir()]:
                        return
        except OSError as error:
            log.warning("the handbook's folders cannot be watched now", reason=str(error))
        await asyncio.sleep(SETTLE_S)

    async def _read(self) -> Reading:
        """Reads the folders outside the loop, which has pages to send meanwhile."""
        return await asyncio.to_thread(read, self._config, self._rotations)

    async def _use(self, reading: Reading, handbook: Handbook) -> None:
        """Puts a good version in force and keeps it; a store that cannot be written does not stop a correction."""
        self._put_in_force(handbook)
        self.problems = ()
        files, at = reading.files, self._now()
        try:
            await self._store.tx(lambda conn: handbooks.keep(conn, handbook.version, files, at), lane=Lane.SECOND)
        except StoreUnavailable as error:
            log.error("the new handbook is in force but could not be kept in the store", reason=str(error))

    def _complain(self, reading: Reading) -> None:
        """Logs every problem of the files."""
        self.problems = tuple(str(problem) for problem in reading.problems)
        for problem in self.problems:
            log.error("a problem in the handbook", problem=problem)

    def alarm_key(self) -> str:
        """What makes this set of problems the same trouble: told once a day at most, also over restarts."""
        words = "\n".join((self.handbook.version, f"{self._now():%Y%m%d}", *self.problems))
        return f"handbook.{sha256(words.encode()).hexdigest()[:20]}"


def fingerprint(*folders: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What changes when a file under the folders does: its path, inode, size and time."""
    found = []
    for folder in folders:
        for path in paths_under(folder):
            try:
                status = path.lstat()
            except OSError:
                continue
            found.append((str(path), status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)
