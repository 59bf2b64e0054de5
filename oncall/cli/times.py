"""Times as people type them, read on the clock of the handbook's zone: `Sat 02:30`, `02:30`, `2026-11-28 02:30`, or ISO with a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from oncall.cli.output import Code, Failed
from oncall.core.localtime import instant_of, local_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPOKEN = re.compile(r"(?:(?P<day>[a-z]{3,9})\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})", re.IGNORECASE)
HINT = 'write "Sat 02:30", 02:30, "2026-11-28 02:30" or 2026-11-28T02:30:00Z'


def read_time(text: str, timezone: str, now: datetime) -> datetime:
    """The instant (UTC) that `text` means; a weekday or a bare time is the next one from `now` on. Failed if it is none of the files' time."""
    from oncall.handbook.values import FIRST_YEAR, LAST_YEAR

    spoken = SPOKEN.fullmatch(text.strip())
    if spoken:
        return instant_of(coming(spoken, local_of(now, timezone)), timezone)
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Failed(Code.USAGE, "time", f"'{text}' is no time", HINT) from error
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Failed(Code.USAGE, "time", f"'{text}' does not lie between {FIRST_YEAR} and {LAST_YEAR}", "look at the year")
    return at.astimezone(UTC) if at.tzinfo else instant_of(at, timezone)


def coming(spoken: re.Match[str], today: datetime) -> datetime:
    """The next naive local time with the spoken weekday (if any), hour and minute."""
    hour, minute, day = int(spoken["hour"]), int(spoken["minute"]), (spoken["day"] or "").lower()[:3]
    if hour > 23 or minute > 59 or (day and day not in DAYS):
        raise Failed(Code.USAGE, "time", f"'{spoken[0]}' is no time", HINT)
    at = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if day:
        at += timedelta(days=(DAYS.index(day) - at.weekday()) % 7)
    if at < today.replace(second=0, microsecond=0):
        at += timedelta(days=7 if day else 1)
    return at


def clock_text(at: datetime | None, timezone: str) -> str:
    """An instant on the wall clock of `timezone`, for people."""
    return f"{local_of(at, timezone):%a %d %b %H:%M}" if at else "further notice"


def span_text(span: timedelta) -> str:
    """A span in hours and minutes, for people."""
    minutes = int(span.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [f"{days} d"] * bool(days) + [f"{hours} h"] * bool(hours) + [f"{minutes % 60} min"] * (not days)
    return " ".join(parts)
