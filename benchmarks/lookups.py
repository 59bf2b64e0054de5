"""B9 and B10: who is on call, in process and over HTTP, and a year of a rotation; eight people, twelve changes, or thirty times as many."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import median
from benchmarks.goals import Figure
from benchmarks.processes import Daemon, Sink, running
from oncall.core.model import Handbook
from oncall.core.schedule import duties, on_call, week_of
from oncall.handbook import parse, read

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
YEAR, TEN_YEARS = timedelta(days=365), timedelta(days=3650)
CONNECTIONS = 8
OVER_S = 3.0


def rotation(changes: int) -> str:
    """Eight people weekly in Berlin, and changes of half a day each, spread over the year."""
    names = [f"p{n}" for n in range(8)]
    lines = ["version: 1", "rotations:", f"  line: {{people: [{', '.join(names)}], handover: mon 09:00, start: 2026-01-05, timezone: Europe/Berlin}}"]
    lines.append("changes:")
    for n in range(changes):
        begins = START.replace(tzinfo=None) + n * YEAR / changes
        times = f"from: {begins:%Y-%m-%d %H:%M}, to: {begins + timedelta(hours=12):%Y-%m-%d %H:%M}"
        lines.append(f"  - {{rotation: line, {times}, cover: {names[n % 8]}, by: {names[(n + 3) % 8]}}}")
    return "\n".join(lines) + "\n"


def book(folder: Path, changes: int) -> Handbook:
    """The benchmark's handbook with that rotation."""
    (folder / "rotations" / "line.yaml").write_text(rotation(changes))
    handbook = read(folder / "config", folder / "rotations").handbook
    assert handbook is not None
    return handbook


def small(changes: int) -> Handbook:
    """The same without the policy; made anew, so that nothing of it is remembered."""
    people = "people: {" + ", ".join(f"p{n}: {{name: P{n}}}" for n in range(8)) + "}\n"
    content = rotation(changes).replace("version: 1\n", f"version: 1\ntimezone: UTC\n{people}", 1)
    handbook = parse({"config/all.yaml": content}, everything=False).handbook
    assert handbook is not None
    return handbook


def asked_per_s(handbook: Handbook) -> float:
    """Lookups of one process in a second, at instants spread over the year, each week asked once before."""
    times = [START + n * YEAR / 5000 for n in range(5000)]
    for at in times:
        on_call(handbook, "line", at)
    began = time.perf_counter()
    for at in times * 4:
        on_call(handbook, "line", at)
    return 4 * len(times) / (time.perf_counter() - began)


def cold_ms(span: timedelta) -> float:
    """Milliseconds for the schedule of a span, of a handbook that was just read."""
    took = []
    for _ in range(5):
        handbook = small(12)
        week_of.cache_clear()
        began = time.perf_counter()
        found = duties(handbook, "line", START, START + span)
        took.append((time.perf_counter() - began) * 1000)
        assert len(found) > span / timedelta(weeks=1)
    return median(took)


async def answered_per_s(socket: Path) -> float:
    """Answers of GET /v1/oncall in a second, over CONNECTIONS connections that are kept open."""
    request = b"GET /v1/oncall HTTP/1.1\r\nHost: x\r\n\r\n"
    until = time.perf_counter() + OVER_S

    async def ask() -> int:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        count = 0
        while time.perf_counter() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))) / OVER_S


def figures(folder: Path, sink: Sink) -> list[Figure]:
    """Everything about lookups. `folder` holds a handbook of a benchmark, into which the rotation is put."""
    few, many = asked_per_s(book(folder, 12)), asked_per_s(book(folder, 360))
    with running(Daemon(folder, sink)) as daemon:
        over_http = asyncio.run(answered_per_s(folder / "ctl.sock"))
        daemon.stop()
    return [
        Figure(name="B9 lookups in process", value=few, unit="/s", must=20_000, aim=200_000, more=True),
        Figure(name="B9 the same with 360 changes", value=many, unit="/s", must=20_000, aim=200_000, more=True),
        Figure(name="B9 lookups over HTTP", value=over_http, unit="/s", must=3_000, aim=8_000, more=True),
        Figure(name="B10 a year, cold", value=cold_ms(YEAR), unit="ms", must=20, aim=4),
        Figure(name="B10 ten years, cold", value=cold_ms(TEN_YEARS), unit="ms", aim=40),
    ]
