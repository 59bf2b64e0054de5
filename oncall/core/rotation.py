"""Who holds a rotation at an instant and why, and its duties between two instants; one function for pages, calendars and proofs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from oncall.core.hours import WEEK_MINUTES, is_open, next_change, touches
from oncall.core.localtime import instant_of, local_of, monday_of
from oncall.core.model import Away, Change, ChangeKind, Handbook, Place, Rotation, Shift

SLOTS_FROM = datetime(1970, 1, 5)  # noqa: DTZ001 -- a local time, naive on purpose
"""The Monday from which handover slots are counted; any Monday before every start would do."""
LOOK_FOR_BOUNDS = timedelta(days=15)
"""How far around an instant the beginning and the end of its duty are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is on call, why in words, and by which lines; `start` and `end` (UTC) are None where nobody asked for them. No people: a gap."""

    people: tuple[str, ...]
    because: str
    place: Place
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a shift, [start, end) in UTC; `number` counts the turns that used somebody up, from 0 (-1: nobody's)."""

    number: int
    start: datetime
    end: datetime | None


def on_call(handbook: Handbook, rotation: str, at: datetime) -> Duty:
    """Who is on call for `rotation` at `at`: turn holder, then cover, first shift with somebody, then the changes in order.

    KeyError: there is no such rotation.
    """
    found = handbook.rotations[rotation]
    duty = by_shifts(handbook, found, at)
    for change in handbook.changes:
        if change.rotation == rotation and in_force(change, at):
            duty = changed(duty, change)
    return duty


def by_shifts(handbook: Handbook, rotation: Rotation, at: datetime) -> Duty:
    """The first shift that applies and has somebody."""
    for shift in rotation.shifts:
        if shift.hours is not None and not is_open(shift.hours, shift.timezone, at):
            continue
        turn = turn_at(shift, at)
        if turn is not None and turn.number >= 0:
            return holder(handbook, shift, turn, at)
    return Duty(people=(), because=f"no shift of {rotation.id} applies", place=rotation.place)


def holder(handbook: Handbook, shift: Shift, turn: Turn, at: datetime) -> Duty:
    """The turn's holder; whoever is away is covered by the next in the ring who is there (rotations.md 1.6).

    If that leaves nobody, the holder is on call all the same, and the reason says so (decisions.md 22).
    """
    position = turn.number % len(shift.ring)
    entry = shift.ring[position]
    absent = [who for who in entry.people if is_away(handbook, who, at)]
    if not absent:
        return Duty(people=entry.people, because=f"{shift.name}, turn of {' + '.join(entry.people)}", place=entry.place)
    people, covered = [who for who in entry.people if who not in absent], []
    others = (who for step in range(1, len(shift.ring)) for who in shift.ring[(position + step) % len(shift.ring)].people)
    there = (who for who in others if not is_away(handbook, who, at) and who not in entry.people)
    for who in absent:
        cover = next((one for one in there if one not in people), None)
        people.append(cover or who)
        covered.append(f"{cover} covers {who} (away)" if cover else f"{who} is away, but nobody else is there")
    return Duty(people=tuple(dict.fromkeys(people)), because=f"{shift.name}, {', '.join(covered)}", place=entry.place)


def is_away(handbook: Handbook, who: str, at: datetime) -> bool:
    """Whether `who` is absent at `at`."""
    return any(away.person == who and in_force(away, at) for away in handbook.away)


def in_force(entry: Away | Change, at: datetime) -> bool:
    """Whether an absence or a change, written in local time, covers `at`."""
    return instant_of(entry.start, entry.timezone) <= at < instant_of(entry.end, entry.timezone)


def changed(duty: Duty, change: Change) -> Duty:
    """The duty after one change; one that does not concern it leaves it."""
    why = f" ({change.why})" if change.why else ""
    if change.kind is ChangeKind.PUT:
        who = " + ".join(change.people) or "nobody"
        return Duty(people=change.people, because=f"changed: {who} put in{why}", place=change.place)
    if change.kind is ChangeKind.ADD:
        people = tuple(dict.fromkeys((*duty.people, *change.people)))
        return Duty(people=people, because=f"{duty.because}; {' + '.join(change.people)} added{why}", place=change.place)
    first, second = change.people
    swaps = {first: second, second: first} if change.kind is ChangeKind.SWAP else {first: second}
    if not set(duty.people) & set(swaps):
        return duty
    people = tuple(dict.fromkeys(swaps.get(who, who) for who in duty.people))
    words = f"{first} and {second} swapped" if change.kind is ChangeKind.SWAP else f"{second} covers {first}"
    return Duty(people=people, because=f"{duty.because}; {words}{why}", place=change.place)


# Turns


def turn_at(shift: Shift, at: datetime) -> Turn | None:
    """The turn that runs at `at`; None before the shift's start."""
    if shift.start is not None and at < instant_of(shift.start, shift.timezone):
        return None
    if shift.handover is None or shift.start is None:
        return Turn(number=0, start=instant_of(shift.start, shift.timezone) if shift.start else at, end=None)
    points = shift.handover.minutes
    slot = slot_at(shift, at)
    start, end = (instant_of(point(points, one), shift.timezone) for one in (slot, slot + 1))
    return Turn(number=number_of(shift, slot), start=start, end=end)


def point(points: tuple[int, ...], slot: int) -> datetime:
    """The naive local time at which weekly slot `slot` begins, counted from the first handover of the week of SLOTS_FROM."""
    week, index = divmod(slot, len(points))
    return SLOTS_FROM + timedelta(weeks=week, minutes=points[index])


def slot_of(points: tuple[int, ...], local: datetime) -> int:
    """The slot that naive `local` lies in."""
    monday = monday_of(local)
    minute = (local - monday) // timedelta(minutes=1)
    return (monday - SLOTS_FROM) // timedelta(weeks=1) * len(points) + bisect_right(points, minute) - 1


def slot_at(shift: Shift, at: datetime) -> int:
    """The slot that runs at `at`: the last whose beginning has happened, by the one clock rule."""
    assert shift.handover is not None
    points = shift.handover.minutes
    slot = slot_of(points, local_of(at, shift.timezone))
    while instant_of(point(points, slot + 1), shift.timezone) <= at:
        slot += 1
    while instant_of(point(points, slot), shift.timezone) > at:
        slot -= 1
    return slot


def number_of(shift: Shift, slot: int) -> int:
    """Which turn `slot` is, counted from the first; -1 when the shift has no hours in it, so that it uses up nobody."""
    assert shift.handover is not None
    assert shift.start is not None
    points = shift.handover.minutes
    active = active_slots(shift)
    first = slot_of(points, shift.start)
    if slot % len(points) not in active:
        return -1
    return used(active, len(points), slot) - used(active, len(points), first)


def used(active: tuple[int, ...], per_week: int, slot: int) -> int:
    """How many slots before `slot` used somebody up, from the epoch on."""
    week, index = divmod(slot, per_week)
    return week * len(active) + sum(1 for one in active if one < index)


@lru_cache(maxsize=1024)
def active_slots(shift: Shift) -> tuple[int, ...]:
    """Which of the week's slots have any of the shift's weekly hours; by the hours alone, never by absences (rotations.md 1.5)."""
    assert shift.handover is not None
    points = shift.handover.minutes
    ends = (*points[1:], points[0] + WEEK_MINUTES)
    return tuple(
        index for index, (start, end) in enumerate(zip(points, ends, strict=True)) if shift.hours is None or touches(shift.hours, start, end)
    )


# Spans


def duties(handbook: Handbook, rotation: str, start: datetime, end: datetime) -> tuple[Duty, ...]:
    """The duties that cover [start, end) exactly, equal neighbours merged; gaps have no people. KeyError: no such rotation."""
    found: list[Duty] = []
    edges = sorted({start, *(edge for edge in breakpoints(handbook, handbook.rotations[rotation], start, end) if start < edge < end)})
    for at, until in zip(edges, (*edges[1:], end), strict=True):
        duty = on_call(handbook, rotation, at)
        last = found[-1] if found else None
        if last is not None and (last.people, last.because) == (duty.people, duty.because):
            found[-1] = spanned(last, last.start, until)
        else:
            found.append(spanned(duty, at, until))
    return tuple(found)


def spanned(duty: Duty, start: datetime | None, end: datetime | None) -> Duty:
    """The duty with its bounds."""
    return Duty(people=duty.people, because=duty.because, place=duty.place, start=start, end=end)


def current_duty(handbook: Handbook, rotation: str, at: datetime) -> Duty:
    """The duty at `at` with its beginning and end; None where it is further away than LOOK_FOR_BOUNDS."""
    low, high = at - LOOK_FOR_BOUNDS, at + LOOK_FOR_BOUNDS
    duty = next(one for one in duties(handbook, rotation, low, high) if one.start is not None and one.end is not None and one.start <= at < one.end)
    return spanned(duty, None if duty.start == low else duty.start, None if duty.end == high else duty.end)


def breakpoints(handbook: Handbook, rotation: Rotation, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every instant in [start, end) at which the answer may change, and some outside."""
    for shift in rotation.shifts:
        yield from turn_edges(shift, start, end)
        edge = next_change(shift.hours, shift.timezone, start) if shift.hours else None
        while shift.hours is not None and edge is not None and edge < end:
            yield edge
            edge = next_change(shift.hours, shift.timezone, edge)
    mine = (change for change in handbook.changes if change.rotation == rotation.id)
    dated: tuple[Away | Change, ...] = (*handbook.away, *mine)
    for entry in dated:
        yield instant_of(entry.start, entry.timezone)
        yield instant_of(entry.end, entry.timezone)


def turn_edges(shift: Shift, start: datetime, end: datetime) -> Iterator[datetime]:
    """The beginnings of the shift's turns between `start` and `end`."""
    if shift.start is not None:
        yield instant_of(shift.start, shift.timezone)
    if shift.handover is None:
        return
    slot = slot_at(shift, start)
    edge = start
    while edge < end:
        slot += 1
        edge = instant_of(point(shift.handover.minutes, slot), shift.timezone)
        yield edge
