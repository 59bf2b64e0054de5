"""Looks at what runs: the daemon, its database, and whoever outside notices when it is dead."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from oncall import __version__
from oncall.cli.doctor.look import Look, Patient, fine, in_thread, problem, warning
from oncall.cli.doctor.machine import database_path

CHECK_WITHIN_S = 3.0
STEPS = 10_000
"""Steps of SQLite's machine between two looks at the time: some milliseconds."""
BEAT_STALE_S = 90.0
"""Three heartbeats missed: this is when the watcher outside should have called (reliability.md 6)."""


async def daemon(patient: Patient) -> list[Look]:
    """Whether it runs, could page, and is of our version."""
    status = patient.status
    if status is None:
        return [warning(f"not running: {patient.silence}", "systemctl start oncall, or oncall run")]
    if not status["ok"]:
        return [problem(f"cannot page: {'; '.join(status['reasons'])}", "journalctl -u oncall")]
    found = [fine(f"version {status['version']}, able to page, handbook {status['handbook']}")]
    if status["handbook_problems"]:
        found.append(problem("the files have mistakes and are not in force", "oncall check"))
    if status["version"] != __version__:
        found.append(warning(f"runs version {status['version']}, but {__version__} is installed", "systemctl restart oncall"))
    return found


async def database(patient: Patient) -> list[Look]:
    """The store's file, whole and writable. It is opened for reading only, which a running daemon does not notice."""
    path = database_path(patient)
    if path is None:
        return [problem("ONCALL_DATABASE_URL names no SQLite file", "write sqlite:///path/to/oncall.db")]
    try:
        return [await in_thread(lambda: found_at(path, runs=patient.status is not None))]
    except OSError as error:
        return [problem(f"{path}: {error.strerror}", "run as root or as the daemon's user")]


def found_at(path: Path, *, runs: bool) -> Look:
    """What lies at `path`; a running daemon has shown already that it can write there."""
    if not path.exists():
        folder = next(one for one in path.absolute().parents if one.exists())
        if not os.access(folder, os.W_OK):
            return problem(f"{path} is not there and cannot be made by this user", "run as the daemon's user, or set ONCALL_DATABASE_URL")
        return fine(f"{path} is not there yet; the first start makes it")
    if not runs and not os.access(path, os.W_OK):
        return problem(f"{path} cannot be written by this user", "run as the daemon's user, or mend its owner")
    return examined(path)


def examined(path: Path) -> Look:
    """What SQLite says of the file."""
    end = time.monotonic() + CHECK_WITHIN_S
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as conn:
            mode = str(conn.execute("PRAGMA journal_mode").fetchone()[0]).upper()
            conn.set_progress_handler(lambda: int(time.monotonic() > end), STEPS)
            said = str(conn.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return fine(f"{size}, {mode}; too large to be checked within {CHECK_WITHIN_S:g} s")
        return problem(f"{path} cannot be read: {error}", "restore a backup, or see who owns the file")
    if said != "ok":
        return problem(f"{path} is damaged: {said}", "stop the daemon, keep a copy of the file, restore a backup")
    if mode != "WAL":
        return problem(f"{path} has the journal mode {mode}", "let the daemon open it: it sets WAL")
    return fine(f"integrity ok, {size}, {mode}")


async def watcher(patient: Patient) -> list[Look]:
    """Whether somebody outside would notice that this machine is dead."""
    status = patient.status
    if not (status["watched"] if status else patient.settings.heartbeat_url.get_secret_value()):
        hint = "make a check that expects a call each 30 s at a service elsewhere, and set ONCALL_HEARTBEAT_URL to its address"
        return [warning("not configured: nobody notices if this machine dies", hint)]
    if status is None:
        return [fine("configured; it is called while the daemon runs")]
    last = status["last_heartbeat"]
    if last is None:
        return [warning("no heartbeat was taken since the daemon started", "within a minute of the start this is usual; else: journalctl -u oncall")]
    age_s = (patient.now() - datetime.fromisoformat(last)).total_seconds()
    if age_s > BEAT_STALE_S:
        return [problem(f"the last heartbeat was taken {age_s:.0f} s ago", "journalctl -u oncall says why none is sent")]
    return [fine(f"heartbeat taken {max(age_s, 0):.0f} s ago")]
