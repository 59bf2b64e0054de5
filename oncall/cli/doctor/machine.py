"""Looks at this machine: Python and its packages, the clock, the disk."""

from __future__ import annotations

import asyncio
import ctypes
import importlib.util
import os
import platform
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path

from oncall.cli.doctor.look import Look, Patient, fine, in_thread, problem, unresolved, warning
from oncall.settings import state_directory, test_names

PACKAGES = (
    "aiohttp", "aiosmtpd", "aiosmtplib", "alembic", "apscheduler", "fastapi", "jinja2", "phonenumbers", "prometheus_client", "pydantic",
    "pydantic_settings", "slack_sdk", "sqlalchemy", "structlog", "tenacity", "twilio", "typer", "uvicorn", "watchfiles", "yaml",
)  # fmt: skip
"""What the daemon imports, early or late."""
ASK_WITHIN_S = 3.0
"""For the provider's clock: less than the whole probe, which has more to say."""
TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""
TIMEX_BYTES = 512
"""More than struct timex has on any machine."""
OFFSET_WARNING_S, OFFSET_PROBLEM_S = 3.0, 60.0
"""The other clock is read from a header with whole seconds, so less than two says nothing; a minute breaks promises of fifteen."""
FREE_WARNING, FREE_PROBLEM = 1 << 30, 100 << 20
"""Bytes: the store grows by a few megabytes in a bad night, its journal by some more."""
FEWEST_INODES = 1000


async def environment(patient: Patient) -> list[Look]:
    """Python, the packages, settings that are only for tests. Unknown ONCALL_ names never get so far."""
    version = platform.python_version()
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    found = [
        problem(f"Python {version}, but without {', '.join(missing)}", "install again: ./dev run --help")
        if missing
        else fine(f"Python {version}, {len(PACKAGES)} packages in {sys.prefix}")
    ]
    tests = test_names(patient.environment)
    return [*found, problem(f"settings for tests are active: {', '.join(tests)}", "unset them")] if tests else found


async def clock(patient: Patient) -> list[Look]:
    """Whether somebody keeps the clock right, and how far it is from the provider's."""
    offset_s = await offset(patient)
    against = "the provider's clock could not be asked" if offset_s is None else f"{abs(offset_s):.0f} s from the provider's clock"
    if offset_s is not None and abs(offset_s) >= OFFSET_PROBLEM_S:
        return [problem(f"wrong: {against}", "timedatectl set-ntp true, then: timedatectl status")]
    if offset_s is not None and abs(offset_s) >= OFFSET_WARNING_S:
        return [warning(f"not exact: {against}", "timedatectl set-ntp true, then: timedatectl status")]
    if not synchronised():
        return [warning(f"nobody keeps it right; {against}", "timedatectl set-ntp true, or run chrony")]
    return [fine(f"synchronised, {against}")]


def synchronised() -> bool:
    """Whether the kernel or systemd knows of somebody who sets the clock."""
    kept: bool = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES)) != TIME_ERROR
    return kept or Path("/run/systemd/timesync/synchronized").exists()


async def offset(patient: Patient) -> float | None:
    """Seconds that our clock is ahead of the one at the provider's API; None: it did not say."""
    import aiohttp

    url = patient.settings.twilio_api_base
    try:
        async with asyncio.timeout(ASK_WITHIN_S):
            if await unresolved(url):
                return None
            async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as response:
                theirs = parsedate_to_datetime(response.headers.get("Date", ""))
    except (aiohttp.ClientError, OSError, ValueError):
        return None
    # Whole seconds, cut: in the middle the other clock is half a second further.
    return (patient.now() - theirs).total_seconds() - 0.5


async def disk(patient: Patient) -> list[Look]:
    """Room for the store: bytes and files."""
    return [await in_thread(lambda: room(database_folder(patient)))]


def room(folder: Path) -> Look:
    """What is left on the disk of `folder`, or of where it will be made."""
    folder = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize
    said = f"{free / (1 << 30):.1f} GiB free at {folder}"
    if free < FREE_PROBLEM:
        return problem(said, "make room: the daemon cannot write down an emergency on a full disk")
    # A file system without a fixed number of inodes says that it has none at all.
    if space.f_files and space.f_favail < FEWEST_INODES:
        return problem(f"{space.f_favail} files can still be made at {folder}", "remove small files there")
    return warning(said, "make room before it is full") if free < FREE_WARNING else fine(said)


def database_folder(patient: Patient) -> Path:
    """The folder of the store: the running daemon's, else ours."""
    path = database_path(patient)
    return path.parent if path else state_directory(patient.environment)


def database_path(patient: Patient) -> Path | None:
    """The store's file: the running daemon's, else the one of our settings; None: it is no SQLite file."""
    if theirs := (patient.status or {}).get("database"):
        return Path(str(theirs))
    address = patient.settings.database
    scheme, _, path = address.partition(":///")
    return Path(path) if scheme == "sqlite" and path else None
