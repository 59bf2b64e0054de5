"""Single values of the language: durations, instants in local time, telephone numbers, weekly hours, a yes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from oncall.core.rota import WeeklySpan
from oncall.handbook.reader import Reader
from oncall.handbook.yaml_text import Text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

AFTER_OPENING = re.compile(r"opening \+ (\S+)")
DURATION = re.compile(r"(\d{1,5})(s|m|h|d)")
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}))?")
RANGE = re.compile(r"(?P<days>[a-z,\- ]+?) (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")
ACROSS = re.compile(r"(?P<first>[a-z]{3}) (?P<opens>\d\d:\d\d) ?- ?(?P<last>[a-z]{3}) (?P<closes>\d\d:\d\d)")
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""What lies outside is a typing mistake, and counting turns up to it would take for ever."""
EXCEPT = " except holidays"
HOURS_FORMS = "write e.g. 'mon-fri 09:00-17:00', 'daily 22:00-06:00', 'fri 18:00 - mon 08:00' or 'not office'"


def duration(reader: Reader, text: Text | None) -> timedelta | None:
    """`90s`, `15m`, `4h`, `2d`."""
    if text is None:
        return None
    match = DURATION.fullmatch(text.value.strip())
    if match is None:
        reader.add(text.place, f"'{text.value}' is no duration", "write a number and s, m, h or d, e.g. 90s, 15m, 4h, 2d")
        return None
    return int(match.group(1)) * UNITS[match.group(2)]


def after_opening(reader: Reader, text: Text) -> timedelta | None:
    """`opening + 1h`: how long after the next opening; None, with nothing told, if it has another form."""
    match = AFTER_OPENING.fullmatch(" ".join(text.value.split()))
    return duration(reader, Text(value=match.group(1), place=text.place)) if match else None


def count(reader: Reader, text: Text | None, key: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`; `least` where nothing is said."""
    if text is None:
        return least
    if not text.value.isdecimal() or not least <= int(text.value) <= most:
        reader.add(text.place, f"'{key}' is a number from {least} to {most}, not '{text.value}'")
        return least
    return int(text.value)


def zone(reader: Reader, text: Text | None) -> str | None:
    """An IANA time zone."""
    if text is None:
        return None
    if text.value not in available_timezones():
        reader.problems.unknown(text.place, f"no time zone called '{text.value}'", text.value, sorted(available_timezones()))
        return None
    ZoneInfo(text.value)
    return text.value


def phone(reader: Reader, text: Text) -> str | None:
    """A telephone number in international form, as E.164."""
    try:
        number = phonenumbers.parse(text.value, None)
    except phonenumbers.NumberParseException:
        reader.add(
            text.place, f"'{text.value}' is no telephone number in international form", "write it with '+' and the country, e.g. +49 151 23450001"
        )
        return None
    if not phonenumbers.is_possible_number(number):
        reader.add(text.place, f"'{text.value}' cannot be a telephone number: it has too many or too few digits for its country")
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def minute_of_day(text: str) -> int | None:
    """Minutes since midnight of 'hh:mm'; 24:00 is the end of the day."""
    match = CLOCK.fullmatch(text)
    minute = int(match.group(1)) * 60 + int(match.group(2)) if match else DAY_MINUTES + 1
    return minute if minute <= DAY_MINUTES else None


def moment(reader: Reader, text: Text | None, *, end: bool = False) -> datetime | None:
    """A local date, or date and time, naive. A bare date is the day's beginning, and as an `end` the beginning of the next (inclusive)."""
    if text is None:
        return None
    match = DATE.fullmatch(text.value.strip())
    try:
        year, month, day, hour, minute = (int(part) if part else 0 for part in match.groups()) if match else (0, 0, 0, 0, 0)
        found = datetime(year, month, day, hour, minute)  # noqa: DTZ001 -- a local time; its zone is the entry's
        if not FIRST_YEAR <= year <= LAST_YEAR:
            reader.add(text.place, f"'{text.value}' is no date of our time", f"from {FIRST_YEAR} to {LAST_YEAR}; leave out what has no end")
            return None
        return found + timedelta(days=1) if end and match and match.group(4) is None else found
    except (ValueError, OverflowError):
        reader.add(text.place, f"'{text.value}' is no date", "write 2026-07-06, or 2026-07-06 13:00")
        return None


def spans(reader: Reader, text: Text) -> tuple[WeeklySpan, ...]:
    """Weekly hours of one text; several are separated by a list in the file."""
    value = " ".join(text.value.casefold().split())
    if value.endswith(EXCEPT):
        rest = spans(reader, Text(value=value.removesuffix(EXCEPT), place=text.place))
        return tuple(replace(span, except_holidays=True) for span in rest)
    if match := ACROSS.fullmatch(value):
        return across(reader, text, match)
    match = RANGE.fullmatch(value)
    days = days_of(match.group("days").strip()) if match else None
    opens, closes = (minute_of_day(match.group(name)) for name in ("opens", "closes")) if match else (None, None)
    if not days or opens is None or closes is None or opens in {DAY_MINUTES, closes}:
        reader.add(text.place, f"'{text.value}' are no weekly hours", HOURS_FORMS)
        return ()
    length = (closes - opens) if closes > opens else closes + DAY_MINUTES - opens
    return tuple(WeeklySpan(opens_minute=day * DAY_MINUTES + opens, closes_minute=day * DAY_MINUTES + opens + length) for day in days)


def across(reader: Reader, text: Text, match: re.Match[str]) -> tuple[WeeklySpan, ...]:
    """`fri 18:00 - mon 08:00`: from one weekday to another."""
    first, last = (DAYS.index(match.group(name)) if match.group(name) in DAYS else None for name in ("first", "last"))
    opens, closes = minute_of_day(match.group("opens")), minute_of_day(match.group("closes"))
    if first is None or last is None or opens is None or closes is None:
        reader.add(text.place, f"'{text.value}' are no weekly hours", HOURS_FORMS)
        return ()
    start, end = first * DAY_MINUTES + opens, last * DAY_MINUTES + closes
    return (WeeklySpan(opens_minute=start, closes_minute=end if end > start else end + WEEK_MINUTES),)


def days_of(text: str) -> list[int] | None:
    """Weekday numbers of 'daily', 'mon-fri', 'sat,sun', 'mon'; None if it is none of these."""
    if text == "daily":
        return list(range(7))
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            return None
        start, end = DAYS.index(first), DAYS.index(last or first)
        found.extend((start + offset) % 7 for offset in range((end - start) % 7 + 1))
    return sorted(set(found))


def in_order(reader: Reader, text: Text, start: datetime, end: datetime) -> bool:
    """Whether a span has a length."""
    if start < end:
        return True
    reader.add(text.place, "it ends before it begins", "the first date is the beginning")
    return False
