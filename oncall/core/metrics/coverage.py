"""How much of the time after hours somebody is on call, by the rota as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from oncall.core.hours import edges, is_open, merged
from oncall.core.model import Handbook
from oncall.core.notices import paged_names
from oncall.core.schedule import duties

Spans = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """`covered seconds / after-hours seconds` in percent; None without any time after hours. `gaps`: (rotation, from, to), the earliest first."""

    percent: float | None
    gaps: tuple[tuple[str, datetime, datetime], ...]


def coverage(handbook: Handbook, start: datetime, end: datetime) -> Coverage:
    """Covered is when no rotation that is paged lacks somebody, but for gaps that are allowed or meant by a change."""
    names = paged_names(handbook)
    rotations = [one for one in handbook.rotations.values() if one.id in names and not one.may_have_gaps and not one.backs_up]
    lines = [(rotation.id, one) for rotation in rotations for one in duties(handbook, rotation.id, start, end)]
    empty = [(name, one.start or start, one.end or end) for name, one in lines if not one.people and not one.because.startswith("changed:")]
    after = after_hours(handbook, start, end)
    lacking = overlap(merged(iter(sorted((first, last) for _, first, last in empty))), after)
    whole = sum((last - first for first, last in after), timedelta(0))
    return Coverage(percent=100 * (1 - lacking / whole) if whole else None, gaps=tuple(sorted(empty, key=lambda one: (one[1], one[0]))))


def after_hours(handbook: Handbook, start: datetime, end: datetime) -> Spans:
    """The stretches of [start, end) in which the office is closed; all of it without office hours."""
    office = handbook.office
    if office is None:
        return [(start, end)]
    cuts = sorted({start, end, *edges(office, handbook.timezone, start, end)})
    return [(first, last) for first, last in pairwise(cuts) if not is_open(office, handbook.timezone, first)]


def overlap(one: Spans, other: Spans) -> timedelta:
    """For how long two rows of ascending spans overlap."""
    total, index, beside = timedelta(0), 0, 0
    while index < len(one) and beside < len(other):
        first, last = max(one[index][0], other[beside][0]), min(one[index][1], other[beside][1])
        total += max(last - first, timedelta(0))
        if one[index][1] <= other[beside][1]:
            index += 1
        else:
            beside += 1
    return total
