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


def on_call(handbook: Handbook, rotation: str, at: datetime, needs: str = "") -> Duty:
    """Who is on call for `rotation` at `at`: turn holder, then cover, first shift with somebody, then the changes in order.

    `needs`: a skill; who does not have it counts as not there, but what the changes say is done. KeyError: there is no such rotation.
    """
    found = handbook.rotations[rotation]
    duty = by_shifts(handbook, found, at, needs)
    for change in handbook.changes:
        if change.rotation == rotation and in_force(change, at):
            duty = changed(duty, change)
    return duty


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


def by_shifts(handbook: Handbook, rotation: Rotation, at: datetime, needs: str) -> Duty:
    """The first shift that applies and has somebody; for a backup, who is next in line in that shift."""
    apart = on_call(handbook, rotation.apart_from, at, needs).people if rotation.apart_from else ()
    look = Look(handbook=handbook, at=at, needs=needs, apart=frozenset(apart), apart_from=rotation.apart_from)
    for shift in rotation.shifts:
        position = turn_holder(shift, at) if applies(shift, at) else None
        duty = holder(look, shift, position) if position is not None else None
        if position is not None and duty is not None and duty.people:
            return backup(look, rotation, shift, position) if rotation.backs_up else duty
    return Duty(people=(), because=f"no shift of {rotation.id} applies", place=rotation.place)


def applies(shift: Shift, at: datetime) -> bool:
    """Whether a shift is in season and its hours are open."""
    if shift.opens is not None and at < instant_of(shift.opens, shift.timezone):
        return False
    if shift.closes is not None and at >= instant_of(shift.closes, shift.timezone):
        return False
    return shift.hours is None or is_open(shift.hours, shift.timezone, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is asked: when, with which skill, and who counts as not there because they are on call for `apart_from`."""

    handbook: Handbook
    at: datetime
    needs: str
    apart: frozenset[str]
    apart_from: str

    def why_not(self, who: str) -> str:
        """Why somebody counts as not there, in words that follow "is"; '' if they are there."""
        if is_away(self.handbook, who, self.at):
            return "away"
        if not is_trained(self.handbook, who, self.needs, self.at):
            return f"not trained for {self.needs}"
        return f"on call for {self.apart_from}" if who in self.apart else ""


def holder(look: Look, shift: Shift, position: int) -> Duty:
    """The holder of a turn; whoever is not there or has left is covered by the next in the ring who is there (rotations.md 1.6).

    If that leaves nobody, who is not there is on call all the same, and the reason says so (decisions.md 22); who left is not.
    """
    entry = shift.ring[position]
    left = entry.stops and not in_ring(shift, entry, look.at)
    absent = {who: why for who in entry.people if (why := "left" if left else look.why_not(who))}
    if not absent:
        return Duty(people=entry.people, because=f"{shift.name}, turn of {' + '.join(entry.people)}", place=entry.place)
    people, covered = [who for who in entry.people if who not in absent], []
    there = (who for who in line_behind(look, shift, position) if who not in entry.people)
    for who, why in absent.items():
        cover = next((one for one in there if one not in people), None)
        people += [cover] if cover else [] if left else [who]
        covered.append(f"{cover} covers {who} ({why})" if cover else f"{who} {'has' if left else 'is'} {why}, but nobody else is there")
    return Duty(people=tuple(dict.fromkeys(people)), because=f"{shift.name}, {', '.join(covered)}", place=entry.place)


def line_behind(look: Look, shift: Shift, position: int) -> Iterator[str]:
    """Who is in the ring and there, from the entry behind `position` on, once around."""
    others = (shift.ring[(position + step) % len(shift.ring)] for step in range(1, len(shift.ring)))
    yield from (who for other in others if in_ring(shift, other, look.at) for who in other.people if not look.why_not(who))


def backup(look: Look, rotation: Rotation, shift: Shift, position: int) -> Duty:
    """The next in line behind the holder of the turn who is there and is on call for none of those that the rotation backs up."""
    backed = tuple(backed_up(look.handbook, rotation))
    taken = {who for name in backed for who in on_call(look.handbook, name, look.at, look.needs).people}
    entry = shift.ring[position]
    who = next((one for one in line_behind(look, shift, position) if one not in taken and one not in entry.people), None)
    if who is None:
        return Duty(people=(), because=f"{shift.name}, nobody is left to back up {' and '.join(backed)}", place=rotation.place)
    return Duty(people=(who,), because=f"{shift.name}, {who} is next in line behind {' + '.join(entry.people)}", place=entry.place)


def backed_up(handbook: Handbook, rotation: Rotation) -> Iterator[str]:
    """The rotations that one backs up, the nearest first."""
    while rotation.backs_up:
        yield rotation.backs_up
        rotation = handbook.rotations[rotation.backs_up]


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


def is_trained(handbook: Handbook, who: str, needs: str, at: datetime) -> bool:
    """Whether `who` has the skill `needs` at `at`; everybody has ''."""
    if not needs:
        return True
    person = handbook.people[who]
    skills = (skill for skill in person.skills if skill.name == needs)
    return any(
        (skill.begins is None or instant_of(skill.begins, person.timezone) <= at)
        and (skill.ends is None or at < instant_of(skill.ends, person.timezone))
        for skill in skills
    )


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


def duties(handbook: Handbook, rotation: str, start: datetime, end: datetime, needs: str = "") -> tuple[Duty, ...]:
    """The duties that cover [start, end) exactly, equal neighbours merged; gaps have no people. `needs`: see on_call. KeyError: no such rotation."""
    found: list[Duty] = []
    edges = sorted({start, *(edge for edge in breakpoints(handbook, handbook.rotations[rotation], start, end) if start < edge < end)})
    for at, until in zip(edges, (*edges[1:], end), strict=True):
        duty = on_call(handbook, rotation, at, needs)
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
    for person in handbook.people.values():
        times = (time for skill in person.skills for time in (skill.begins, skill.ends))
        yield from (instant_of(time, person.timezone) for time in times if time is not None)
    for other in {rotation.backs_up, rotation.apart_from} - {""}:
        yield from breakpoints(handbook, handbook.rotations[other], start, end)


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
