"""Schedules: the duties of a rotation between two instants, and who is on call at one, looked up in the schedule of its week."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from oncall.core.hours import edges
from oncall.core.localtime import instant_of
from oncall.core.model import Handbook, Person
from oncall.core.rota import Rotation, Shift
from oncall.core.rotation import Duty, absences, changes_by_time, is_away, is_trained, resolve
from oncall.core.slots import begins, slot_at
from oncall.core.turns import in_ring

WEEKS_LOOKED_AT = 5
"""How far around its week the beginning and the end of a duty are looked for: a monthly turn has both."""
WEEKS_FROM = datetime(1970, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)
WEEKS_REMEMBERED = 512
"""Schedules of a week, some kilobytes each: the present ones of every rotation, and a year of a few."""


def on_call(handbook: Handbook, rotation: str, at: datetime, needs: str = "") -> Duty:
    """Who is on call for `rotation` at `at`, as resolve() says. `needs`: a skill. KeyError: there is no such rotation."""
    starts, found = week_of(handbook, rotation, needs, (at - WEEKS_FROM) // WEEK)
    return found[bisect_right(starts, at) - 1]


@lru_cache(maxsize=WEEKS_REMEMBERED)
def week_of(handbook: Handbook, rotation: str, needs: str, week: int) -> tuple[tuple[datetime, ...], tuple[Duty, ...]]:
    """A week of a rotation: when each duty begins, and the duties, without bounds."""
    start = WEEKS_FROM + week * WEEK
    found = duties(handbook, rotation, start, start + WEEK, needs)
    return tuple(one.start or start for one in found), tuple(spanned(one, None, None) for one in found)


def paged(handbook: Handbook, targets: tuple[str, ...], at: datetime, needs: str = "") -> tuple[str, ...]:
    """The people that names of rotations and people stand for at `at`, each once. Who is named and untrained is left out, if others are left."""
    found: dict[str, bool] = {}
    for target in targets:
        if target in handbook.rotations:
            found |= dict.fromkeys(on_call(handbook, target, at, needs).people, True)
        elif target in handbook.people:
            found[target] = found.get(target, False) or is_trained(handbook, target, needs, at)
    trained = tuple(who for who, is_fit in found.items() if is_fit)
    return trained or tuple(found)


def shadows(handbook: Handbook, rotation: str, at: datetime) -> tuple[str, ...]:
    """Who gets copies of what the rotation is paged for, without whoever is on call or away; never anybody's cover."""
    found = handbook.rotations[rotation]
    if not found.shadows:
        return ()
    shift = found.shifts[0]
    people = (who for entry in found.shadows if in_ring(shift, entry, at) for who in entry.people)
    on_duty = on_call(handbook, rotation, at).people
    return tuple(dict.fromkeys(who for who in people if who not in on_duty and not is_away(handbook, who, at)))


def needed(handbook: Handbook, service: str) -> str:
    """The skill that a service needs by the newest handbook, ''."""
    found = handbook.services.get(service)
    return found.needs if found else ""


def duties(handbook: Handbook, rotation: str, start: datetime, end: datetime, needs: str = "") -> tuple[Duty, ...]:
    """The duties that cover [start, end) exactly, equal neighbours merged; gaps have no people. `needs`: see on_call. KeyError: no such rotation."""
    found: list[Duty] = []
    edges = sorted({start, *(edge for edge in breakpoints(handbook, handbook.rotations[rotation], start, end, needs) if start < edge < end)})
    for at, until in zip(edges, (*edges[1:], end), strict=True):
        duty = resolve(handbook, rotation, at, needs)
        last = found[-1] if found else None
        if last is not None and is_same(last, duty):
            found[-1] = spanned(last, last.start, until)
        else:
            found.append(spanned(duty, at, until))
    return tuple(found)


def spanned(duty: Duty, start: datetime | None, end: datetime | None) -> Duty:
    """The duty with its bounds."""
    return replace(duty, start=start, end=end)


def current_duty(handbook: Handbook, rotation: str, at: datetime, needs: str = "") -> Duty:
    """The duty at `at` with its beginning and end; None where it is further away than WEEKS_LOOKED_AT."""
    week = (at - WEEKS_FROM) // WEEK
    starts, found = week_of(handbook, rotation, needs, week)
    index = bisect_right(starts, at) - 1
    duty = found[index]
    start = starts[index] if index else begun_before(handbook, rotation, needs, week, duty)
    end = starts[index + 1] if index + 1 < len(starts) else ends_after(handbook, rotation, needs, week, duty)
    return spanned(duty, start, end)


def begun_before(handbook: Handbook, rotation: str, needs: str, week: int, duty: Duty) -> datetime | None:
    """When a duty that reaches to the beginning of a week began."""
    began: datetime | None = WEEKS_FROM + week * WEEK
    for earlier in range(week - 1, week - 1 - WEEKS_LOOKED_AT, -1):
        starts, found = week_of(handbook, rotation, needs, earlier)
        if not is_same(found[-1], duty):
            return began
        began = starts[-1]
        if len(found) > 1:
            return began
    return None


def ends_after(handbook: Handbook, rotation: str, needs: str, week: int, duty: Duty) -> datetime | None:
    """When a duty that reaches to the end of a week ends."""
    for later in range(week + 1, week + 1 + WEEKS_LOOKED_AT):
        starts, found = week_of(handbook, rotation, needs, later)
        if not is_same(found[0], duty):
            return starts[0]
        if len(found) > 1:
            return starts[1]
    return None


def is_same(one: Duty, other: Duty) -> bool:
    """Whether two neighbours are one duty."""
    return (one.people, one.because, one.turn_began) == (other.people, other.because, other.turn_began)


def breakpoints(handbook: Handbook, rotation: Rotation, start: datetime, end: datetime, needs: str = "") -> Iterator[datetime]:
    """Every instant in [start, end) at which the answer may change, and some outside."""
    for shift in rotation.shifts:
        yield from turn_edges(shift, start, end)
        if shift.hours is not None:
            yield from edges(shift.hours, shift.timezone, start, end)
    yield from between(changes_by_time(handbook, rotation.id)[0], start, end)
    for spans in absences(handbook).values():
        yield from (edge for span in spans for edge in span)
    for person in handbook.people.values() if needs else ():
        yield from trainings(person, needs)
    for other in {rotation.backs_up, rotation.apart_from} - {""}:
        yield from breakpoints(handbook, handbook.rotations[other], start, end, needs)


def trainings(person: Person, skill: str) -> Iterator[datetime]:
    """When a person's training for `skill` begins and ends."""
    times = (time for one in person.skills if one.name == skill for time in (one.begins, one.ends))
    yield from (instant_of(time, person.timezone) for time in times if time is not None)


def between(instants: tuple[datetime, ...], start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Those of ascending `instants` that lie in [start, end)."""
    return instants[bisect_left(instants, start) : bisect_left(instants, end)]


def turn_edges(shift: Shift, start: datetime, end: datetime) -> Iterator[datetime]:
    """The beginnings of the shift's turns between `start` and `end`, and its dates."""
    dates = (shift.start, shift.opens, shift.closes, *(date for entry in shift.ring for date in (entry.joins, entry.leaves)))
    yield from (instant_of(date, shift.timezone) for date in dates if date is not None)
    if shift.handover is None:
        return
    slot, edge = slot_at(shift, start), start
    while edge < end:
        slot += 1
        edge = begins(shift, slot)
        yield edge
