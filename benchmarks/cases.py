"""The benchmarks: each drives whole processes and returns its figures. Start reading here."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import handbooks, lookups, machine
from benchmarks.figures import Reported, Story, latencies, story
from benchmarks.goals import STEADY, Figure
from benchmarks.load import Plan
from benchmarks.processes import KEYS, Alertmanager, Daemon, Sink, has_alertmanager, play, running, stored

MS = 1000.0
ANCHOR_EVERY_S = 60.0
"""How often the daemon anchors the log (oncall/daemon/chores.py)."""
QUIET_S = 10.0
"""A load whose pages stop coming for this long is over; what is missing then is lost."""


@dataclass(kw_only=True)
class Bench:
    """What the cases share. `quick`: a third of the load. `rest_s`: how long an idle daemon is watched."""

    sink: Sink
    quick: bool = False
    peer: bool = field(default_factory=has_alertmanager)
    rest_s: float = 60.0

    def third(self, count: int) -> int:
        """The size of a load."""
        return count // 3 if self.quick else count

    @contextmanager
    def daemon(self, people: int, *, wait: str = "") -> Iterator[Daemon]:
        """A daemon with a new store and a handbook of `people` people, ready."""
        with folder() as place:
            handbooks.write(place, people, wait=wait)
            self.sink.forget()
            with running(Daemon(place, self.sink)) as one:
                yield one

    def load(self, daemon: Daemon, count: int, rate: float = 0.0, **more: object) -> list[Reported]:
        """Plays a load of `count` into a daemon and waits for its pages."""
        plan = {"people": count, "keys": KEYS, **more}
        reports = play(Plan(port=daemon.port, count=count, rate=rate, **plan))  # type: ignore[arg-type]  # the names of a Plan
        self.sink.wait(sum(one.accepted for one in reports), QUIET_S)
        return reports

    def theirs(self, count: int, rate: float = 0.0) -> tuple[Story | None, float]:
        """The same load into Alertmanager, and the processor time of a page; None when it is not installed."""
        if not self.peer:
            return None, 0.0
        with folder() as place, running(Alertmanager(place, self.sink)) as one:
            self.sink.forget()
            before = one.cpu_s()
            reports = play(Plan(port=one.port, count=count, rate=rate, target="alertmanager"))
            self.sink.wait(count, QUIET_S)
            return story(reports, self.sink.pages()), (one.cpu_s() - before) / count


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one daemon's life, on the disk that temporary files are on."""
    place = Path(tempfile.mkdtemp(prefix="oncall-bench-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def kept(name: str, told: Story) -> list[Figure]:
    """What no load may do: refuse, lose, page twice."""
    counts = {"refused": told.refused, "lost": told.lost, "duplicated": told.duplicates}
    return [Figure(name=f"{name} {what}", value=value, unit="", must=0) for what, value in counts.items()]


def b1(bench: Bench) -> list[Figure]:
    """Intake to first page, 50 a second."""
    count = bench.third(3000)
    alone = machine.harness(bench.sink, count // 3, 50)
    with bench.daemon(count) as daemon:
        before = daemon.cpu_s()
        told = story(bench.load(daemon, count, 50), bench.sink.pages())
        cpu = (daemon.cpu_s() - before) / count * MS
    peer, _ = bench.theirs(count, 50)
    p50, p99 = (peer.page.p50 * MS, peer.page.p99 * MS) if peer else (None, None)
    return [
        Figure(name="B1 page p50", value=told.page.p50 * MS, unit="ms", must=5, aim=2.5, limit=alone.page.p50 * MS, peer=p50, peer_then=0.86),
        Figure(name="B1 page p99", value=told.page.p99 * MS, unit="ms", must=20, aim=8, limit=alone.page.p99 * MS, peer=p99, peer_then=1.6),
        Figure(name="B1 accepted p50", value=told.accept.p50 * MS, unit="ms", limit=alone.accept.p50 * MS),
        Figure(name="B1 generator's lag p99", value=told.lag.p99 * MS, unit="ms"),
        Figure(name="B1 processor time a page", value=cpu, unit="ms", limit=machine.imports_cpu_ms() / 1000, allowed=STEADY),
        *kept("B1", told),
    ]


Pair = tuple[float, float]
"""Of a storm's first page in ms and its last in s."""


def storm(bench: Bench, name: str, count: int, must: Pair, aim: Pair, then: Pair, people: int = 0) -> list[Figure]:
    """`count` emergencies at once, with the goals and what Alertmanager needed where they were set."""
    alone = machine.harness(bench.sink, count, 0)
    with bench.daemon(people or count) as daemon:
        before = daemon.cpu_s()
        told = story(bench.load(daemon, count, people=people or count), bench.sink.pages())
        cpu = (daemon.cpu_s() - before) / count * MS
    peer, peer_cpu = bench.theirs(count) if not people else (None, 0.0)
    first, last = (peer.first_s * MS, peer.last_s) if peer else (None, None)
    figures = [
        Figure(name=f"{name} first page", value=told.first_s * MS, unit="ms", must=must[0], aim=aim[0], peer=first, peer_then=then[0]),
        Figure(name=f"{name} last page", value=told.last_s, unit="s", must=must[1], aim=aim[1], limit=alone.last_s, peer=last, peer_then=then[1]),
        *kept(name, told),
    ]
    if name == "B2":
        # Processor time of a thousand pages against that of importing the stack: both are nothing but this machine running Python.
        limit, theirs = machine.imports_cpu_ms() / 1000, peer_cpu * MS if peer else None
        figures.append(
            Figure(name="B13 processor time a page", value=cpu, unit="ms", must=5, aim=1, limit=limit, peer=theirs, peer_then=0.2, allowed=STEADY)
        )
    return figures


def b2(bench: Bench) -> list[Figure]:
    """A storm of a thousand, each for a person of their own, then all for one person."""
    many = storm(bench, "B2", bench.third(1000), (50, 1.0), (10, 0.4), (4, 0.14))
    one = storm(bench, "B2 one person", bench.third(1000), (50, 1.0), (10, 0.4), (4, 0.14), people=1)
    return many + [figure for figure in one if "duplicated" not in figure.name]


def b3(bench: Bench) -> list[Figure]:
    """A storm of ten thousand."""
    return storm(bench, "B3", bench.third(10_000), (50, 15.0), (15, 3.5), (6, 1.19))


def b3b(bench: Bench) -> list[Figure]:
    """One critical emergency half a second into a storm of ten thousand lower ones."""
    count = bench.third(10_000)
    with bench.daemon(count) as daemon:
        reports = bench.load(daemon, count, urgent=[count // 2])
        pages = {page.number: page.at for page in bench.sink.pages()[::-1]}
    urgent = next(one for one in reports if one.number == count // 2)
    # The load's own queue is the caller's, not ours: it counts from the moment in which this one was posted.
    late = pages.get(urgent.number, float("inf")) - urgent.posted
    return [Figure(name="B3b critical in a storm", value=late * MS, unit="ms", must=1000, aim=50)]


RATES = (50, 100, 200, 300, 400, 500, 750, 1000, 1500, 2000)
STEP_S, LONG_S = 10, 60


def b4(bench: Bench) -> list[Figure]:
    """The highest rate that is borne with nothing lost and p99 under 100 ms."""
    best, first = 0, 0
    with bench.daemon(10_000) as daemon:
        for rate in RATES:
            count = bench.third(rate * (LONG_S if rate == 500 else STEP_S))
            bench.sink.forget()
            told = story(bench.load(daemon, count, rate, people=10_000, first=first), bench.sink.pages())
            first += count
            if told.lost or told.refused or told.page.p99 > 0.1:
                break
            best = rate
    return [Figure(name="B4 sustained rate", value=best, unit="/s", must=500, aim=2000, more=True)]


def b5(bench: Bench) -> list[Figure]:
    """Ten thousand open, 500 deadlines due in a second, each 30 s after its emergency; lateness counts from the stored deadline."""
    count, wait_s = bench.third(10_000), 30
    with bench.daemon(count, wait=f"{wait_s}s") as daemon:
        reports = bench.load(daemon, count, 500)
        second = sum(one.accepted for one in reports)
        bench.sink.wait_for_count(2 * second, QUIET_S + wait_s)
        pages = bench.sink.pages()
        daemon.stop()
        opened = stored(daemon.database)
    seen: dict[int, list[float]] = {}
    for page in pages:
        seen.setdefault(page.number, []).append(page.at)
    late = latencies(sorted(seen[n])[1] - at - wait_s for n, at in opened.items() if len(seen.get(n, ())) > 1)
    return [
        Figure(name="B5 late p50", value=late.p50 * MS, unit="ms"),
        Figure(name="B5 late p99", value=late.p99 * MS, unit="ms", must=50, aim=6),
        Figure(name="B5 late at most", value=late.most * MS, unit="ms", must=250, aim=50),
        Figure(name="B5 early", value=sum(one < -0.001 for one in late.values), unit="", must=0),
        Figure(name="B5 never came", value=sum(len(seen.get(n, ())) < 2 for n in opened), unit="", must=0),
    ]


def b6(bench: Bench) -> list[Figure]:
    """A cold start with an empty store."""
    imports = machine.imports_s()
    with folder() as place:
        handbooks.write(place, 10)
        with running(Daemon(place, bench.sink, wait=False)) as daemon:
            ready = daemon.wait_ready()
    figure = Figure(name="B6 cold start", value=ready, unit="s", must=1.5, aim=1.2, limit=imports, relative=True, allowed=STEADY)
    return [figure]


def b7(bench: Bench) -> list[Figure]:
    """kill -9 with ten thousand open, then a new start."""
    count = bench.third(10_000)
    with bench.daemon(1000) as daemon:
        accepted = {one.number for one in bench.load(daemon, count, people=1000) if one.accepted}
        paged = len(bench.sink.pages())
        daemon.kill()
        with running(Daemon(daemon.folder, bench.sink)) as again:
            ready = time.monotonic() - again.exec_at
            time.sleep(3)
            more = len(bench.sink.pages()) - paged
            again.stop()
            found = stored(again.database)
    return [
        Figure(name="B7 ready after kill -9", value=ready, unit="s", must=2.0, aim=0.7),
        Figure(name="B7 lost", value=len(accepted - found.keys()), unit="", must=0),
        Figure(name="B7 duplicated", value=more, unit="", must=0),
    ]


def b8(bench: Bench) -> list[Figure]:
    """An idle daemon, with nothing and with ten thousand open; not on its first start ever, which has made the store and holds what that took."""
    figures = []
    for count in (0, bench.third(10_000)):
        with bench.daemon(1000) as first:
            first.stop()
            with running(Daemon(first.folder, bench.sink)) as daemon:
                if count:
                    bench.load(daemon, count, people=1000)
                    # The minute in which the load's own lines of the log are anchored is not idle yet.
                    time.sleep(ANCHOR_EVERY_S)
                figures += idle(daemon, count, bench.rest_s)
    return figures


def idle(daemon: Daemon, count: int, rest_s: float) -> list[Figure]:
    """What a daemon with `count` open uses in `rest_s` in which nothing happens."""
    time.sleep(3)
    cpu, switches, start = daemon.cpu_s(), daemon.switches(), time.monotonic()
    time.sleep(rest_s)
    took = time.monotonic() - start
    name = f"B8 idle with {count} open"
    return [
        Figure(name=f"{name}, processor", value=(daemon.cpu_s() - cpu) / took * 100, unit="%", must=0.5, aim=0.1),
        Figure(name=f"{name}, wake-ups", value=(daemon.switches() - switches) / took, unit="/s", aim=2),
        Figure(name=f"{name}, memory", value=daemon.pss_mb(), unit="MB", must=120, aim=70 if count else 60),
    ]


def b9(bench: Bench) -> list[Figure]:
    """Who is on call, and B10, a year of a rotation."""
    with folder() as place:
        handbooks.write(place, 10)
        return lookups.figures(place, bench.sink)


CASES: dict[str, Callable[[Bench], list[Figure]]] = {
    "B1": b1,
    "B2": b2,
    "B3": b3,
    "B3b": b3b,
    "B4": b4,
    "B5": b5,
    "B6": b6,
    "B7": b7,
    "B8": b8,
    "B9": b9,
}
"""B13 is measured with B2, B10 with B9."""
