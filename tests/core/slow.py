"""A second answer to who is on call, for tests only: minute after minute, by the highest time the wall clock has shown so far.

It shares nothing with the package but the words of a rota, knows no slots, cycles or epochs, and may take as long as it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Member:
    """An entry of the ring with the first and the last day on which a turn of theirs may begin."""

    name: str
    first: date = date.min
    last: date = date.max


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A rota in words: `open_days` of the week (0: Monday) from `opens` to `closes` o'clock, in minutes, or always."""

    zone: str
    members: tuple[Member, ...]
    handover: str
    start: date
    open_days: tuple[int, ...] = ()
    opens: int = 0
    closes: int = 0
    every_day: bool = False


def walls(zone: str, start: datetime, minutes: int) -> Iterator[tuple[datetime, datetime]]:
    """Each minute (UTC) from `start` on with the highest time that the wall clock has shown since two days before."""
    at, high = start - timedelta(days=2), datetime(1, 1, 1)  # noqa: DTZ001 -- what a clock on a wall shows
    while at < start + minutes * MINUTE:
        high = max(high, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        if at >= start:
            yield at, high
        at += MINUTE


def clock(text: str) -> timedelta:
    """'09:00' as a span since midnight."""
    hour, _, minute = text.partition(":")
    return timedelta(hours=int(hour), minutes=int(minute))


def points(plan: Plan, until: datetime) -> Iterator[datetime]:
    """The times on the wall at which turns may begin, from the start on."""
    words = plan.handover.replace(",", "").split()
    midnight = datetime.combine(plan.start, datetime.min.time())
    if words[0] == "monthly":
        yield from monthly(int(words[1][:-2]), clock(words[2]), midnight, until)
    elif words[0] == "every" and words[2] != "active":
        span = {"week": timedelta(weeks=1), "day": timedelta(days=1), "hour": timedelta(hours=1)}[words[2].rstrip("s")]
        at = midnight + clock(words[-1])
        while at < until:
            yield at
            at += int(words[1]) * span
    else:
        wanted = [(index, clock(words[-1])) for index in range(7)]
        if words[0] == "daily":
            wanted = [(index, clock(word)) for index in range(7) for word in words[1:]]
        elif words[0] in DAY_WORDS:
            wanted = [(DAY_WORDS.index(day), clock(word)) for day, word in zip(words[::2], words[1::2], strict=True)]
        day = midnight
        while day < until:
            yield from (day + at for index, at in sorted(wanted) if index == day.weekday())
            day += timedelta(days=1)


def monthly(wanted: int, at: timedelta, first: datetime, until: datetime) -> Iterator[datetime]:
    """The day `wanted` of each month, the last one where there is none."""
    day = first
    while day < until:
        is_last = (day + timedelta(days=1)).month != day.month
        if day.day == wanted or (is_last and day.day < wanted):
            yield day + at
        day += timedelta(days=1)


def is_open(plan: Plan, wall: datetime) -> bool:
    """Whether the plan's weekly hours are open when the wall shows `wall`."""
    if not plan.open_days:
        return True
    since, length = wall.hour * 60 + wall.minute, (plan.closes - plan.opens) % 1440
    today, yesterday = wall.weekday() in plan.open_days, (wall.weekday() - 1) % 7 in plan.open_days
    return (today and plan.opens <= since < plan.opens + length) or (yesterday and since + 1440 < plan.opens + length)


def turns(plan: Plan, until: datetime) -> list[tuple[datetime, str]]:
    """Who begins when, by walking the ring with a finger; '' for a time that uses up nobody, or has nobody."""
    begins = list(points(plan, until + timedelta(days=400)))
    active_days = int(plan.handover.split()[1]) if "active" in plan.handover else 1
    found: list[tuple[datetime, str]] = []
    last, left, holder = -1, 0, ""
    for begin, end in pairwise(begins):
        if begin >= until:
            break
        uses = plan.every_day or any(is_open(plan, begin + minute * MINUTE) for minute in range(min((end - begin) // MINUTE, 7 * 1440)))
        if uses and left == 0:
            order = [(last + step) % len(plan.members) for step in range(1, len(plan.members) + 1)]
            fits = [one for one in order if plan.members[one].first <= begin.date() <= plan.members[one].last]
            last, holder, left = (fits[0], plan.members[fits[0]].name, active_days) if fits else (last, "", active_days)
        found.append((begin, holder if uses else ""))
        left -= uses
    return found


def on_call_by_minute(plan: Plan, start: datetime, minutes: int) -> list[tuple[datetime, str]]:
    """Who is on call in each minute; '' when nobody is."""
    walk = turns(plan, start.replace(tzinfo=None) + minutes * MINUTE + timedelta(days=2))
    found = []
    for at, wall in walls(plan.zone, start.astimezone(UTC), minutes):
        begun = [holder for begin, holder in walk if begin <= wall]
        found.append((at, begun[-1] if begun and is_open(plan, wall) else ""))
    return found
