"""The one clock rule: a local time happens at the first instant at which the wall clock shows it or later; never twice, never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, reset_tzpath

# The rules of the pinned package, never those of the machine: two machines must not disagree on a handover (rotations.md 8.15).
reset_tzpath(())

SECOND = timedelta(seconds=1)


@lru_cache(maxsize=65536)
def instant_of(local: datetime, timezone: str) -> datetime:
    """The UTC instant at which naive `local` happens in `timezone` (rotations.md 1.1).

    In a repeated hour that is the first time; in a gap, and on a date that a zone left out, the end of the gap.
    """
    zone = ZoneInfo(timezone)
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if shown(early, zone) == local:
        return early
    # A gap: with the offset from before it the instant is too late, with the one from after it too early. The wall clock only
    # jumps forward in between, so the first instant that shows `local` or later is found by halving.
    low, high = sorted((early, local.replace(tzinfo=zone, fold=1).astimezone(UTC)))
    while high - low > SECOND:
        middle = low + (high - low) // 2
        if shown(middle, zone) >= local:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clock of `zone` shows at `at`, naive."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def local_of(at: datetime, timezone: str) -> datetime:
    """What the wall clock of `timezone` shows at the instant `at`, naive."""
    return shown(at, ZoneInfo(timezone))


def monday_of(local: datetime) -> datetime:
    """The Monday 00:00 (naive) of the week of `local`."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
