"""The spool folder: a file renamed into it is a report; once taken it goes to done/, if it is none to rejected/ with the reason."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import structlog
from watchfiles import awatch

from oncall.intake.api import LARGEST_BODY
from oncall.intake.api import read as read_json
from oncall.intake.report import NotNow, Received, Refused, Why

log = structlog.get_logger(__name__)

DONE, REJECTED = "done", "rejected"
SCAN_EVERY_S = 3.0
"""The folder is looked through at least this often, in case the kernel's notice was lost or the store was full."""
UNFINISHED = (".tmp", ".part")
"""Names of files that are still being written, beside those that begin with a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file as it was opened: its content, and what makes it this file and not a later one of the same name and content."""

    raw: bytes
    inode: int
    changed_ns: int

    def key(self, name: str) -> str:
        """The key under which the file is taken once, also if we crash before it is moved away."""
        return f"spool:{name}:{sha256(f'{self.inode}.{self.changed_ns}.'.encode() + self.raw).hexdigest()}"


def read(raw: bytes, *, at: datetime, seed: str, source: str) -> Received:
    """Reads a file's content, which has the same form as the body of POST /v1/emergencies."""
    return read_json(raw, at=at, seed=seed, source=source)


class Spool:
    """Watches one folder. `take(received, key)` stores a report and returns what was decided; NotNow leaves the file for later."""

    def __init__(self, folder: Path, take: Callable[[Received, str], Awaitable[str]], now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._take = take
        self._now = now
        self._broken: dict[str, tuple[int, int]] = {}
        self._stuck: set[str] = set()
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Takes what is there and what comes, until stop()."""
        while not self._stop.is_set():
            try:
                await asyncio.to_thread(make_folders, self._folder)
                await self.scan()
                step_ms = int(SCAN_EVERY_S * 1000)
                async for _ in awatch(
                    self._folder, recursive=False, debounce=100, step=20, rust_timeout=step_ms, yield_on_timeout=True, stop_event=self._stop
                ):
                    await self.scan()
            except OSError as error:
                log.error("the spool folder cannot be used", folder=str(self._folder), reason=error.strerror or str(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), SCAN_EVERY_S)

    def stop(self) -> None:
        """Ends run(); a file that is being taken is finished first."""
        self._stop.set()

    async def scan(self) -> None:
        """Takes every finished file, in the order of their names."""
        for name in await asyncio.to_thread(waiting, self._folder):
            if self._stop.is_set():
                return
            try:
                await self._one(name)
            except NotNow as error:
                log.warning("a report stays in the spool folder until it can be stored", file=name, reason=str(error))
                return

    async def _one(self, name: str) -> None:
        """Takes or rejects one file and moves it away."""
        path = self._folder / name
        try:
            found = await asyncio.to_thread(open_regular, path)
            if found is None:
                return
            received = read(found.raw, at=self._now(), seed=secrets.token_hex(16), source="spool")
        except Refused as refused:
            if refused.why is Why.NOT_READABLE and await asyncio.to_thread(self._still_growing, path):
                return
            await self._away(path, REJECTED, str(refused))
            log.warning("a file in the spool folder is no report", file=name, reason=refused.reason, fields=refused.fields)
            return
        decided = await self._take(received, found.key(name))
        await self._away(path, DONE, "")
        log.info("taken from the spool folder", file=name, decided=decided, remarks=list(received.remarks))

    def _still_growing(self, path: Path) -> bool:
        """Whether a file that cannot be read has changed since it was looked at last: someone may be writing it in place."""
        try:
            status = path.lstat()
        except OSError:
            return True
        before, now = self._broken.get(path.name), (status.st_size, status.st_mtime_ns)
        if not stat.S_ISREG(status.st_mode) or before == now:
            self._broken.pop(path.name, None)
            return False
        self._broken[path.name] = now
        return True

    async def _away(self, path: Path, folder: str, reason: str) -> None:
        """Moves a file; if that fails it is said once, and the file's key keeps it from being taken twice."""
        try:
            await asyncio.to_thread(move, path, self._folder / folder, reason)
            self._stuck.discard(path.name)
        except OSError as error:
            if path.name not in self._stuck:
                self._stuck.add(path.name)
                log.error("a file cannot be moved out of the spool folder", file=path.name, to=folder, reason=error.strerror or str(error))


def make_folders(folder: Path) -> None:
    """Makes the folder and its two drawers if they are missing."""
    for one in (folder, folder / DONE, folder / REJECTED):
        one.mkdir(parents=True, exist_ok=True)


def waiting(folder: Path) -> list[str]:
    """The names in the folder that are finished, sorted."""
    names = (entry.name for entry in os.scandir(folder) if entry.name not in {DONE, REJECTED})
    return sorted(name for name in names if not name.startswith(".") and not name.endswith(UNFINISHED))


def open_regular(path: Path) -> Found | None:
    """Reads a regular file, never through a link; None if it is gone. Refused for whatever else lies there, NotNow if we are short of something."""
    try:
        # A pipe without a writer would block the open; a link may point anywhere.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unopened(error) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused(Why.NOT_READABLE, "this is no regular file")
        raw = read_up_to(descriptor, LARGEST_BODY + 1)
    finally:
        os.close(descriptor)
    if len(raw) > LARGEST_BODY:
        raise Refused(Why.TOO_LARGE, f"the file is larger than {LARGEST_BODY // 1024} KiB")
    return Found(raw=raw, inode=status.st_ino, changed_ns=status.st_mtime_ns)


def unopened(error: OSError) -> Refused | NotNow:
    """What a failed open means for the file."""
    if error.errno == errno.ELOOP:
        return Refused(Why.NOT_READABLE, "a symbolic link is not followed")
    if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO}:
        return NotNow(f"the file cannot be opened now: {error.strerror}")
    return Refused(Why.NOT_READABLE, f"the file cannot be opened: {error.strerror}")


def read_up_to(descriptor: int, limit: int) -> bytes:
    """At most `limit` bytes from the start of an open file."""
    parts: list[bytes] = []
    while limit > 0 and (part := os.read(descriptor, limit)):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def move(path: Path, drawer: Path, reason: str) -> None:
    """Moves `path` into `drawer` under a free name, with a file beside it that says why if there is a reason."""
    drawer.mkdir(parents=True, exist_ok=True)
    names = (path.name, *(f"{path.stem}.{number}{path.suffix}" for number in range(2, 10_000)))
    target = next(drawer / name for name in names if not os.path.lexists(drawer / name))
    with suppress(FileNotFoundError):
        path.rename(target)
        if reason:
            target.with_name(f"{target.name}.reason.txt").write_text(reason + "\n", encoding="utf-8")
