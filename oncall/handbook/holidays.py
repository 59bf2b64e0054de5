"""Reads holiday calendars: which the files name, and config/holidays.lock, which knows the dates; at page time no library is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from oncall.core.place import Place
from oncall.core.rota import Calendar, Hours
from oncall.handbook.grammar import VERSION
from oncall.handbook.reader import Reader
from oncall.handbook.values import moment
from oncall.handbook.yaml_text import Fields, Node, Text, compose

LOCK = "holidays.lock"
LOCK_FILE = f"config/{LOCK}"
UPDATE = "run: oncall holidays update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What the lock file knows: the holidays of each calendar, with their names, from `first` to `last`."""

    first: date
    last: date
    calendars: Mapping[str, Mapping[date, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A calendar as the files name it: a `code` of the lock file ('' for a list of its own), with dates more or fewer."""

    code: str
    plus: tuple[date, ...]
    minus: tuple[date, ...]
    place: Place


def read_calendars(reader: Reader, node: Node | None, files: Mapping[str, str]) -> dict[str, Calendar]:
    """The named calendars with their dates."""
    named = read_named(reader, node)
    lock = read_lock(reader, files)
    found = {}
    for name, one in named.items():
        if one.code and (lock is None or one.code not in lock.calendars):
            reader.add(one.place, f"the holidays of '{one.code}' are not in {LOCK_FILE}", UPDATE)
            found[name] = Calendar(id=name, days=frozenset(), until=date.max)
        else:
            found[name] = calendar(name, one, lock if one.code else None)
    return found


def calendar(name: str, named: Named, lock: Lock | None) -> Calendar:
    """The days of a calendar; without a lock they are those the files list, and no more will come."""
    known = dict(lock.calendars[named.code]) if lock else {}
    names = {day: text for day, text in known.items() if day not in named.minus} | {day: known.get(day, "as the files say") for day in named.plus}
    not_there = tuple((day, named.place) for day in named.minus if lock is not None and lock.first <= day <= lock.last and day not in known)
    return Calendar(
        id=name,
        days=frozenset(names),
        until=lock.last if lock else date.max,
        names=dict(sorted(names.items())),
        not_there=not_there,
    )


def read_named(reader: Reader, node: Node | None) -> dict[str, Named]:
    """The calendars as the files name them: a code, or one with dates more or fewer."""
    listed = reader.named(node, "'holidays'") if node is not None else None
    found = {}
    for name, one in listed or ():
        if isinstance(one, Text):
            found[name] = Named(code=one.value, plus=(), minus=(), place=one.place)
            continue
        fields = reader.fields(one, "calendar", f"the holidays '{name}'")
        if fields is None:
            continue
        code = reader.text(fields.fields.get("calendar"), "'calendar'")
        if code is None and "plus" not in fields.fields:
            reader.add(fields.place, f"the holidays '{name}' have neither 'calendar' nor 'plus'")
        place = code.place if code else fields.place
        found[name] = Named(code=code.value if code else "", plus=dates(reader, fields, "plus"), minus=dates(reader, fields, "minus"), place=place)
    return found


def dates(reader: Reader, fields: Fields, key: str) -> tuple[date, ...]:
    """A list of dates."""
    return tuple(one for text in reader.listed(fields.fields.get(key), f"'{key}'") if (one := day_of(reader, text)) is not None)


def day_of(reader: Reader, text: Text | None) -> date | None:
    """A date."""
    found = moment(reader, text)
    if text is not None and found is not None and ":" in text.value:
        reader.add(text.place, f"'{text.value}' is more than a date", "holidays are whole days")
    return found.date() if found else None


def read_lock(reader: Reader, files: Mapping[str, str]) -> Lock | None:
    """The lock file; None if there is none, or if it cannot be used, which is told."""
    if LOCK_FILE not in files:
        return None
    node = compose(LOCK_FILE, files[LOCK_FILE], reader.problems)
    fields = reader.fields(node, "lock", f"the file {LOCK_FILE}") if node is not None else None
    if fields is None:
        return None
    version = reader.needed(fields, "version", f"the file {LOCK_FILE}")
    if version is not None and version.value != VERSION:
        reader.add(version.place, f"version '{version.value}' of the lock file is not known", UPDATE)
    first, last = (day_of(reader, reader.needed(fields, key, f"the file {LOCK_FILE}")) for key in ("from", "to"))
    listed = reader.named(fields.fields["calendars"], "'calendars'") if "calendars" in fields.fields else None
    if first is None or last is None:
        return None
    return Lock(first=first, last=last, calendars={code: locked_days(reader, code, one) for code, one in listed or ()})


def locked_days(reader: Reader, code: str, node: Node) -> dict[date, str]:
    """The days of one calendar in the lock file."""
    found = {}
    named = reader.named(node, f"the days of {code}")
    for written, one in named or ():
        day = day_of(reader, Text(value=written, place=named.keys[written] if named else one.place))
        name = reader.text(one, f"the name of {written}")
        if day is not None and name is not None:
            found[day] = name.value
    return found


def calendar_said(reader: Reader, fields: Fields, calendars: Mapping[str, Calendar]) -> Text | None:
    """The calendar that a section names; one that is not known is told."""
    text = reader.text(fields.fields.get("holidays"), "'holidays'")
    if text is not None:
        reader.known(text, "holiday calendar", calendars)
    return text


def on_calendar(reader: Reader, hours: Hours, place: Place, calendars: Mapping[str, Calendar], *nearest: Fields) -> Hours:
    """`hours` with the calendar that their 'except holidays' speaks of: the nearest 'holidays', else the only one (decisions.md 27).

    `nearest`: the sections that may name one, the nearest first.
    """
    said = [text for fields in nearest if (text := calendar_said(reader, fields, calendars)) is not None]
    if not any(span.except_holidays for span in hours.spans):
        return hours
    if said:
        return replace(hours, calendar=calendars.get(said[0].value))
    if len(calendars) != 1:
        known = f"name one of them by 'holidays': {', '.join(calendars)}" if calendars else "name one, e.g. holidays: {munich: DE-BY}"
        reader.add(place, f"'{hours.name}' says 'except holidays', but it is not said which", known)
        return hours
    return replace(hours, calendar=next(iter(calendars.values())))
