"""Slots: the numbered local times at which a turn may begin, for every form of handover; counted on the wall clock, never in seconds."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache
from math import gcd

from oncall.core.hours import WEEK_MINUTES, touches
from oncall.core.localtime import instant_of, local_of, monday_of
from oncall.core.rota import Every, Handover, Shift

DAY_MINUTES = 24 * 60
MINUTES_OF = {Every.WEEKS: WEEK_MINUTES, Every.DAYS: DAY_MINUTES, Every.HOURS: 60}
MINUTE = timedelta(minutes=1)


def handed_over(shift: Shift) -> tuple[Handover, datetime]:
    """The handover of a shift that has one, and its start (naive local), which such a shift always has."""
    assert shift.handover is not None
    assert shift.start is not None
    return shift.handover, shift.start


@lru_cache(maxsize=1024)
def base(shift: Shift) -> datetime:
    """Where slot 0's period begins (naive local): the Monday of the start's week, its day, its hour, or the first of its month."""
    handover, start = handed_over(shift)
    match handover.every:
        case Every.WEEKS:
            return monday_of(start)
        case Every.DAYS:
            return start.replace(hour=0, minute=0)
        case Every.HOURS:
            return start
        case Every.MONTHS:
            return start.replace(day=1, hour=0, minute=0)


def offsets(handover: Handover) -> tuple[int, ...]:
    """The minutes after the beginning of a period at which turns begin; hours are counted from the start, whose clock they have."""
    return (0,) if handover.every is Every.HOURS else handover.minutes


def point(shift: Shift, slot: int) -> datetime:
    """The naive local time at which `slot` begins. The 31st of a shorter month is its last day, and the 31st again in the next."""
    handover, _ = handed_over(shift)
    if handover.every is Every.MONTHS:
        return month_point(base(shift), handover, slot)
    minutes = offsets(handover)
    period, index = divmod(slot, len(minutes))
    return base(shift) + (period * handover.count * MINUTES_OF[handover.every] + minutes[index]) * MINUTE


def month_point(first: datetime, handover: Handover, slot: int) -> datetime:
    """The handover of the month that lies `slot` handovers behind that of `first`."""
    years, month = divmod(first.month - 1 + slot * handover.count, 12)
    year = first.year + years
    day = min(handover.month_day, monthrange(year, month + 1)[1])
    return datetime(year, month + 1, day) + handover.minutes[0] * MINUTE  # noqa: DTZ001 -- a local time, naive on purpose


def slot_of(shift: Shift, local: datetime) -> int:
    """The slot that naive `local` lies in: the last that begins at it or before."""
    handover, _ = handed_over(shift)
    since = local - base(shift)
    if handover.every is Every.MONTHS:
        months = (local.year - base(shift).year) * 12 + local.month - base(shift).month
        slot = months // handover.count
        return slot if point(shift, slot) <= local else slot - 1
    period, rest = divmod(since // MINUTE, handover.count * MINUTES_OF[handover.every])
    minutes = offsets(handover)
    return period * len(minutes) + bisect_right(minutes, rest) - 1


def slot_from(shift: Shift, local: datetime) -> int:
    """The first slot that begins at naive `local` or later."""
    slot = slot_of(shift, local)
    return slot if point(shift, slot) >= local else slot + 1


def slot_at(shift: Shift, at: datetime) -> int:
    """The slot that runs at the instant `at`: the last whose beginning has happened, by the one clock rule."""
    slot = slot_of(shift, local_of(at, shift.timezone))
    while begins(shift, slot + 1) <= at:
        slot += 1
    while begins(shift, slot) > at:
        slot -= 1
    return slot


def begins(shift: Shift, slot: int) -> datetime:
    """The instant (UTC) at which `slot` begins."""
    return instant_of(point(shift, slot), shift.timezone)


# Which slots use somebody up


@lru_cache(maxsize=1024)
def cycle(shift: Shift) -> int:
    """After how many slots the days of the week, and with them the weekly hours, lie as before."""
    handover, _ = handed_over(shift)
    if handover.every is Every.MONTHS:
        return 1
    period = handover.count * MINUTES_OF[handover.every]
    return len(handover.minutes) * (WEEK_MINUTES // gcd(WEEK_MINUTES, period))


@lru_cache(maxsize=1024)
def active_slots(shift: Shift) -> tuple[int, ...]:
    """Which slots of a cycle have any of the shift's weekly hours; by these alone, never by holidays or absences (rotations.md 1.5)."""
    handover, _ = handed_over(shift)
    every = range(cycle(shift))
    if shift.hours is None or shift.every_day or handover.every is Every.MONTHS:
        return tuple(every)
    return tuple(slot for slot in every if touches(shift.hours, *minutes_of_week(shift, slot)))


def minutes_of_week(shift: Shift, slot: int) -> tuple[int, int]:
    """Beginning and end of `slot` in minutes since the Monday of its beginning."""
    start, end = point(shift, slot), point(shift, slot + 1)
    minute = (start - monday_of(start)) // MINUTE
    return minute, minute + (end - start) // MINUTE


def used(shift: Shift, slot: int) -> int:
    """How many slots from slot 0 on, and before `slot`, are active."""
    active = active_slots(shift)
    cycles, index = divmod(slot, cycle(shift))
    return cycles * len(active) + sum(1 for one in active if one < index)


def is_active(shift: Shift, slot: int) -> bool:
    """Whether `slot` has any of the shift's weekly hours."""
    return slot % cycle(shift) in active_slots(shift)
