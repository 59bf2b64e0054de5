"""The turns of a shift: when each begins, and who takes it, walked around the ring over every dated join and leave."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from oncall.core.hours import WEEK_MINUTES, touches
from oncall.core.localtime import instant_of, local_of, monday_of
from oncall.core.model import Shift, Turnholder

SLOTS_FROM = datetime(1970, 1, 5)  # noqa: DTZ001 -- a local time, naive on purpose
"""The Monday from which handover slots are counted; any Monday before every start would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a shift, [start, end) in UTC; `entry`: who has it, by their place in the ring (None: nobody's)."""

    entry: int | None
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The slots from `first` on, until the next epoch, in which the same `entries` are in the ring.

    `last` held the turn before them; -1: nobody did.
    """

    first: int
    entries: tuple[int, ...]
    last: int


def turn_at(shift: Shift, at: datetime) -> Turn | None:
    """The turn that runs at `at`; None before the shift's start."""
    if shift.start is not None and at < instant_of(shift.start, shift.timezone):
        return None
    if shift.handover is None or shift.start is None:
        entry = 0 if in_ring(shift, shift.ring[0], at) else None
        return Turn(entry=entry, start=instant_of(shift.start, shift.timezone) if shift.start else at, end=None)
    points = shift.handover.minutes
    slot = slot_at(shift, at)
    start, end = (instant_of(point(points, one), shift.timezone) for one in (slot, slot + 1))
    return Turn(entry=entry_of(shift, slot), start=start, end=end)


def in_ring(shift: Shift, entry: Turnholder, at: datetime) -> bool:
    """Whether an entry has joined and not left at the instant `at`; it may still have a turn that it finishes."""
    joined = entry.joins is None or instant_of(entry.joins, shift.timezone) <= at
    return joined and (entry.leaves is None or at < instant_of(entry.leaves, shift.timezone))


def takes(entry: Turnholder, begins: datetime) -> bool:
    """Whether an entry takes turns that begin at naive local `begins`."""
    return (entry.joins is None or entry.joins <= begins) and (entry.leaves is None or begins < entry.leaves)


# Slots: the weekly handovers, numbered


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


# The ring


def entry_of(shift: Shift, slot: int) -> int | None:
    """Who takes the turn of `slot`: the next in the ring after the last holder, of those in it when the turn begins (rotations.md 1.3).

    None: the shift has no hours in it, so that it uses up nobody, or nobody is in the ring then.
    """
    assert shift.handover is not None
    active, per_week = active_slots(shift), len(shift.handover.minutes)
    walked = epochs(shift)
    if slot % per_week not in active or slot < walked[0].first:
        return None
    epoch = walked[bisect_right(walked, slot, key=lambda one: one.first) - 1]
    return after(epoch, used(active, per_week, slot + 1) - used(active, per_week, epoch.first)) if epoch.entries else None


def after(epoch: Epoch, turns: int) -> int:
    """Who held the last of the first `turns` turns of an epoch; before the first, and with nobody in the ring, who held the one before."""
    if not epoch.entries or turns == 0:
        return epoch.last
    following = bisect_right(epoch.entries, epoch.last)
    return epoch.entries[(following + turns - 1) % len(epoch.entries)]


@lru_cache(maxsize=1024)
def epochs(shift: Shift) -> tuple[Epoch, ...]:
    """The ring from the shift's start on, cut at every join and leave. A leaver's place is kept, so that nobody else's turn moves."""
    assert shift.handover is not None
    assert shift.start is not None
    points, active = shift.handover.minutes, active_slots(shift)
    first = slot_of(points, shift.start)
    dates = (date for entry in shift.ring for date in (entry.joins, entry.leaves) if date is not None)
    cuts = sorted({cut for cut in (first_from(points, date) for date in dates) if cut > first})
    found: list[Epoch] = []
    last = -1
    for cut in (first, *cuts):
        if found:
            last = after(found[-1], used(active, len(points), cut) - used(active, len(points), found[-1].first))
        begins = point(points, cut)
        found.append(Epoch(first=cut, entries=tuple(index for index, entry in enumerate(shift.ring) if takes(entry, begins)), last=last))
    return tuple(found)


def first_from(points: tuple[int, ...], local: datetime) -> int:
    """The first slot that begins at naive `local` or later."""
    slot = slot_of(points, local)
    return slot if point(points, slot) >= local else slot + 1
