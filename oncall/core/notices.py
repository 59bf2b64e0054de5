"""Notices of duty: who is told a day before, a quarter of an hour before, at the beginning and at the end of what they have (rotations.md 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from oncall.core.localtime import instant_of, local_of
from oncall.core.model import Handbook
from oncall.core.rotation import Duty
from oncall.core.schedule import duties

DAY_BEFORE, SOON = timedelta(hours=24), timedelta(minutes=15)
NIGHT_BEGINS, NIGHT_ENDS, EVENING = 22, 8, 18
"""Hours of the reader's clock. What can be told by day wakes nobody: a night's notice comes the evening before, a night's thanks in the morning."""
LONGEST_TURN = timedelta(days=62)
"""How far a turn is followed to its first and its last hours; two months are the longest handover in use."""
LONGEST_GAP = timedelta(days=14)
"""Where a gap ends is looked for this far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`who` is told `about` what they have of `rotation`, [start, end); `others` have it too, next, or had it before.

    `backups` are paged next if nobody of the rotation answers; empty where that is not the same throughout.
    """

    about: str
    who: str
    rotation: str
    start: datetime
    end: datetime
    due_at: datetime
    others: tuple[str, ...]
    backups: tuple[str, ...] = ()


def paged_names(handbook: Handbook) -> frozenset[str]:
    """The rotations and people that some step of an escalation pages."""
    return frozenset(target for escalation in handbook.escalations.values() for step in escalation.steps for target in step.page)


def notices(handbook: Handbook, since: datetime, until: datetime) -> tuple[Notice, ...]:
    """The notices that are due in [since, until), by their time. Hours that belong to one turn are one duty, told of once."""
    found = [one for name in told_rotations(handbook) for one in of_rotation(handbook, name, since, until)]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.rotation, one.who, one.about)))


def told_rotations(handbook: Handbook) -> tuple[str, ...]:
    """The rotations of which somebody may be called: those that are paged, and those of the admins and managers."""
    told = {*paged_names(handbook), *handbook.admins, *handbook.managers}
    return tuple(name for name in handbook.rotations if name in told)


def of_rotation(handbook: Handbook, rotation: str, since: datetime, until: datetime) -> Iterator[Notice]:
    """The notices of one rotation."""
    line = duties(handbook, rotation, since - LONGEST_TURN, until + DAY_BEFORE + LONGEST_TURN)
    for index, duty in enumerate(line):
        for who in duty.people:
            if begins_here(line, index, who):
                end = last_of(line, index, who)
                due = [one for one in starting(handbook, rotation, who, duty, line[end]) if since <= one.due_at < until]
                mine = [one for one in line[index : end + 1] if who in one.people] if due else []
                yield from (replace(one, backups=backups(handbook, rotation, mine)) for one in due)
            if duty.end is not None and since <= by_day(handbook, who, duty.end, earlier=False) < until and last_of(line, index, who) == index:
                others = line[index + 1].people if index + 1 < len(line) else ()
                first = line[first_of(line, index, who)]
                yield Notice(
                    about="duty_over",
                    who=who,
                    rotation=rotation,
                    start=first.start or duty.end,
                    end=duty.end,
                    due_at=by_day(handbook, who, duty.end, earlier=False),
                    others=others,
                )


def starting(handbook: Handbook, rotation: str, who: str, first: Duty, last: Duty) -> Iterator[Notice]:
    """The notices before and at the beginning of a duty."""
    assert first.start is not None
    assert last.end is not None
    others = tuple(one for one in first.people if one != who)
    day_before = by_day(handbook, who, first.start - DAY_BEFORE, earlier=True)
    for about, due_at in (("duty_tomorrow", day_before), ("duty_soon", first.start - SOON), ("duty_begins", first.start)):
        yield Notice(about=about, who=who, rotation=rotation, start=first.start, end=last.end, due_at=due_at, others=others)


def backups(handbook: Handbook, rotation: str, mine: list[Duty]) -> tuple[str, ...]:
    """Who is paged next behind these duties, if every escalation that pages the rotation says so, and for all of the time."""
    found: set[tuple[str, ...]] = set()
    for escalation in handbook.escalations.values():
        behind = next((following.page for step, following in pairwise(escalation.steps) if rotation in step.page), None)
        if behind is not None:
            found |= {paged_throughout(handbook, behind, duty) for duty in mine}
    people = found.pop() if len(found) == 1 else ()
    return () if any(who in duty.people for duty in mine for who in people) else people


def paged_throughout(handbook: Handbook, targets: tuple[str, ...], duty: Duty) -> tuple[str, ...]:
    """Who these targets are during a duty; empty if that changes."""
    assert duty.start is not None
    assert duty.end is not None
    people: list[str] = []
    for target in targets:
        line = {one.people for one in duties(handbook, target, duty.start, duty.end)} if target in handbook.rotations else {(target,)}
        if len(line) != 1:
            return ()
        people += line.pop()
    return tuple(dict.fromkeys(people))


def by_day(handbook: Handbook, who: str, at: datetime, *, earlier: bool) -> datetime:
    """`at`, or if that is night for its reader, the evening before or the morning after."""
    person = handbook.people.get(who)
    timezone = person.timezone if person else handbook.timezone
    local = local_of(at, timezone)
    if NIGHT_ENDS <= local.hour < NIGHT_BEGINS:
        return at
    began = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.hour < NIGHT_ENDS)
    return instant_of(began + (timedelta(hours=EVENING) if earlier else timedelta(days=1, hours=NIGHT_ENDS)), timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody is on call for a rotation that is paged."""

    rotation: str
    start: datetime
    end: datetime


def gaps_ahead(handbook: Handbook, now: datetime, until: datetime) -> tuple[Gap, ...]:
    """The next gap of each rotation that is paged and begins in (now, until); none where gaps are allowed or meant by a change."""
    paged = paged_names(handbook)
    found = []
    for rotation in (one for one in handbook.rotations.values() if one.id in paged and not one.may_have_gaps and not one.backs_up):
        line = duties(handbook, rotation.id, now, until + LONGEST_GAP)
        empty = (duty for duty in line[1:] if not duty.people and not duty.because.startswith("changed:"))
        first = next(((duty.start, duty.end) for duty in empty if duty.start and duty.end), None)
        if first is not None and first[0] < until:
            found.append(Gap(rotation=rotation.id, start=first[0], end=first[1]))
    return tuple(found)


def begins_here(line: tuple[Duty, ...], index: int, who: str) -> bool:
    """Whether a duty of `who` begins with this line, and not in a line before: the schedule's own beginning is none."""
    return index > 0 and first_of(line, index, who) == index


def first_of(line: tuple[Duty, ...], index: int, who: str) -> int:
    """The line with which what `who` has there began: the same turn, or one that goes on without a break."""
    while (earlier := neighbour(line, index, who, -1)) is not None:
        index = earlier
    return index


def last_of(line: tuple[Duty, ...], index: int, who: str) -> int:
    """The line with which what `who` has there ends."""
    while (later := neighbour(line, index, who, 1)) is not None:
        index = later
    return index


def neighbour(line: tuple[Duty, ...], index: int, who: str, step: int) -> int | None:
    """The next line in a direction that belongs to what `who` has in this one; None if there is none."""
    beside, turn = index + step, line[index].turn_began
    if 0 <= beside < len(line) and who in line[beside].people:
        return beside
    while turn is not None and 0 <= beside < len(line) and (line[beside].start or turn) >= turn:
        one = line[beside]
        if one.turn_began == turn and who in one.people:
            return beside
        if step > 0 and one.turn_began is not None and one.turn_began > turn and one.place == line[index].place:
            return None
        beside += step
    return None
