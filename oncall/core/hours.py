"""Weekly hours: open or closed at an instant, and when that changes; by intervals, so that a repeated hour opens nothing twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from oncall.core.localtime import instant_of, local_of, monday_of
from oncall.core.rota import Hours

WEEK_MINUTES = 7 * 24 * 60
WEEKS_LOOKED_AT = 3
"""Weekly hours repeat every week, so a change within this many weeks is all there is."""


@lru_cache(maxsize=4096)
def intervals(hours: Hours, timezone: str, monday: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches (UTC, end exclusive) that open in the local week of `monday`, merged where they touch; never inverted."""
    week = sorted((span.opens_minute, span.closes_minute) for span in hours.spans)
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in week:
        start = instant_of(monday + timedelta(minutes=opens), timezone)
        end = instant_of(monday + timedelta(minutes=closes), timezone)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return tuple(found)


def around(hours: Hours, timezone: str, at: datetime, weeks: int = 1) -> tuple[tuple[datetime, datetime], ...]:
    """The merged stretches of the weeks around `at`, `weeks` of them after it."""
    monday = monday_of(local_of(at, timezone))
    found: list[tuple[datetime, datetime]] = []
    for week in range(-2, weeks + 1):
        for start, end in intervals(hours, timezone, monday + timedelta(weeks=week)):
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
    return tuple(found)


def is_open(hours: Hours, timezone: str, at: datetime) -> bool:
    """Whether `at` (UTC) lies in `hours`, read in `timezone`."""
    inside = any(start <= at < end for start, end in around(hours, timezone, at))
    return inside is not hours.inverted


def next_change(hours: Hours, timezone: str, at: datetime) -> datetime | None:
    """The next instant after `at` at which these hours open or close; None when they never do."""
    edges = [edge for pair in around(hours, timezone, at, WEEKS_LOOKED_AT) for edge in pair if edge > at]
    horizon = at + timedelta(weeks=WEEKS_LOOKED_AT - 1)
    return min((edge for edge in edges if edge < horizon), default=None)


def next_opening(hours: Hours, timezone: str, at: datetime) -> datetime | None:
    """The next instant after `at` at which these hours open; None when they never do (again)."""
    change = next_change(hours, timezone, at)
    while change is not None and not is_open(hours, timezone, change):
        change = next_change(hours, timezone, change)
    return change


def touches(hours: Hours, start_minute: int, end_minute: int) -> bool:
    """Whether the minutes [start, end), counted from a local Monday on, have any of these weekly hours."""
    wanted = set_of_minutes(hours)
    if end_minute - start_minute >= WEEK_MINUTES:
        return bool(wanted)
    return any(minute % WEEK_MINUTES in wanted for minute in range(start_minute, end_minute))


@lru_cache(maxsize=256)
def set_of_minutes(hours: Hours) -> frozenset[int]:
    """The minutes of the local week that are open."""
    inside = {minute % WEEK_MINUTES for span in hours.spans for minute in range(span.opens_minute, span.closes_minute)}
    return frozenset(range(WEEK_MINUTES)) - inside if hours.inverted else frozenset(inside)
