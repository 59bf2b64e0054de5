"""Commands that need only the files: check, who, schedule. They work without a daemon, in an editor's hook or in CI."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oncall.cli.output import Code, Failed, out, table
from oncall.cli.times import clock_text, read_time, span_text
from oncall.core.model import Handbook
from oncall.core.place import Place
from oncall.core.rotation import Duty
from oncall.core.schedule import current_duty, duties

if TYPE_CHECKING:
    from oncall.core.proofs import Finding
    from oncall.settings import Settings

LONGEST = timedelta(days=1000)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (check, who, schedule, schema):
        app.command()(command)


def now() -> datetime:
    """The time by the one clock that may ask the machine."""
    from oncall.daemon.clock import DaemonClock

    return DaemonClock().now()


def folders() -> tuple[Path, Path]:
    """Where the files are. Only these two settings count here, so a half-made environment does not keep anybody from checking."""
    import os

    return Path(os.environ.get("ONCALL_CONFIG") or "config"), Path(os.environ.get("ONCALL_ROTATIONS") or "rotations")


class Layout(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    GITHUB = "github"


def annotation(severity: str, place: Place, title: str, what: str, hint: str) -> str:
    """A finding as GitHub's workflow command, so that it stands beside the line in a pull request."""
    text = f"{what}; {hint}" if hint else what
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{severity} file={place.file},line={place.line},col={place.column},title={title}::{escaped}"


def handbook(*, everything: bool, layout: Layout = Layout.TEXT) -> Handbook:
    """The handbook of the files; Failed with every problem if they cannot be used."""
    from oncall.handbook import read

    reading = read(*folders(), everything=everything)
    if reading.handbook is None:
        if layout is Layout.GITHUB:
            print("\n".join(annotation("error", one.place, "unreadable", one.what, one.hint) for one in reading.problems))
        problems = [str(problem) for problem in reading.problems]
        data = [
            {"file": one.place.file, "line": one.place.line, "column": one.place.column, "what": one.what, "hint": one.hint}
            for one in reading.problems
        ]
        raise Failed(Code.USAGE, "unreadable", "\n".join(("the files cannot be used:", *problems)), "mend these lines", data)
    return reading.handbook


def known(book: Handbook, rotation: str) -> str:
    """The rotation's name, if there is one of it."""
    if rotation not in book.rotations:
        from difflib import get_close_matches

        near = get_close_matches(rotation, book.rotations, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(book.rotations) or 'none'}"
        raise Failed(Code.USAGE, "unknown_rotation", f"there is no rotation '{rotation}'", hint)
    return rotation


def names(book: Handbook, people: tuple[str, ...]) -> str:
    """People by name, for people."""
    return " + ".join(book.people[who].name if who in book.people else who for who in people) or "NOBODY"


def check(
    days: Annotated[int, typer.Option("--days", min=1, max=1000, help="How far ahead calendars are looked at.")] = 56,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as well, and so does an outside watcher that is not set.")] = False,
    explain: Annotated[str, typer.Option("--explain", metavar="CODE", help="Say what a finding means.")] = "",
    layout: Annotated[Layout, typer.Option("--format", help="github: annotations of a pull request.")] = Layout.TEXT,
    against: Annotated[str, typer.Option("--against", metavar="OLD", help="A revision or folder: does the edit move a turn that runs?")] = "",
    published: Annotated[str, typer.Option("--published", metavar="FILE|URL", help="Where the policy is published: is it the one that runs?")] = "",
) -> int:
    """Read everything and look for what would go wrong at night. Exit 0: clean, 1: findings, 2: unreadable."""
    from oncall.core.proofs import prove

    if explain:
        return explained(explain)
    settings = usable_settings()
    off = switched_off(settings)
    book = handbook(everything=True, layout=layout)
    found = [*prove(book, now(), days), *(unwatched(settings) if strict else ()), *(compared(published, book, settings) if published else ())]
    found += moved_turns(against, book, days) if against else ()
    counted = [one for one in found if strict or one.severity == "error"]
    said = f"{len(book.people)} people, {len(book.rotations)} rotations, {len(book.escalations)} escalations, {days} days"
    lines = [annotation(one.severity, one.place, one.code, one.what, one.hint) if layout is Layout.GITHUB else str(one) for one in found]
    lines.append(f"{len(found)} findings: {said}. What one means: oncall check --explain CODE" if found else f"All checks passed: {said}.")
    data = [
        {"code": one.code, "severity": one.severity, "file": one.place.file, "line": one.place.line, "column": one.place.column,
         "what": one.what, "hint": one.hint}
        for one in found
    ]  # fmt: skip
    for note in off:
        out.say(f"note: {note}")
    out.data({"ok": not counted, "version": book.version, "findings": data, "off": off}, "\n".join(lines))
    return Code.NO if counted else Code.FINE


def usable_settings() -> Settings:
    """The settings; Failed with every problem if they cannot be used."""
    from oncall.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as error:
        raise Failed(Code.USAGE, "settings", "\n".join(("the settings cannot be used:", *error.problems))) from error


def explained(code: str) -> int:
    """Says what a finding means."""
    from oncall.cli.comparing import edited
    from oncall.cli.published import differs
    from oncall.core.proofs import EXPLANATIONS

    ours = (("AH231", edited), ("AH501", unwatched), ("AH502", differs))
    known = {**EXPLANATIONS, **{code: (one.__doc__ or "").strip() for code, one in ours}}
    if code not in known:
        raise Failed(Code.USAGE, "unknown_code", f"no finding has the code {code}", f"known: {', '.join(known)}")
    out.data({"code": code, "text": known[code]}, known[code])
    return Code.FINE


def unwatched(settings: Settings) -> tuple[Finding, ...]:
    """Nobody outside would notice that the machine with the daemon is dead: no heartbeat URL is set. Only --strict looks at settings."""
    from oncall.core.proofs import Finding

    if settings.heartbeat_url.get_secret_value():
        return ()
    place = Place(file=str(settings.config / "oncall.yaml"), line=1, column=1)
    hint = "set ONCALL_HEARTBEAT_URL, or the credential heartbeat_url, to the address of a check that expects a call each 30 s"
    return (Finding(code="AH501", severity="warning", place=place, what="nobody outside watches the daemon", hint=hint),)


def compared(published: str, book: Handbook, settings: Settings) -> tuple[Finding, ...]:
    """How what is published differs from the files."""
    from oncall.cli.published import differs

    return differs(published, book, settings.ways)


def moved_turns(against: str, book: Handbook, days: int) -> tuple[Finding, ...]:
    """What the files move that has begun, against an older version of them."""
    from oncall.cli.comparing import edited

    return edited(against, book, now(), days)


def switched_off(settings: Settings) -> list[str]:
    """What the settings leave off."""
    off = [] if settings.twilio_account_sid else ["SMS is off here: no Twilio credentials are set, so a daemon could not page anybody"]
    return off + ([] if settings.api_keys.get_secret_value() else ["no API key is set here, so programs could not report emergencies"])


def who(
    rotation: Annotated[str, typer.Argument(metavar="[ROTATION]", help="Only this rotation; by default all.")] = "",
    at: Annotated[str, typer.Option("--at", metavar="TIME", help='Not now but then: "Sat 02:30" or 2026-11-28T02:30:00Z.')] = "",
) -> int:
    """Who is on call, why, and until when. Exit 1 if nobody is."""
    from oncall.web.views import duty_line, time_text

    book = handbook(everything=False)
    asked = (known(book, rotation),) if rotation else tuple(book.rotations)
    when = read_time(at, book.timezone, now()) if at else now()
    found = {name: current_duty(book, name, when) for name in asked}
    rows = [who_row(book, name, duty, when) for name, duty in found.items()]
    out.data({"at": time_text(when), "rotations": {name: duty_line(duty) for name, duty in found.items()}}, table(rows) if rows else "no rotations")
    return Code.FINE if rows and all(duty.people for duty in found.values()) else Code.NO


def who_row(book: Handbook, name: str, duty: Duty, when: datetime) -> tuple[str, ...]:
    """One line of `who`."""
    left = f"until {clock_text(duty.end, book.timezone)}" + (f" ({span_text(duty.end - when)})" if duty.end else "")
    return name, names(book, duty.people), left, duty.because


def schedule(
    rotation: Annotated[str, typer.Argument(metavar="ROTATION")],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="By default now.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="By default four weeks later.")] = "",
    ics: Annotated[bool, typer.Option("--ics", help="As iCalendar.")] = False,
    replaces: Annotated[str, typer.Option("--replaces", metavar="OLD", help="With --ics: cancel what it had in this revision or folder.")] = "",
) -> int:
    """The shifts of a rotation between two times; gaps have nobody in them. Exit 1 if there are gaps."""
    from oncall.web.views import shift_lines

    book = handbook(everything=False)
    known(book, rotation)
    begins = read_time(start, book.timezone, now()) if start else now().replace(microsecond=0)
    ends = read_time(end, book.timezone, begins) if end else begins + timedelta(weeks=4)
    if not begins < ends <= begins + LONGEST:
        raise Failed(Code.USAGE, "span", f"--to must be after --from, by at most {LONGEST.days} days")
    found = duties(book, rotation, begins, ends)
    if ics:
        print(ics_of(book, rotation, found, replaces, begins, ends), end="")
        return Code.FINE if all(one.people for one in found) else Code.NO
    rows: list[tuple[str, ...]] = [
        (clock_text(one.start, book.timezone), clock_text(one.end, book.timezone), names(book, one.people), one.because) for one in found
    ]
    out.data(shift_lines(found), table(rows))
    return Code.FINE if all(one.people for one in found) else Code.NO


def schema() -> int:
    """Print the JSON Schema of the files, for editors: save it beside them and name it in a file's first line."""
    import json

    from oncall.handbook.schema import schema as made

    print(json.dumps(made(), indent=2, ensure_ascii=False))
    return Code.FINE


def ics_of(book: Handbook, rotation: str, found: tuple[Duty, ...], replaces: str, begins: datetime, ends: datetime) -> str:
    """A schedule as iCalendar; `replaces`: where the one is that it replaces, ''."""
    from oncall.cli.comparing import book_of
    from oncall.web.ical import calendar, times_of

    old = book_of(replaces) if replaces else None
    before = times_of(rotation, duties(old, rotation, begins, ends)) if old is not None and rotation in old.rotations else ()
    return calendar(book, f"On call: {rotation}", times_of(rotation, found), before, now())
