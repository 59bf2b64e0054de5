"""What an edit of the handbook changes: who is on call instead of whom, from when to when; never in lines of YAML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.core.localtime import local_of
from oncall.core.model import Handbook
from oncall.core.rota import Shift
from oncall.core.schedule import duties
from oncall.core.slots import point, slot_at
from oncall.core.turns import turn_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """In [start, end) `after` are on call for `rotation` instead of `before`. `is_running`: it is so at the instant that was asked about."""

    rotation: str
    start: datetime
    end: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]
    is_running: bool


def differences(old: Handbook, new: Handbook, start: datetime, end: datetime) -> tuple[Difference, ...]:
    """Every stretch of [start, end) in which others are on call, by rotation. One that comes has nobody before, one that goes nobody after."""
    return tuple(found for name in sorted(old.rotations.keys() | new.rotations.keys()) for found in of_rotation(old, new, name, start, end))


def of_rotation(old: Handbook, new: Handbook, rotation: str, start: datetime, end: datetime) -> Iterator[Difference]:
    """The differences of one rotation, equal neighbours as one."""
    before, after = (people_by_time(book, rotation, start, end) for book in (old, new))
    edges = sorted({at for at, _ in (*before, *after)})
    found: Difference | None = None
    for at, until in zip(edges, (*edges[1:], end), strict=True):
        was, now = people_at(before, at), people_at(after, at)
        if found is not None and found.end == at and (found.before, found.after) == (was, now):
            found = replace(found, end=until)
            continue
        if found is not None:
            yield found
        same = sorted(was) == sorted(now)
        found = None if same else Difference(rotation=rotation, start=at, end=until, before=was, after=now, is_running=at == start)
    if found is not None:
        yield found


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenTurn:
    """A turn of `shift` that `before` have since `began` and would not end: `after` have it by the edit, nobody if it takes the turns away."""

    rotation: str
    shift: str
    began: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


def taken_turns(old: Handbook, new: Handbook, at: datetime) -> Iterator[TakenTurn]:
    """The turns that run at `at`, also outside their hours, and that an edit of a ring gives to others. A shift is known by its name.

    Dated changes and absences move nobody here: they say themselves from when on they are meant.
    """
    for name in sorted(old.rotations.keys() & new.rotations.keys()):
        now = {shift.name: shift for shift in new.rotations[name].shifts}
        for shift in old.rotations[name].shifts:
            turn = turn_at(shift, at)
            if turn is None or turn.began is None or shift.name not in now:
                continue
            following = turn_at(now[shift.name], at)
            before = shift.ring[turn.entry].people
            after = now[shift.name].ring[following.entry].people if following is not None else ()
            if sorted(before) != sorted(after):
                yield TakenTurn(rotation=name, shift=shift.name, began=turn.began, before=before, after=after)


def people_by_time(book: Handbook, rotation: str, start: datetime, end: datetime) -> tuple[tuple[datetime, tuple[str, ...]], ...]:
    """Who is on call from when on; nobody for a rotation that does not exist."""
    if rotation not in book.rotations:
        return ((start, ()),)
    return tuple((one.start or start, one.people) for one in duties(book, rotation, start, end))


def people_at(line: tuple[tuple[datetime, tuple[str, ...]], ...], at: datetime) -> tuple[str, ...]:
    """Who is on call at `at` by such a line."""
    return next(people for since, people in reversed(line) if since <= at)


def advice(old: Handbook, new: Handbook, rotation: str, at: datetime) -> tuple[str, ...]:
    """What to write so that nobody's running turn moves: entries of a ring that came or went without a date (rotations.md 1.4)."""
    was, now = (entries_of(book, rotation) for book in (old, new))
    came = (f"'{names} from {next_handover(now[names][1], at)}' instead of '{names}'" for names in now.keys() - was.keys() if not now[names][0])
    went = (f"'{names} until {local_of(at, was[names][1].timezone):%Y-%m-%d}' instead of leaving it out" for names in was.keys() - now.keys())
    return tuple(sorted((*came, *went)))


def entries_of(book: Handbook, rotation: str) -> dict[str, tuple[bool, Shift]]:
    """The entries of a rotation's rings, as written, whether they begin at a date, and whose they are."""
    found = book.rotations.get(rotation)
    entries = ((entry, shift) for shift in (found.shifts if found else ()) for entry in shift.ring)
    return {" + ".join(entry.people): (entry.joins is not None, shift) for entry, shift in entries}


def next_handover(shift: Shift, at: datetime) -> str:
    """The date of a shift's next handover after `at`; of tomorrow where there is none."""
    if shift.handover is None:
        return f"{local_of(at, shift.timezone) + timedelta(days=1):%Y-%m-%d}"
    return f"{point(shift, slot_at(shift, at) + 1):%Y-%m-%d}"
