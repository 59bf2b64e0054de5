"""Who holds a rotation at an instant and why: the one pure function behind pages, calendars and proofs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from oncall.core.hours import is_open, merged
from oncall.core.localtime import instant_of
from oncall.core.model import Handbook
from oncall.core.place import Place
from oncall.core.rota import Change, ChangeKind, Rotation, Shift
from oncall.core.turns import Turn, in_ring, turn_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is on call, why in words, and by which line; `start` and `end` (UTC) are None where nobody asked for them. No people: a gap.

    `turn_began`: of the turn that it comes from, None where there are none. `is_forced`: nobody fits, so somebody who does not is on call.
    """

    people: tuple[str, ...]
    because: str
    place: Place
    start: datetime | None = None
    end: datetime | None = None
    turn_began: datetime | None = None
    is_forced: bool = False


def resolve(handbook: Handbook, rotation: str, at: datetime, needs: str = "") -> Duty:
    """Who is on call for `rotation` at `at`: turn holder, then cover, first shift with somebody, then the changes in order.

    `needs`: a skill; who does not have it counts as not there, but what the changes say is done. KeyError: there is no such rotation.
    """
    duty = by_shifts(handbook, handbook.rotations[rotation], at, needs)
    for change in changes_at(handbook, rotation, at):
        duty = changed(duty, change)
    return duty


def by_shifts(handbook: Handbook, rotation: Rotation, at: datetime, needs: str) -> Duty:
    """The first shift that applies and has somebody; for a backup, who is next in line in that shift."""
    apart = resolve(handbook, rotation.apart_from, at, needs).people if rotation.apart_from else ()
    look = Look(handbook=handbook, at=at, needs=needs, apart=frozenset(apart), apart_from=rotation.apart_from)
    for shift in rotation.shifts:
        turn = turn_at(shift, at) if applies(shift, at) else None
        duty = holder(look, shift, turn) if turn is not None else None
        if turn is not None and duty is not None and duty.people:
            return backup(look, rotation, shift, turn) if rotation.backs_up else duty
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


def holder(look: Look, shift: Shift, turn: Turn) -> Duty:
    """The holder of a turn; whoever is not there or has left is covered by the next in the ring who is there (rotations.md 1.6).

    If that leaves nobody, who is not there is on call all the same, and the reason says so (decisions.md 22); who left is not.
    """
    entry = shift.ring[turn.entry]
    left = entry.stops and not in_ring(shift, entry, look.at)
    absent = {who: why for who in entry.people if (why := "left" if left else look.why_not(who))}
    if not absent:
        because = f"{shift.name}, turn of {' + '.join(entry.people)}"
        return Duty(people=entry.people, because=because, place=entry.place, turn_began=turn.began)
    people, covered, is_forced = [who for who in entry.people if who not in absent], [], False
    there = (who for who in line_behind(look, shift, turn.entry) if who not in entry.people)
    for who, why in absent.items():
        cover = next((one for one in there if one not in people), None)
        people += [cover] if cover else [] if left else [who]
        is_forced = is_forced or not (cover or left)
        covered.append(f"{cover} covers {who} ({why})" if cover else f"{who} {'has' if left else 'is'} {why}, but nobody else is there")
    return Duty(
        people=tuple(dict.fromkeys(people)),
        because=f"{shift.name}, {', '.join(covered)}",
        place=entry.place,
        turn_began=turn.began,
        is_forced=is_forced,
    )


def line_behind(look: Look, shift: Shift, position: int) -> Iterator[str]:
    """Who is in the ring and there, from the entry behind `position` on, once around."""
    others = (shift.ring[(position + step) % len(shift.ring)] for step in range(1, len(shift.ring)))
    yield from (who for other in others if in_ring(shift, other, look.at) for who in other.people if not look.why_not(who))


def backup(look: Look, rotation: Rotation, shift: Shift, turn: Turn) -> Duty:
    """The next in line behind the holder of the turn who is there and is on call for none of those that the rotation backs up."""
    backed = tuple(backed_up(look.handbook, rotation))
    taken = {who for name in backed for who in resolve(look.handbook, name, look.at, look.needs).people}
    entry = shift.ring[turn.entry]
    who = next((one for one in line_behind(look, shift, turn.entry) if one not in taken and one not in entry.people), None)
    if who is None:
        return Duty(people=(), because=f"{shift.name}, nobody is left to back up {' and '.join(backed)}", place=rotation.place)
    because = f"{shift.name}, {who} is next in line behind {' + '.join(entry.people)}"
    return Duty(people=(who,), because=because, place=entry.place, turn_began=turn.began)


def backed_up(handbook: Handbook, rotation: Rotation) -> Iterator[str]:
    """The rotations that one backs up, the nearest first."""
    while rotation.backs_up:
        yield rotation.backs_up
        rotation = handbook.rotations[rotation.backs_up]


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


@lru_cache(maxsize=64)
def absences(handbook: Handbook) -> Mapping[str, tuple[tuple[datetime, datetime], ...]]:
    """Everybody's absences as instants, ascending, as one where they touch."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for away in handbook.away:
        found.setdefault(away.person, []).append((instant_of(away.start, away.timezone), instant_of(away.end, away.timezone)))
    return {who: merged(iter(sorted(spans))) for who, spans in found.items()}


def is_away(handbook: Handbook, who: str, at: datetime) -> bool:
    """Whether `who` is absent at `at`."""
    mine = absences(handbook).get(who, ())
    index = bisect_right(mine, at, key=lambda span: span[0]) - 1
    return index >= 0 and at < mine[index][1]


@lru_cache(maxsize=256)
def changes_by_time(handbook: Handbook, rotation: str) -> tuple[tuple[datetime, ...], tuple[tuple[Change, ...], ...]]:
    """The instants at which other changes of a rotation are in force, and those in force from each on, in the order of the files."""
    mine = [(instant_of(one.start, one.timezone), instant_of(one.end, one.timezone), one) for one in handbook.changes if one.rotation == rotation]
    edges = sorted({edge for start, end, _ in mine for edge in (start, end)})
    places = {edge: index for index, edge in enumerate(edges)}
    found: list[list[Change]] = [[] for _ in edges]
    for start, end, change in mine:
        for index in range(places[start], places[end]):
            found[index].append(change)
    return tuple(edges), tuple(tuple(one) for one in found)


def changes_at(handbook: Handbook, rotation: str, at: datetime) -> tuple[Change, ...]:
    """The changes in force at `at`, in the order of the files."""
    edges, found = changes_by_time(handbook, rotation)
    index = bisect_right(edges, at) - 1
    return found[index] if index >= 0 else ()


def changed(duty: Duty, change: Change) -> Duty:
    """The duty after one change; one that does not concern it leaves it."""
    why = f" ({change.why})" if change.why else ""
    if change.kind is ChangeKind.PUT:
        who = " + ".join(change.people) or "nobody"
        return Duty(people=change.people, because=f"changed: {who} put in{why}", place=change.place)
    if change.kind is ChangeKind.ADD:
        people = tuple(dict.fromkeys((*duty.people, *change.people)))
        return replace(duty, people=people, because=f"{duty.because}; {' + '.join(change.people)} added{why}", place=change.place)
    first, second = change.people
    swaps = {first: second, second: first} if change.kind is ChangeKind.SWAP else {first: second}
    if not set(duty.people) & set(swaps):
        return duty
    people = tuple(dict.fromkeys(swaps.get(who, who) for who in duty.people))
    words = f"{first} and {second} swapped" if change.kind is ChangeKind.SWAP else f"{second} covers {first}"
    return replace(duty, people=people, because=f"{duty.because}; {words}{why}", place=change.place)
