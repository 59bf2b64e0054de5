"""The command line of the benchmarks: runs cases several times, prints medians beside the goals, and in a quick run compares stored ratios."""

from __future__ import annotations

import argparse
import json
import pstats
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks import handbooks, machine
from benchmarks.cases import CASES, Bench, folder
from benchmarks.goals import Figure, amount, medians, slower, table
from benchmarks.load import Plan
from benchmarks.processes import KEYS, Daemon, Sink, play, running

STORED = Path(__file__).parent / "ratios.json"
QUICK = ("B1", "B2", "B6")
"""What a quick run measures: under two minutes."""
COMPARED = ("B1 page p50", "B1 processor time a page", "B2 last page", "B13 processor time a page", "B6 cold start")
"""What a quick run compares with what was stored."""
LONG = frozenset({"B4", "B8"})
"""Cases that run once, whatever --repeats says: they are made of many loads, or of minutes of rest."""


def arguments() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Benchmarks of whole processes, beside this machine's own limits.")
    parser.add_argument("--only", default="", help="cases, e.g. B1,B2; all of them without it: " + ", ".join(CASES))
    parser.add_argument("--repeats", type=int, default=3, help="runs of each case, of which the median counts (3)")
    parser.add_argument("--quick", action="store_true", help="a third of the load, compared with benchmarks/ratios.json; for CI")
    parser.add_argument("--store", action="store_true", help="with --quick: store the ratios instead of comparing them")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--profile", action="store_true", help="show where the time goes at 50 a second and in a storm, instead of measuring")
    parser.add_argument("--rest", type=float, default=60.0, metavar="S", help="seconds for which B8 watches an idle daemon (60)")
    return parser.parse_args()


@contextmanager
def provider() -> Iterator[Sink]:
    """The sink, ended in the end."""
    sink = Sink()
    try:
        yield sink
    finally:
        sink.close()


def chosen(only: str, *, quick: bool) -> list[str]:
    """The cases to run. SystemExit: there is no such case."""
    names = [name.strip() for name in only.split(",") if name.strip()] or list(QUICK if quick else CASES)
    names = list(dict.fromkeys("B2" if name == "B13" else name for name in names))
    if unknown := [name for name in names if name not in CASES]:
        raise SystemExit(f"there is no case {', '.join(unknown)}; there are {', '.join(CASES)} and B13, which is measured with B2")
    return names


def measure(bench: Bench, names: list[str], repeats: int) -> list[Figure]:
    """Runs the cases and tells on standard error how it goes on."""
    figures = []
    for name in names:
        runs = []
        for n in range(1 if name in LONG else repeats):
            load = Path("/proc/loadavg").read_text().split()[0]
            print(f"bench: {name}, run {n + 1}, load average {load} ...", file=sys.stderr, flush=True)
            runs.append(CASES[name](bench))
        found = medians(runs)
        print("bench: " + "; ".join(f"{one.name} {amount(one.value, one.unit)}" for one in found), file=sys.stderr, flush=True)
        figures += found
    return figures


def limits(sink: Sink) -> str:
    """The machine's own limits, in words."""
    alone = machine.harness(sink, 500, 50)
    with folder() as place:
        sync, commits = machine.fdatasync_s(place), machine.commits_per_s(place)
    return (
        f"This machine alone: load to sink p50 {alone.page.p50 * 1e3:.2f} ms, p99 {alone.page.p99 * 1e3:.2f} ms; fdatasync p50 {sync * 1e3:.3f} ms; "
        f"SQLite FULL {commits:,.0f} rows/s in groups of {machine.GROUP}; imports of the stack {machine.imports_s():.2f} s; "
        f"load average {' '.join(Path('/proc/loadavg').read_text().split()[:3])}."
    )


def profile(sink: Sink) -> None:
    """Where the processor time goes, for each thread, at a calm rate and in a storm."""
    for title, rate, count in (("B1, 50 a second", 50.0, 500), ("a storm", 0.0, 1000)):
        with folder() as place:
            handbooks.write(place, count)
            with running(Daemon(place, sink, profile=place / "profile")) as daemon:
                sink.forget()
                play(Plan(port=daemon.port, count=count, rate=rate, people=count, keys=KEYS))
                sink.wait(count, 10)
                daemon.stop()
            for thread in ("loop", "store"):
                print(f"\n== {title}, {count} emergencies: thread {thread}")
                statistics = pstats.Stats(str(place / "profile" / f"{thread}.prof"))
                statistics.strip_dirs().sort_stats("cumulative").print_stats(45)
                statistics.sort_stats("tottime").print_stats(30)


def main() -> int:
    """Returns 1 when a quick run is too slow or a must is not met."""
    given = arguments()
    names = chosen(given.only, quick=given.quick)
    with provider() as sink:
        if given.profile:
            profile(sink)
            return 0
        bench = Bench(sink=sink, quick=given.quick, rest_s=given.rest)
        if given.quick:
            bench.peer = False
        elif not bench.peer:
            print("bench: prometheus-alertmanager is not installed, so nothing is compared with it", file=sys.stderr)
        before = limits(sink)
        figures = measure(bench, names, given.repeats)
    if given.json:
        print(
            json.dumps({"machine": before, "figures": [{**asdict(one), "ratio": one.ratio, "met": one.meets(one.must)} for one in figures]}, indent=1)
        )
    else:
        print(f"{before}\n\n{table(figures)}")
    return compare(figures, store=given.store) if given.quick else int(not all(one.meets(one.must) for one in figures))


def compare(figures: list[Figure], *, store: bool) -> int:
    """Compares with the stored ratios, or stores them."""
    if store:
        kept = {one.name: round(one.ratio, 2) for one in figures if one.ratio is not None and one.name in COMPARED}
        STORED.write_text(json.dumps(kept, indent=1) + "\n")
        return 0
    measured = {one.name.split()[0] for one in figures}
    known: dict[str, float] = json.loads(STORED.read_text())
    worse = slower(figures, {name: ratio for name, ratio in known.items() if name.split()[0] in measured})
    for text in worse:
        print(f"bench: {text}", file=sys.stderr)
    return int(bool(worse))


if __name__ == "__main__":
    sys.exit(main())
