"""Reads when turns pass on, in every form of the language, and checks that a shift starts on such a day."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta

from oncall.core.rota import Every, Handover
from oncall.handbook.reader import Reader
from oncall.handbook.values import DAY_MINUTES, DAY_NAMES, DAYS, minute_of_day, moment
from oncall.handbook.yaml_text import Fields, Text

FORMS = "write e.g. 'mon 09:00', 'mon 09:00, fri 17:00', 'daily 08:00, 20:00' or 'every 2 weeks mon 09:00'"
WEEKLY = re.compile(r"[a-z]{3} \d\d:\d\d(?:, ?[a-z]{3} \d\d:\d\d)*")
DAILY = re.compile(r"daily (?P<clocks>\d\d:\d\d(?:, ?\d\d:\d\d)*)")
COUNTED = re.compile(r"every (?P<count>\d{1,3}) (?P<unit>weeks?|days?|active days?|hours?)(?: (?P<day>[a-z]{3}))? (?P<clock>\d\d:\d\d)")
MONTHLY = re.compile(r"monthly (?P<day>\d{1,2})(?:st|nd|rd|th) (?P<clock>\d\d:\d\d)")
MOST = {Every.WEEKS: 52, Every.DAYS: 366, Every.HOURS: 168}
"""Longer than a year, or a week of hours, is a typing mistake."""


def read_handover(reader: Reader, text: Text | None) -> Handover | None:
    """A handover: weekly, daily, every so many weeks, days, active days or hours, or monthly."""
    if text is None:
        return None
    found = parsed(" ".join(text.value.casefold().split()), text)
    if found is None:
        reader.add(text.place, f"'{text.value}' is not a handover", FORMS)
    return found


def parsed(value: str, text: Text) -> Handover | None:
    """The handover that `value` says; None if it says none."""
    if WEEKLY.fullmatch(value):
        return pointed(Every.WEEKS, [weekly_minute(part) for part in value.split(",")], text)
    if match := DAILY.fullmatch(value):
        return pointed(Every.DAYS, [clock(part.strip()) for part in match["clocks"].split(",")], text)
    if match := COUNTED.fullmatch(value):
        return counted(match, text)
    match = MONTHLY.fullmatch(value)
    minute = clock(match["clock"]) if match else None
    if match is None or minute is None or not 1 <= int(match["day"]) <= 31:
        return None
    return Handover(every=Every.MONTHS, minutes=(minute,), month_day=int(match["day"]), text=text.value, place=text.place)


def pointed(every: Every, minutes: list[int | None], text: Text) -> Handover | None:
    """One or several points of a week or a day; none may be said twice."""
    good = sorted(minute for minute in minutes if minute is not None)
    if len(good) != len(minutes) or len(set(good)) != len(good):
        return None
    return Handover(every=every, minutes=tuple(good), text=text.value, place=text.place)


def counted(match: re.Match[str], text: Text) -> Handover | None:
    """`every 2 weeks mon 09:00`, `every 3 days 09:00`, `every 2 active days 09:00`, `every 8 hours 06:00`."""
    unit = match["unit"].removesuffix("s") + "s"
    active = unit.startswith("active ")
    every, count = Every(unit.removeprefix("active ")), int(match["count"])
    minute = clock(match["clock"]) if every is not Every.WEEKS else weekly_minute(f"{match['day'] or ''} {match['clock']}")
    if minute is None or not 1 <= count <= MOST[every] or (every is Every.WEEKS) is (match["day"] is None):
        return None
    return Handover(
        every=every,
        minutes=(minute,),
        count=1 if active else count,
        active_days=count if active else 1,
        text=text.value,
        place=text.place,
    )


def weekly_minute(part: str) -> int | None:
    """Minutes since Monday 00:00 of 'mon 09:00'."""
    day, _, time = part.strip().partition(" ")
    minute = clock(time)
    return None if minute is None or day not in DAYS else DAYS.index(day) * DAY_MINUTES + minute


def clock(text: str) -> int | None:
    """Minutes since midnight; a turn begins on its day, so 24:00 is none."""
    minute = minute_of_day(text)
    return None if minute == DAY_MINUTES else minute


# The start


def start_of(reader: Reader, rotation: str, fields: Fields, passes: Handover | None) -> datetime | None:
    """The naive local time of the first turn; it must be a handover, else the two nearest are named."""
    text = reader.text(fields.fields.get("start"), "'start'")
    date = moment(reader, text)
    if passes is None:
        return date
    if date is None or text is None:
        if "start" not in fields.fields:
            reader.add(fields.place, f"rotation '{rotation}' has a handover but no 'start'", "write the date of the first person's first turn")
        return None
    has_clock = ":" in text.value
    near = points_near(date, passes, has_clock)
    exact = [one for one in near if (one == date if has_clock else one.date() == date.date())]
    if exact:
        return exact[0]
    before, after = (f"{one:%Y-%m-%d %H:%M}" if has_clock else f"{one:%Y-%m-%d}" for one in neighbours(date, near))
    reader.add(text.place, f"{text.value} is a {DAY_NAMES[date.weekday()]}, but the handover is '{passes.text}'", f"use {before} or {after}")
    return None


def neighbours(date: datetime, near: list[datetime]) -> tuple[datetime, datetime]:
    """The last of `near` before `date`, and the first after it."""
    return max(one for one in near if one < date), min(one for one in near if one > date)


def points_near(date: datetime, passes: Handover, has_clock: bool) -> list[datetime]:
    """Handovers (naive) around `date` at which the first turn may begin, ascending. Hours go round the clock only where it is given."""
    midnight = date.replace(hour=0, minute=0)
    match passes.every:
        case Every.WEEKS:
            monday = midnight - timedelta(days=date.weekday())
            return [monday + timedelta(weeks=week, minutes=minute) for week in (-1, 0, 1) for minute in passes.minutes]
        case Every.DAYS:
            return [midnight + timedelta(days=day, minutes=minute) for day in (-1, 0, 1) for minute in passes.minutes]
        case Every.HOURS:
            steps = range(-48 // passes.count, 48 // passes.count + 1) if has_clock else (0,)
            return [midnight + timedelta(minutes=passes.minutes[0], hours=step * passes.count) for step in steps]
        case Every.MONTHS:
            return [month_point(midnight, month, passes) for month in (-2, -1, 0, 1, 2)]


def month_point(day: datetime, months: int, passes: Handover) -> datetime:
    """The handover of the month that lies `months` behind that of `day`."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return day.replace(year=day.year + years, month=month + 1, day=min(passes.month_day, last)) + timedelta(minutes=passes.minutes[0])
