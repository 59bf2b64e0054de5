"""The command diff: who is on call instead of whom after an edit, for a terminal and for a pull request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from oncall.cli.output import Code, Failed, out, table
from oncall.cli.planning import folders, names, now
from oncall.cli.times import clock_text, read_time, span_text
from oncall.core.differences import Difference, TakenTurn, advice, differences, taken_turns
from oncall.core.model import Handbook

if TYPE_CHECKING:
    from oncall.core.proofs import Finding

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
    """The shifts that an edit moves, by name. Exit 1 if who is on call now changes, or whose turn it is."""
    from oncall.web.views import time_text

    if ".." in old and not new:
        old, _, new = old.partition("..")
    before, after = (book_of(one) for one in (old, new))
    start = read_time(at, after.timezone, now()) if at else now().replace(microsecond=0)
    found = differences(before, after, start, start + timedelta(days=days))
    moved = moved_now(before, after, found, start)
    hints = {rotation: advice(before, after, rotation, start) for rotation in moved}
    rows = rows_of(before, after, found)
    lines = [table(rows)] if rows else [f"nobody's shift moves in the next {days} days"]
    lines += [f"{rotation}: {what}" + instead(hints[rotation]) for rotation, what in moved.items()]
    shifts = [
        {"rotation": one.rotation, "start": time_text(one.start), "end": time_text(one.end), "before": list(one.before), "after": list(one.after)}
        for one in found
    ]
    data = {"old": before.version, "new": after.version, "shifts": shifts, "now": {name: list(said) for name, said in hints.items()}}
    out.data(data, "\n".join(lines))
    return Code.NO if hints else Code.FINE


def moved_now(before: Handbook, after: Handbook, found: tuple[Difference, ...], at: datetime) -> dict[str, str]:
    """What an edit moves that has begun, in words, by rotation: who is on call now, else whose turn it is."""
    running = {one.rotation: FOUND for one in found if one.is_running}
    taken = {one.rotation: turn_words(before, after, one) for one in taken_turns(before, after, at) if one.rotation not in running}
    return running | taken


def turn_words(before: Handbook, after: Handbook, one: TakenTurn) -> str:
    """A turn that changes its holder."""
    began, had = clock_text(one.began, after.timezone), names(before, one.before)
    where = f" ({one.shift})" if one.shift != one.rotation else ""
    return f"the turn of {had} that began {began}{where} is {names(after, one.after)}'s after this edit"


def instead(said: tuple[str, ...]) -> str:
    """What to write if an edit is not meant to move what has begun."""
    return f"; if that is not meant, write {' and '.join(said)}" if said else ""


def edited(against: str, book: Handbook, at: datetime, days: int) -> tuple[Finding, ...]:
    """An edit gives a turn that has begun to somebody else. If that is not meant, the newcomer needs a `from`, or the leaver an `until`."""
    from oncall.core.proofs import Finding

    old = book_of(against)
    moved = moved_now(old, book, differences(old, book, at, at + timedelta(days=days)), at)
    return tuple(
        Finding(
            code="AH231",
            severity="warning",
            place=(book if rotation in book.rotations else old).rotations[rotation].place,
            what=f"{rotation}: {what}",
            hint=" and ".join(advice(old, book, rotation, at)),
        )
        for rotation, what in moved.items()
    )


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
