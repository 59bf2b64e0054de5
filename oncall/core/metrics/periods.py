"""Periods that reports are about: a year, a month or an ISO week on the company's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from oncall.core.localtime import instant_of, local_of

FORM = re.compile(r"((?:19[7-9]|20\d|21\d)\d)(?:-(?:(\d\d)|W(\d\d)))?")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """[start, end) in UTC. `name` is how it is asked for, `words` how people say it."""

    name: str
    words: str
    start: datetime
    end: datetime
    first: date
    after: date

    @property
    def kind(self) -> str:
        """'year', 'month' or 'week'."""
        return "week" if "W" in self.name else "month" if "-" in self.name else "year"


def period_of(name: str, timezone: str) -> Period:
    """The period called `name`: 2026, 2026-11 or 2026-W47. ValueError, in words: there is none."""
    match = FORM.fullmatch(name)
    if match is None:
        raise ValueError(f"'{name}' is no period; write a month (2026-11), a week (2026-W47) or a year (2026)")
    year, month, week = (int(part) if part else 0 for part in match.groups())
    try:
        first = date.fromisocalendar(year, week, 1) if match.group(3) else date(year, month if match.group(2) else 1, 1)
    except ValueError as error:
        raise ValueError(f"there is no {'week' if match.group(3) else 'month'} '{name}'") from error
    if match.group(3):
        after = first + 7 * DAY
        words = f"week {week} of {year} ({first:%d %b} to {after - DAY:%d %b})"
    elif match.group(2):
        after, words = next_month(first), f"{first:%B %Y}"
    else:
        after, words = date(year + 1, 1, 1), str(year)
    return Period(name=name, words=words, start=midnight(first, timezone), end=midnight(after, timezone), first=first, after=after)


def last_over(kind: str, now: datetime, timezone: str) -> Period:
    """The last month or week that is over."""
    today = local_of(now, timezone).date()
    if kind == "month":
        return period_of(f"{today.replace(day=1) - DAY:%Y-%m}", timezone)
    return period_of(week_name(today - 7 * DAY), timezone)


def before(period: Period, timezone: str) -> Period:
    """The period of the same kind before it."""
    day = period.first - DAY
    return period_of({"week": week_name(day), "month": f"{day:%Y-%m}", "year": f"{day:%Y}"}[period.kind], timezone)


def week_name(day: date) -> str:
    """The ISO week of a day, as it is asked for."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def next_month(first: date) -> date:
    """The first day of the month after that of `first`."""
    return (first + 31 * DAY).replace(day=1)


def midnight(day: date, timezone: str) -> datetime:
    """When a day begins there."""
    return instant_of(datetime(day.year, day.month, day.day), timezone)  # noqa: DTZ001 -- a local time; its zone is the company's
