"""Who can be asked for cover or a swap, of which duty: by the schedule, the absences, the skills and the rest of everybody in the rotation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from oncall.core.asks import Request, Span, Topic, change_of
from oncall.core.model import Handbook
from oncall.core.notices import LONGEST_TURN, first_of, last_of, told_rotations
from oncall.core.overrides import gained, moves, objections
from oncall.core.schedule import duties
from oncall.core.turns import in_ring

FURTHEST = 2 * LONGEST_TURN
"""Whoever is on call for longer than this has it without an end, and has to say which hours are meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who is asked for what. SWAP: `back` is what the asked one has and would give."""

    span: Span
    people: tuple[str, ...]
    back: Span | None = None

    @property
    def until(self) -> datetime:
        """When it is too late to ask: when the first of it begins."""
        return self.span.start if self.back is None else min(self.span.start, self.back.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Why nobody is asked: the id of the text that says so, and what it names."""

    about: str
    rotations: tuple[str, ...] = ()
    span: Span | None = None
    reason: str = ""


def plan(handbook: Handbook, request: Request, now: datetime, reachable: frozenset[str]) -> Plan | Unclear:
    """Who can be asked for a wish, by the handbook as it is at `now`: of `reachable`, and without any objection."""
    return (plan_swap if request.topic is Topic.SWAP else plan_cover)(handbook, request, now, reachable)


def plan_cover(handbook: Handbook, request: Request, now: datetime, reachable: frozenset[str]) -> Plan | Unclear:
    """Everybody in the rotation who could have it in the place of who asks."""
    span = meant(handbook, request, now)
    if isinstance(span, Unclear):
        return span
    against: dict[str, None] = {}
    people = []
    for who in in_rotation(handbook, span, reachable - {request.by}):
        change = change_of(request, who, span, None)
        found = moves(handbook, change, now)
        reasons = objections(handbook, change, found)
        against |= dict.fromkeys(reasons)
        if who in gained(found) and not reasons:
            people.append(who)
    if not people:
        return Unclear(about="cover_nobody", span=span, reason="; ".join(against) or "nobody else in it is free then and can be texted")
    return Plan(span=span, people=tuple(people))


def in_rotation(handbook: Handbook, span: Span, reachable: frozenset[str]) -> tuple[str, ...]:
    """Who is in one of the rotation's rings when the span begins, in their order."""
    shifts = handbook.rotations[span.rotation].shifts
    people = (who for shift in shifts for entry in shift.ring if in_ring(shift, entry, span.start) for who in entry.people)
    return tuple(dict.fromkeys(who for who in people if who in reachable))


def meant(handbook: Handbook, request: Request, now: datetime) -> Span | Unclear:
    """The duty that is to be covered: in the hours that were said, else the one that runs, else the next; never a guess between two."""
    found = said_hours(handbook, request, now) if request.times is not None else nearest(handbook, request, now)
    if not found:
        return Unclear(about="no_duty", rotations=(request.rotation,) if request.rotation else ())
    if len(found) > 1:
        return Unclear(about="which_rotation", rotations=tuple(one.rotation for one in found))
    if found[0].end - now >= FURTHEST:
        return Unclear(about="cover_until", rotations=(found[0].rotation,))
    rest = part(handbook, replace(found[0], start=max(found[0].start, now)), request.by)
    assert rest is not None, "a duty that is not over has something left"
    return rest


def said_hours(handbook: Handbook, request: Request, now: datetime) -> list[Span]:
    """What who asks has in the hours that they said, by rotation."""
    assert request.times is not None
    start, end = max(request.times[0], now), request.times[1]
    parts = (part(handbook, Span(rotation=name, start=start, end=end), request.by) for name in candidates(handbook, request))
    return [one for one in parts if one is not None]


def nearest(handbook: Handbook, request: Request, now: datetime) -> list[Span]:
    """The duties of who asks that run, else those that begin next."""
    mine = [one for name in candidates(handbook, request) for one in duties_of(handbook, name, request.by, now)]
    next_start = min((one.start for one in mine), default=now)
    return [one for one in mine if one.start <= max(now, next_start)]


def candidates(handbook: Handbook, request: Request) -> tuple[str, ...]:
    """The rotations that may be meant."""
    names = (request.rotation,) if request.rotation else told_rotations(handbook)
    return tuple(name for name in names if name in handbook.rotations)


def part(handbook: Handbook, span: Span, who: str) -> Span | None:
    """What `who` has of a span, from the first to the last of it; None if nothing, or if the rotation is gone."""
    if span.rotation not in handbook.rotations or span.start >= span.end:
        return None
    mine = [duty for duty in duties(handbook, span.rotation, span.start, span.end) if who in duty.people]
    return replace(span, start=mine[0].start or span.start, end=mine[-1].end or span.end) if mine else None


def duties_of(handbook: Handbook, rotation: str, who: str, now: datetime) -> Iterator[Span]:
    """The duties of `who` that are not over and begin within LONGEST_TURN, as the notices tell of them, the earliest first."""
    line = duties(handbook, rotation, now - LONGEST_TURN, now + FURTHEST)
    for index, duty in enumerate(line):
        if who in duty.people and first_of(line, index, who) == index:
            end = line[last_of(line, index, who)].end
            assert duty.start is not None
            assert end is not None
            if end > now and duty.start < now + LONGEST_TURN:
                yield Span(rotation=rotation, start=duty.start, end=end)


def plan_swap(handbook: Handbook, request: Request, now: datetime, reachable: frozenset[str]) -> Plan | Unclear:
    """The next whole duty of each of the two, in the one rotation where both have one."""
    found = [both for name in candidates(handbook, request) if (both := next_of_both(handbook, name, request, now)) is not None]
    if not found:
        return Unclear(about="no_swap", rotations=(request.rotation,) if request.rotation else ())
    if len(found) > 1:
        return Unclear(about="which_rotation", rotations=tuple(mine.rotation for mine, _ in found))
    mine, theirs = found[0]
    change = change_of(request, request.other, mine, theirs)
    moved = moves(handbook, change, now)
    if not all(any(one.start <= each.start and each.end <= one.end for one in (mine, theirs)) for each in moved):
        return Unclear(about="swap_mixed", rotations=(mine.rotation,))
    against = objections(handbook, change, moved) if moved else ("you have it together",)
    against = against or (() if request.other in reachable else (f"{request.other} cannot be texted",))
    if against:
        return Unclear(about="cover_nobody", span=mine, reason="; ".join(against))
    return Plan(span=mine, people=(request.other,), back=theirs)


def next_of_both(handbook: Handbook, rotation: str, request: Request, now: datetime) -> tuple[Span, Span] | None:
    """The next duty of each of the two that has not begun; None if one of them has none."""
    whole = [next((one for one in duties_of(handbook, rotation, who, now) if one.start > now), None) for who in (request.by, request.other)]
    mine, theirs = whole
    return (mine, theirs) if mine is not None and theirs is not None else None


def is_needed(handbook: Handbook, request: Request, now: datetime) -> bool:
    """Whether what an open request wants is still so: the duty is theirs, the gap is nobody's; of what is left of it at `now`."""
    span = request.span
    rest = replace(span, start=max(span.start, now))
    if request.topic is Topic.GAP:
        return rest.start < rest.end and rest.rotation in handbook.rotations and has_gap(handbook, rest)
    theirs = request.back_span
    return part(handbook, rest, request.by) is not None and (theirs is None or part(handbook, theirs, request.other) is not None)


def has_gap(handbook: Handbook, span: Span) -> bool:
    """Whether nobody is on call at some time of a span."""
    return any(not duty.people for duty in duties(handbook, span.rotation, span.start, span.end))
