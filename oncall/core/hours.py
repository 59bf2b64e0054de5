"""Weekly hours without holidays: open or closed at an instant, and when that changes; by intervals, so that a repeated hour opens nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from oncall.core.localtime import instant_of, local_of, monday_of
from oncall.core.rota import Hours, WeeklySpan

WEEK_MINUTES = 7 * 24 * 60
WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)
LOOK_AHEAD = timedelta(weeks=60)
"""A change of weekly hours comes within a week, but for holidays, which may close a whole season; nobody closes for longer than a year."""


@lru_cache(maxsize=4096)
def intervals(hours: Hours, timezone: str, monday: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches (UTC, end exclusive) that open in the local week of `monday`, merged where they touch; never inverted."""
    pieces = sorted(piece for span in hours.spans for piece in without_holidays(hours, span, monday))
    return merged((instant_of(opens, timezone), instant_of(closes, timezone)) for opens, closes in pieces)


def without_holidays(hours: Hours, span: WeeklySpan, monday: datetime) -> Iterator[tuple[datetime, datetime]]:
    """A span of the week of `monday` in naive local time, without the whole days that are holidays, where it says so."""
    opens, closes = (monday + timedelta(minutes=minute) for minute in (span.opens_minute, span.closes_minute))
    if not span.except_holidays or hours.calendar is None:
        yield opens, closes
        return
    while opens < closes:
        midnight = opens.replace(hour=0, minute=0) + DAY
        if opens.date() not in hours.calendar.days:
            yield opens, min(midnight, closes)
        opens = midnight


def merged(pieces: Iterator[tuple[datetime, datetime]]) -> tuple[tuple[datetime, datetime], ...]:
    """Stretches in the order of their beginnings as one where they touch, without those that have no length (a clock may leave them out)."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in pieces:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return tuple(found)


def stretches(hours: Hours, timezone: str, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The merged stretches around [start, end), some of them outside; never inverted."""
    monday, last = monday_of(local_of(start, timezone)) - 2 * WEEK, monday_of(local_of(end, timezone)) + WEEK
    weeks = (monday + week * WEEK for week in range((last - monday) // WEEK + 1))
    return merged(piece for week in weeks for piece in intervals(hours, timezone, week))


def is_open(hours: Hours, timezone: str, at: datetime) -> bool:
    """Whether `at` (UTC) lies in `hours`, read in `timezone`."""
    inside = any(start <= at < end for start, end in stretches(hours, timezone, at, at))
    return inside is not hours.inverted


def edges(hours: Hours, timezone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants at which these hours open or close, in [start, end), ascending."""
    yield from (edge for pair in stretches(hours, timezone, start, end) for edge in pair if start <= edge < end)


def next_change(hours: Hours, timezone: str, at: datetime) -> datetime | None:
    """The next instant after `at` at which these hours open or close; None when they never do."""
    spans = (2 * WEEK, LOOK_AHEAD) if hours.cut else (2 * WEEK,)
    found = (next((edge for edge in edges(hours, timezone, at, at + span) if edge > at), None) for span in spans)
    return next((edge for edge in found if edge is not None), None)


def next_opening(hours: Hours, timezone: str, at: datetime) -> datetime | None:
    """The next instant after `at` at which these hours open; None when they never do (again)."""
    change = next_change(hours, timezone, at)
    while change is not None and not is_open(hours, timezone, change):
        change = next_change(hours, timezone, change)
    return change


def holidays_known(hours: Hours, timezone: str, at: datetime) -> bool:
    """Whether the calendar of these hours, if they have one, reaches the day of `at` (decisions.md 27)."""
    return hours.cut is None or local_of(at, timezone).date() <= hours.cut.until


def touches(hours: Hours, start_minute: int, end_minute: int) -> bool:
    """Whether the minutes [start, end), counted from a local Monday on, have any of these weekly hours; holidays do not count."""
    wanted = set_of_minutes(hours)
    if end_minute - start_minute >= WEEK_MINUTES:
        return bool(wanted)
    return any(minute % WEEK_MINUTES in wanted for minute in range(start_minute, end_minute))


@lru_cache(maxsize=256)
def set_of_minutes(hours: Hours) -> frozenset[int]:
    """The minutes of the local week that are open, in a week without holidays."""
    inside = {minute % WEEK_MINUTES for span in hours.spans for minute in range(span.opens_minute, span.closes_minute)}
    return frozenset(range(WEEK_MINUTES)) - inside if hours.inverted else frozenset(inside)
