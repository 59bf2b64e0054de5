"""How the command simulate prints: one what-if as a timeline that ends with its verdict, a sweep as the times at which the promise is missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from oncall.cli.output import Code, out, table
from oncall.core.localtime import local_of
from oncall.core.messages import Reported
from oncall.core.model import Handbook, first_name
from oncall.core.proofs.ahead import exactly
from oncall.core.wording import clock_text

if TYPE_CHECKING:
    from oncall.core.simulate import Assumptions, Line, Outcome, Run

SHOWN = 20
"""Stretches that are printed; --json has them all."""


def show(book: Handbook, report: Reported, assumed: Assumptions, outcome: Outcome) -> int:
    """Prints a what-if as a timeline, the verdict last; that what is sent without trouble also rings is only in --json."""
    from oncall.core.simulate import Kind
    from oncall.web.views import time_text

    when = both_clocks(book, report.at)
    lines = [f"what if {outcome.severity} is reported by {report.channel} at {when}", *said_assumed(assumed), ""]
    shown = (one for one in outcome.lines if one.kind is not Kind.RANG)
    rows: list[tuple[str, ...]] = [told(book, report.at, list(same)) for _, same in groupby(shown, key=together)]
    data = {
        "at": time_text(report.at),
        "severity": outcome.severity,
        "because": outcome.because,
        "result": outcome.result.value,
        "kept": outcome.is_kept,
        "by": outcome.by,
        "contact_by": time_text(outcome.contact_by),
        "ended_at": time_text(outcome.at),
        "opening": time_text(outcome.opening),
        "spare_seconds": seconds(outcome.spare),
        "timeline": [
            {"at": time_text(one.at), "kind": one.kind.value, "who": one.who, "way": one.way, "text": one.text} for one in outcome.lines
        ],
    }  # fmt: skip
    out.data(data, "\n".join((*lines, table(rows), verdict(book, report, outcome))))
    return Code.FINE if outcome.is_kept else Code.NO


def together(line: Line) -> tuple[Any, ...]:
    """What lines that are printed as one have in common."""
    from oncall.core.simulate import Kind

    return (line.at, line.kind, line.way) if line.kind in {Kind.PAGED, Kind.FAILED} else (line.at, line.kind, line.way, line.who, line.text)


def told(book: Handbook, reported_at: datetime, lines: list[Line]) -> tuple[str, ...]:
    """Lines of one moment as a row: when (with the day, if it is another), what, why."""
    from oncall.core.simulate import Kind

    one = lines[0]
    who = ", ".join(dict.fromkeys(name_of(book, line.who) for line in lines))
    way = one.way.replace("voice", "call")
    what = {
        Kind.REPORTED: f"reported by {way}",
        Kind.PAGED: f"{way} to {who}",
        Kind.FAILED: f"{way} to {who} failed",
        Kind.TAKEN: f"{who} takes it",
        Kind.PASSED: f"{who} passes it on",
        Kind.TOLD: f"{way} to the customer",
        Kind.MISSED: "the promised time is over",
        Kind.CONTACTED: f"{who} reaches the customer",
    }[one.kind]
    at = local_of(one.at, book.timezone)
    day = "" if at.date() == local_of(reported_at, book.timezone).date() else f"{at:%a} "
    return f"{day}{at:%H:%M:%S}", what, one.text


def name_of(book: Handbook, who: str) -> str:
    """A person's first name; a number as it is."""
    return first_name(book.people[who]) if who in book.people else who


def said_assumed(assumed: Assumptions) -> list[str]:
    """What is assumed, in words."""
    parts = [*(f"{who} {behaviour}" for who, behaviour in assumed.people.items()), *(f"{way} {what.value}" for way, what in assumed.faults.items())]
    rest = f"everybody {'else ' if assumed.people else ''}{assumed.otherwise}"
    act = f"contact {exactly(assumed.time_to_act)} after that; {'other ' if assumed.faults else ''}providers answer at once"
    return [f"assumed: {'; '.join((*parts, rest, act))}"]


def verdict(book: Handbook, report: Reported, outcome: Outcome) -> str:
    """How it ends, in one line."""
    from oncall.core.simulate import Result

    ended = clock_text(outcome.at, book.timezone, report.at)
    target = f"target {clock_text(outcome.contact_by, book.timezone, report.at)}" if outcome.contact_by else "nothing was promised"
    if outcome.result is Result.DECLINED:
        return "declined: after hours this is not helped with, and the customer is told so"
    if outcome.result is Result.NOBODY:
        return f"NOBODY has taken it by {ended} ({target}{' missed' if outcome.contact_by else ''})"
    kept = ""
    if outcome.spare is not None:
        kept = f" met, {exactly(outcome.spare)} to spare" if outcome.is_kept else f" missed by {exactly(-outcome.spare)}"
    return f"contacted {ended} by {name_of(book, outcome.by)} ({target}{kept})"


def clock(book: Handbook, at: datetime) -> str:
    """An instant on the company's clock; with its seconds, where it has some."""
    return f"{local_of(at, book.timezone):%a %d %b %H:%M:%S}".removesuffix(":00")


def both_clocks(book: Handbook, at: datetime) -> str:
    """An instant in local time and in UTC."""
    from oncall.web.views import time_text

    return f"{clock(book, at)} ({time_text(at)})"


def seconds(span: timedelta | None) -> float | None:
    """A span for programs."""
    return None if span is None else span.total_seconds()


# A sweep


def show_sweep(book: Handbook, report: Reported, assumed: Assumptions, end: datetime, runs: list[Run]) -> int:
    """Prints the stretches in which the promise is missed, the worst first."""
    from oncall.web.views import time_text

    missed = sorted(missed_stretches(runs), key=how_bad)
    rows: list[tuple[str, ...]] = [
        (how_missed(one), f"{clock(book, one.start)} to {clock(book, one.end)}", f"{time_text(one.start)} to {time_text(one.end)}",
         exactly(one.end - one.start))
        for one in missed[:SHOWN]
    ]  # fmt: skip
    head = f"what if it is reported by {report.channel} at any time from {both_clocks(book, report.at)} to {both_clocks(book, end)}"
    lines = [head, *said_assumed(assumed), *([table(rows)] if rows else [])]
    lines += [f"and {len(missed) - SHOWN} more; --json has them all"] if len(missed) > SHOWN else []
    if missed:
        stretches = "1 stretch" if len(missed) == 1 else f"{len(missed)} stretches"
        lines.append(f"missed in {stretches}; to see the worst, say --at {time_text(missed[0].start)} and no --sweep")
    else:
        lines.append(f"never missed{least(book, runs)}")
    data = {
        "from": time_text(report.at),
        "to": time_text(end),
        "kept": not missed,
        "played": len(runs),
        "missed": [
            {"start": time_text(one.start), "end": time_text(one.end), "result": one.outcome.result.value,
             "late_seconds": seconds(-one.outcome.spare if one.outcome.spare is not None else None)}
            for one in missed
        ],
    }  # fmt: skip
    out.data(data, "\n".join(lines))
    return Code.NO if missed else Code.FINE


def missed_stretches(runs: list[Run]) -> list[Run]:
    """The runs in which the promise is missed, as one where nothing changes for the customer."""
    from oncall.core.simulate import Run

    found = []
    for (is_kept, _), same in groupby(runs, key=lambda one: (one.outcome.is_kept, how_missed(one))):
        stretch = list(same)
        if not is_kept:
            found.append(Run(start=stretch[0].start, end=stretch[-1].end, outcome=stretch[0].outcome))
    return found


def how_missed(run: Run) -> str:
    """What goes wrong in a run, in words."""
    spare = run.outcome.spare
    return "NOBODY" if spare is None else f"contacted {exactly(-spare)} too late"


def how_bad(run: Run) -> tuple[bool, timedelta, datetime]:
    """Sorts runs, the worst first."""
    spare = run.outcome.spare
    return spare is not None, spare or timedelta(0), run.start


def least(book: Handbook, runs: list[Run]) -> str:
    """The tightest of the promises that are kept."""
    timed = [(one.outcome.spare, one.start) for one in runs if one.outcome.spare is not None]
    if not timed:
        return ""
    spare, start = min(timed)
    return f"; the least to spare is {exactly(spare)}, at {both_clocks(book, start)}"
