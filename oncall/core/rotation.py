"""Who holds a rotation at an instant and why, and its duties between two instants; one function for pages, calendars and proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.hours import edges, is_open
from oncall.core.localtime import instant_of
from oncall.core.model import Handbook
from oncall.core.place import Place
from oncall.core.rota import Away, Change, ChangeKind, Rotation, Shift
from oncall.core.slots import begins, slot_at
from oncall.core.turns import in_ring, turn_holder

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
        position = turn_holder(shift, at) if applies(shift, at) else None
        duty = holder(handbook, shift, position, at) if position is not None else None
        if duty is not None and duty.people:
            return duty
    return Duty(people=(), because=f"no shift of {rotation.id} applies", place=rotation.place)


def applies(shift: Shift, at: datetime) -> bool:
    """Whether a shift is in season and its hours are open."""
    if shift.opens is not None and at < instant_of(shift.opens, shift.timezone):
        return False
    if shift.closes is not None and at >= instant_of(shift.closes, shift.timezone):
        return False
    return shift.hours is None or is_open(shift.hours, shift.timezone, at)


def holder(handbook: Handbook, shift: Shift, position: int, at: datetime) -> Duty:
    """The holder of a turn; whoever is away or has left is covered by the next in the ring who is there (rotations.md 1.6).

    If that leaves nobody, who is away is on call all the same, and the reason says so (decisions.md 22); who left is not.
    """
    entry = shift.ring[position]
    left = entry.stops and not in_ring(shift, entry, at)
    absent = [who for who in entry.people if left or is_away(handbook, who, at)]
    if not absent:
        return Duty(people=entry.people, because=f"{shift.name}, turn of {' + '.join(entry.people)}", place=entry.place)
    people, covered = [who for who in entry.people if who not in absent], []
    others = (shift.ring[(position + step) % len(shift.ring)] for step in range(1, len(shift.ring)))
    members = (who for other in others if in_ring(shift, other, at) for who in other.people)
    there = (who for who in members if not is_away(handbook, who, at) and who not in entry.people)
    for who in absent:
        cover = next((one for one in there if one not in people), None)
        people += [cover] if cover else [] if left else [who]
        why = "left" if left else "away"
        covered.append(f"{cover} covers {who} ({why})" if cover else f"{who} {'has' if left else 'is'} {why}, but nobody else is there")
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
        if shift.hours is not None:
            yield from edges(shift.hours, shift.timezone, start, end)
    mine = (change for change in handbook.changes if change.rotation == rotation.id)
    dated: tuple[Away | Change, ...] = (*handbook.away, *mine)
    for entry in dated:
        yield instant_of(entry.start, entry.timezone)
        yield instant_of(entry.end, entry.timezone)


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
