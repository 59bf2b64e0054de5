"""What COVER and SWAP say: a rotation, hours on the sender's clock, a colleague; what is not plain is not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.localtime import instant_of, local_of
from oncall.core.model import Handbook, first_name
from oncall.core.replies import plain

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS = {name: number for names in (DAYS, LONG_DAYS) for number, name in enumerate(names)}
POINT = r"(?:(?P<{0}_day>[a-z]+) )?(?P<{0}_hour>[01]?\d|2[0-3]):(?P<{0}_minute>[0-5]\d)"
HOURS = re.compile(rf"(?:(?P<now>now)|{POINT.format('start')}) ?(?:to|until|-) ?{POINT.format('end')}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was said: '' and None for what was not."""

    rotation: str = ""
    times: tuple[datetime, datetime] | None = None
    other: str = ""


def cover_of(words: str, rotations: Iterable[str], timezone: str, now: datetime) -> Wish | None:
    """`COVER`, `COVER primary`, `COVER fri 18:00 to sat 08:00` or all of it; `words` are folded. None: it is something else."""
    rotation, rest = split_rotation(words, rotations, first=True)
    times = hours_of(rest, timezone, now) if rest else None
    return Wish(rotation=rotation, times=times) if times is not None or not rest else None


def swap_of(words: str, by: str, handbook: Handbook) -> Wish | None:
    """`SWAP ben` or `SWAP ben primary`, by id, first name or name. None: nobody, several, or the sender is called so."""
    rotation, name = "", words
    if not people_called(name, handbook):
        rotation, name = split_rotation(words, handbook.rotations, first=False)
    found = people_called(name, handbook)
    return Wish(rotation=rotation, other=found[0]) if len(found) == 1 and found[0] != by else None


def people_called(name: str, handbook: Handbook) -> tuple[str, ...]:
    """Everybody with this id, first name or name, folded."""
    return tuple(one.id for one in handbook.people.values() if name and name in {plain(one.id), plain(first_name(one)), plain(one.name)})


def split_rotation(words: str, rotations: Iterable[str], *, first: bool) -> tuple[str, str]:
    """The rotation that stands first (or last) in `words`, and the rest; ('', words) if none does. Of two that fit, the longer name."""
    for rotation in sorted(rotations, key=len, reverse=True):
        name = plain(rotation)
        if words == name:
            return rotation, ""
        if words.startswith(f"{name} ") if first else words.endswith(f" {name}"):
            return rotation, words.removeprefix(f"{name} ") if first else words.removesuffix(f" {name}")
    return "", words


def hours_of(words: str, timezone: str, now: datetime) -> tuple[datetime, datetime] | None:
    """`fri 18:00 to sat 08:00`, `18:00 to 22:00`, `now to 08:00`, on the clock of `timezone`, as instants. None: it is something else.

    A day is the next of its name, today included, and none is today; a beginning that has passed is not taken for next week's. An end
    without a day is the first time after the beginning that the clock shows it.
    """
    match = HOURS.fullmatch(words)
    if match is None:
        return None
    today = local_of(now, timezone)
    start = today if match["now"] else start_of(match, today)
    end = end_of(match, start, today) if start is not None else None
    if start is None or end is None:
        return None
    times = now if match["now"] else instant_of(start, timezone), instant_of(end, timezone)
    return times if times[0] < times[1] else None


def start_of(match: re.Match[str], today: datetime) -> datetime | None:
    """The beginning, naive local; None if it has passed, or its day is none."""
    days = days_to(match["start_day"], today)
    start = None if days is None else clock(match, "start", today + timedelta(days=days))
    return start if start is not None and start > today else None


def end_of(match: re.Match[str], start: datetime, today: datetime) -> datetime | None:
    """The end, naive local, after `start`; None if its day is none or lies before."""
    if match["end_day"] is None:
        same_day = clock(match, "end", start)
        return same_day if same_day > start else same_day + timedelta(days=1)
    from_day = today if match["end_day"] in {"today", "tomorrow"} else start
    days = days_to(match["end_day"], from_day)
    end = None if days is None else clock(match, "end", from_day + timedelta(days=days))
    return end if end is not None and end > start else None


def days_to(name: str | None, day: datetime) -> int | None:
    """How many days after `day` the day called `name` is, 0 to 6; None if no day is called so."""
    if name is None or name == "today":
        return 0
    if name == "tomorrow":
        return 1
    return (WEEKDAYS[name] - day.weekday()) % 7 if name in WEEKDAYS else None


def clock(match: re.Match[str], point: str, day: datetime) -> datetime:
    """The time of `point` on a day."""
    return day.replace(hour=int(match[f"{point}_hour"]), minute=int(match[f"{point}_minute"]), second=0, microsecond=0)
