"""The command diff: who is on call instead of whom after an edit, for a terminal and for a pull request."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from oncall.cli.output import Code, Failed, out, table
from oncall.cli.planning import folders, names, now
from oncall.cli.times import clock_text, read_time, span_text
from oncall.core.differences import Difference, advice, differences
from oncall.core.model import Handbook

SHOWN = 10
"""Lines of each rotation: more are read by nobody."""
FOUND = "who is on call now is somebody else after this edit"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(diff)


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A revision of git, a folder with config/ and rotations/, or OLD..NEW.")],
    new: Annotated[str, typer.Argument(metavar="[NEW]", help="By default the files as they are.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=1000, help="How far ahead.")] = 56,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help='Not from now on but from then: "Sat 02:30" or 2026-11-28T02:30:00Z.')] = "",
) -> int:
    """The shifts that an edit moves, by name. Exit 1 if who is on call now changes."""
    from oncall.web.views import time_text

    if ".." in old and not new:
        old, _, new = old.partition("..")
    before, after = (book_of(one) for one in (old, new))
    start = read_time(at, after.timezone, now()) if at else now().replace(microsecond=0)
    found = differences(before, after, start, start + timedelta(days=days))
    hints = {one.rotation: advice(before, after, one.rotation, start) for one in found if one.is_running}
    rows = rows_of(before, after, found)
    lines = [table(rows)] if rows else [f"nobody's shift moves in the next {days} days"]
    lines += [f"{rotation}: {FOUND}" + (f"; if that is not meant, write {' and '.join(said)}" if said else "") for rotation, said in hints.items()]
    shifts = [
        {"rotation": one.rotation, "start": time_text(one.start), "end": time_text(one.end), "before": list(one.before), "after": list(one.after)}
        for one in found
    ]
    data = {"old": before.version, "new": after.version, "shifts": shifts, "now": {name: list(said) for name, said in hints.items()}}
    out.data(data, "\n".join(lines))
    return Code.NO if hints else Code.FINE


def book_of(name: str) -> Handbook:
    """The handbook of a folder, a revision, or ('') the files as they are; Failed if it cannot be used."""
    from oncall.handbook.revisions import NoSuchRevision, reading_of

    try:
        reading = reading_of(name, *folders())
    except NoSuchRevision as error:
        raise Failed(Code.USAGE, "unknown_revision", f"'{name}' is neither a folder nor a revision: {error}") from error
    if reading.handbook is None:
        problems = "\n".join(str(problem) for problem in reading.problems)
        raise Failed(Code.USAGE, "unreadable", f"the files of {name or 'now'} cannot be used:\n{problems}")
    return reading.handbook


def rows_of(before: Handbook, after: Handbook, found: tuple[Difference, ...]) -> list[tuple[str, ...]]:
    """The differences as lines, the first few of each rotation; --json has them all."""
    rows: list[tuple[str, ...]] = []
    for rotation in dict.fromkeys(one.rotation for one in found):
        mine = [one for one in found if one.rotation == rotation]
        for one in mine[:SHOWN]:
            when = (clock_text(edge, after.timezone) for edge in (one.start, one.end))
            rows.append((rotation, *when, span_text(one.end - one.start), f"{names(before, one.before)} -> {names(after, one.after)}"))
        if len(mine) > SHOWN:
            rows.append((rotation, "...", clock_text(mine[-1].end, after.timezone), "", f"{len(mine) - SHOWN} more"))
    return rows
