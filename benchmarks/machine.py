"""What this machine can do by itself in this sitting: the loads without us in between, a sync to disk, the imports, grouped commits."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Story, latencies, story
from benchmarks.load import Plan
from benchmarks.processes import ROOT, Sink, play

STACK = (
    "aiohttp", "alembic.command", "apscheduler.schedulers.asyncio", "fastapi", "phonenumbers", "prometheus_client", "pydantic_settings", "sqlalchemy",
    "structlog", "tenacity", "twilio.http.async_http_client", "twilio.rest.api", "typer", "uvicorn", "watchfiles", "yaml",
)  # fmt: skip
"""The packages that a daemon which can page has loaded; their imports are the floor of a start."""
GROUP = 32


def harness(sink: Sink, count: int, rate: float) -> Story:
    """The load straight into the sink."""
    sink.forget()
    reports = play(Plan(port=sink.port, count=count, rate=rate))
    return story(reports, sink.pages())


def imports_s() -> float:
    """Seconds in which a fresh interpreter imports the stack, nothing else."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", "import " + ", ".join(STACK)], check=True, cwd=ROOT)
    return time.monotonic() - start


def imports_cpu_ms() -> float:
    """The processor time of the same, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    imports_s()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def fdatasync_s(folder: Path, times: int = 300) -> float:
    """The median of a sync of 4 KiB."""
    took = []
    with (folder / "sync").open("wb") as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    return latencies(took).p50


def commits_per_s(folder: Path, groups: int = 200) -> float:
    """Rows of 1 KiB that SQLite makes durable in a second, GROUP in a commit, synchronous=FULL."""
    conn = sqlite3.connect(folder / "limit.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")
    start = time.perf_counter()
    for _ in range(groups):
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany("INSERT INTO rows (text) VALUES (?)", [("x" * 1024,)] * GROUP)
        conn.execute("COMMIT")
    took = time.perf_counter() - start
    conn.close()
    return groups * GROUP / took
