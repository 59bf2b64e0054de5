"""The commands about holidays: `update` writes config/holidays.lock, to be reviewed in git; `list` shows the days that count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from oncall.cli.output import Code, Failed, out, table
from oncall.cli.planning import folders, handbook, now

if TYPE_CHECKING:
    from oncall.handbook.holidays import Lock, Named

YEARS_AHEAD = 2
Days = Mapping[date, str]

app = typer.Typer(name="holidays", help="The holidays that hours say 'except' to.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Adds the commands."""
    parent.add_typer(app)


@app.command("update")
def update(
    since: Annotated[int | None, typer.Option("--from", min=1970, max=2100, metavar="YEAR", help="By default this year.")] = None,
    until: Annotated[int | None, typer.Option("--to", min=1970, max=2100, metavar="YEAR", help="By default two years later.")] = None,
) -> int:
    """Write config/holidays.lock for every calendar that the files name; look at the difference before you commit it."""
    from oncall.handbook import names_of_calendars
    from oncall.handbook.holidays import LOCK

    first = since or now().year
    last = until or first + YEARS_AHEAD
    if last < first:
        raise Failed(Code.USAGE, "span", "--to must not be before --from")
    named, lock, problems = names_of_calendars(*folders())
    if problems:
        raise Failed(Code.USAGE, "unreadable", "\n".join(("the files cannot be used:", *map(str, problems))), "mend these lines")
    dated = {one.code: days_of(one, first, last) for one in named.values() if one.code}
    path = folders()[0] / LOCK
    fresh = path.with_name(f".{LOCK}.new")
    fresh.write_text(written(first, last, dated), encoding="utf-8")
    fresh.replace(path)
    changes = list(differences(lock, first, last, dated))
    said = f"{path}: {len(dated)} calendars, {first} to {last}"
    data = {"file": str(path), "from": first, "to": last, "calendars": {code: len(days) for code, days in dated.items()}, "changes": changes}
    out.data(data, "\n".join((said, *changes)))
    return Code.FINE


@app.command("list")
def list_(
    calendar: Annotated[str, typer.Argument(metavar="[CALENDAR]", help="Only this one; by default all.")] = "",
    year: Annotated[int | None, typer.Option("--year", min=1970, max=2100, help="By default all years that are known.")] = None,
) -> int:
    """The days that are holidays, with what the files add and take out."""
    book = handbook(everything=False)
    if calendar and calendar not in book.calendars:
        raise Failed(Code.USAGE, "unknown_calendar", f"there are no holidays called '{calendar}'", f"known: {', '.join(book.calendars) or 'none'}")
    asked = [calendar] if calendar else list(book.calendars)
    found = {name: {day: text for day, text in book.calendars[name].names.items() if year in {None, day.year}} for name in asked}
    rows: list[tuple[str, ...]] = [(name, f"{day:%a %Y-%m-%d}", text) for name, days in found.items() for day, text in days.items()]
    data = {name: {day.isoformat(): text for day, text in days.items()} for name, days in found.items()}
    out.data({"holidays": data}, table(rows) if rows else "no holidays are named in the files")
    return Code.FINE


def days_of(named: Named, first: int, last: int) -> Days:
    """The public holidays of a country, or a part of one, by the library; Failed with the place of a code that it does not know."""
    import holidays as library

    known = library.list_supported_countries()
    country, _, part = named.code.partition("-")
    if country not in known or ((part or named.code != country) and part not in known[country]):
        codes = [f"{country}-{one}" for one in known[country]] if country in known else list(known)
        near = get_close_matches(named.code, codes, n=3, cutoff=0.3)
        hint = "write a country as 'NL', or one of its parts as 'DE-BY'" + (f"; near: {', '.join(near)}" if near else "")
        raise Failed(Code.USAGE, "unknown_calendar", f"{named.place}: no holidays are known for '{named.code}'", hint)
    found = library.country_holidays(country, subdiv=part or None, years=range(first, last + 1), language="en_US")
    return {day: str(name) for day, name in sorted(found.items())}


def written(first: int, last: int, calendars: Mapping[str, Days]) -> str:
    """The lock file."""
    from importlib.metadata import version

    head = f"# Public holidays by the package 'holidays' {version('holidays')}; made by `oncall holidays update`. Review it, do not edit it.\n"
    lines = [f"version: 1\nfrom: {first}-01-01\nto: {last}-12-31\ncalendars:{'' if calendars else ' {}'}\n"]
    for code, days in sorted(calendars.items()):
        lines.append(f"  {code}:{'' if days else ' {}'}\n")
        lines.extend(f"    {day.isoformat()}: '{name.replace(chr(39), chr(39) * 2)}'\n" for day, name in days.items())
    return head + "".join(lines)


def differences(lock: Lock | None, first: int, last: int, calendars: Mapping[str, Days]) -> Iterable[str]:
    """What is new and what is gone, in the years that both the old and the new lock file know."""
    if lock is None:
        return
    for code, days in sorted(calendars.items()):
        known = {day: name for day, name in lock.calendars.get(code, {}).items() if first <= day.year <= last}
        both = {day: name for day, name in days.items() if lock.first <= day <= lock.last}
        for day in sorted(known.keys() ^ both.keys()):
            yield f"{'-' if day in known else '+'} {code} {day:%a %Y-%m-%d} {known.get(day) or both[day]}"
