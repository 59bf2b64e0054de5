"""Rest: nobody comes from one duty into the next without sleep, or has one week after the other (directive 2003/88/EC, articles 3 and 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from oncall.core.place import Place
from oncall.core.proofs.ahead import Ahead, length
from oncall.core.proofs.finding import Finding

REST = timedelta(hours=11)
"""Consecutive hours of rest in each day (article 3). Stand-by at home usually counts as rest; who was called had none, so this warns."""
LONGEST = timedelta(days=7, hours=1)
"""One week, with the hour that a change of the clock may add."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A turn, or what somebody has of it: its hours may lie apart, which is how the rotation is made."""

    rotation: str
    turn: datetime | None
    start: datetime
    end: datetime
    place: Place


def little_rest(ahead: Ahead) -> Iterator[Finding]:
    """Somebody's next turn begins less than 11 hours after their last one ended: whoever was called at night has no rest. Swap one of them."""
    for who, found in by_person(ahead).items():
        for one, following in pairwise(found):
            if timedelta(0) < following.start - one.end < REST:
                pause = length(following.start - one.end)
                what = f"{who} ends '{one.rotation}' at {ahead.local(one.end)} and begins '{following.rotation}' {pause} later"
                yield Finding(code="AH220", severity="warning", place=following.place, what=what, hint="swap one of the two, or let somebody cover")


def long_row(ahead: Ahead) -> Iterator[Finding]:
    """Somebody is on call for more than a week without a day's rest of 11 hours in between. Enlarge the ring, or swap one of the weeks."""
    for who, found in by_person(ahead).items():
        if len({one.turn for one in found}) < 2:
            # One who always has it has no turns; whoever wrote that knows it.
            continue
        row: Stretch | None = None
        for one in (*found, None):
            if row is not None and one is not None and one.start - row.end < REST:
                row = replace(row, end=max(row.end, one.end))
                continue
            if row is not None and row.end - row.start > LONGEST:
                what = f"{who} is on call {length(row.end - row.start)} in a row, from {ahead.when(row.start, row.end)}"
                yield Finding(code="AH221", severity="warning", place=row.place, what=what, hint="swap one of the turns, or enlarge the ring")
            row = one


def by_person(ahead: Ahead) -> dict[str, list[Stretch]]:
    """Everybody's stretches over all rotations that are paged, by their beginning. A backup sleeps while the first one answers."""
    found: dict[str, dict[tuple[str, datetime | None, Place], Stretch]] = {}
    for rotation in ahead.paged_rotations():
        for duty in ahead.duties(rotation.id) if not rotation.backs_up else ():
            assert duty.start is not None
            assert duty.end is not None
            for who in duty.people:
                mine = found.setdefault(who, {})
                key = (rotation.id, duty.turn_began, duty.place)
                known = mine.get(key) or Stretch(rotation=rotation.id, turn=duty.turn_began, start=duty.start, end=duty.end, place=duty.place)
                mine[key] = replace(known, end=duty.end)
    return {who: sorted(mine.values(), key=lambda one: (one.start, one.end)) for who, mine in found.items()}
