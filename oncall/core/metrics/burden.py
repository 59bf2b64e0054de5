"""What being on call costs people, and how evenly: interruptions, disrupted hours, points and fairness (interfaces.md 6.3, 6.4)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from oncall.core.hours import merged
from oncall.core.localtime import instant_of, local_of
from oncall.core.metrics.cases import Case
from oncall.core.metrics.numbers import median
from oncall.core.model import Handbook
from oncall.core.notices import paged_names
from oncall.core.schedule import duties

DAY = timedelta(days=1)
ONE_UNTIL = timedelta(minutes=15)
"""Pages to one person that come sooner than this after the last page or reply are one interruption."""
LONG_AWAKE = timedelta(minutes=30)
WORK, SLEEP = (8, 18), (22, 7)
"""Hours of the person's own clock: work on weekdays that are no holidays, sleep on every day."""
FAIR_OVER = timedelta(days=90)
"""Fairness is compared over this long: within a month it is luck whose week it was."""
NIGHT_LIMIT = 2
"""Interruptions in one night that are bearable (6.3); the third is a warning."""
NIGHTS_LIMIT = 30
"""Percent of nights on call with an interruption; more is a structural problem (6.3)."""
HALF = 0.5
"""Who is on call for the greater part of a night, or of a day of the weekend, has had it."""


class Window(StrEnum):
    """When an interruption began, on the person's clock. EVENING: mornings, weekends and holidays too."""

    DAY = "day"
    EVENING = "evening"
    SLEEP = "sleep"


POINTS: Mapping[Window, float] = {Window.DAY: 1, Window.EVENING: 2, Window.SLEEP: 4}
LONG_POINTS, NIGHT_POINTS, WEEKEND_POINTS = 1.0, 0.5, 1.0
"""More if it kept them awake longer than LONG_AWAKE; for each night, and each day of a weekend, simply on call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """Pages and replies of one person that are one disturbance. `rings`: when they were paged in it."""

    who: str
    start: datetime
    end: datetime
    rings: tuple[datetime, ...]


Interruptions = Mapping[str, Sequence[Interruption]]
"""Everybody's, by who they are."""


def interruptions(cases: Iterable[Case]) -> Interruptions:
    """Everybody's interruptions: texts and calls that a provider took. Slack wakes nobody; a reply prolongs one and begins none."""
    events: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for case in cases:
        for one in case.tries:
            if one.rang and one.accepted_at is not None:
                events[one.person].append((one.accepted_at, True))
        for act in case.acts:
            events[act.who].append((act.at, False))
    return {who: found for who, mine in events.items() if (found := clustered(who, sorted(mine)))}


def clustered(who: str, events: Sequence[tuple[datetime, bool]]) -> tuple[Interruption, ...]:
    """Pages (True) and replies of one person, ascending, as interruptions."""
    found: list[list[tuple[datetime, bool]]] = []
    for at, is_page in events:
        if found and at - found[-1][-1][0] < ONE_UNTIL:
            found[-1].append((at, is_page))
        elif is_page:
            found.append([(at, is_page)])
    return tuple(Interruption(who=who, start=one[0][0], end=one[-1][0], rings=tuple(at for at, is_page in one if is_page)) for one in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What one person had in a span. `times`: their points beside the team's median over FAIR_OVER, by days in the rota; None without a median.

    `worst_night`: the most interruptions of one night; `woken_nights`: nights on call or not, with at least one.
    """

    who: str
    nights: int
    weekend_days: int
    windows: Mapping[Window, int]
    disrupted_hours: int
    longest: timedelta
    worst_night: int
    woken_nights: int
    points: float
    times: float | None = None

    @property
    def interruptions(self) -> int:
        """All of them."""
        return sum(self.windows.values())


def burdens(handbook: Handbook, known: Interruptions, start: datetime, end: datetime) -> tuple[Burden, ...]:
    """Everybody's burden in [start, end), by name: who was on call by the rota as it stands, or was paged. Bare numbers are nobody."""
    mine = {who: [one for one in found if start <= one.start < end] for who, found in known.items() if not who.startswith("+")}
    # A night that begins in the span is followed to its end.
    on_call = time_on_call(handbook, start, end + DAY)
    people = sorted({*(who for who, found in mine.items() if found), *(who for who, spans in on_call.items() if spans[0][0] < end)})
    return tuple(burden(handbook, who, mine.get(who, []), on_call.get(who, ()), (start, end)) for who in people)


def fairness(handbook: Handbook, found: Sequence[Burden], known: Interruptions, end: datetime) -> tuple[Burden, ...]:
    """The burdens with how each person's points stand to the team's median over FAIR_OVER; who is new is measured by their days in the rota."""
    start = end - FAIR_OVER
    a_day = {one.who: one.points / days_in_rota(handbook, one.who, start, end) for one in burdens(handbook, known, start, end)}
    middle = median(tuple(a_day.values())) if a_day else 0.0
    return tuple(replace(one, times=a_day.get(one.who, 0.0) / middle if middle else None) for one in found)


def days_in_rota(handbook: Handbook, who: str, start: datetime, end: datetime) -> float:
    """How many days of [start, end) somebody was in the ring of a rotation that is paged, by the dates at which they joined; at least one."""
    rotations = (handbook.rotations[name] for name in paged_names(handbook) & handbook.rotations.keys())
    entries = [(shift, one) for rotation in rotations for shift in rotation.shifts for one in shift.ring if who in one.people]
    if not entries or any(one.joins is None for _, one in entries):
        return (end - start) / DAY
    joined = min(instant_of(one.joins, shift.timezone) for shift, one in entries if one.joins is not None)
    return max((end - max(joined, start)) / DAY, 1.0)


Spans = Sequence[tuple[datetime, datetime]]


def burden(handbook: Handbook, who: str, mine: Sequence[Interruption], on_call: Spans, span: tuple[datetime, datetime]) -> Burden:
    """One person's burden: 1 point by day, 2 in the evening, at the weekend and on holidays, 4 asleep; 1 more if awake for long; and duty."""
    person = handbook.people.get(who)
    timezone = person.timezone if person else handbook.timezone
    starts = [local_of(one.start, timezone) for one in mine]
    windows = Counter(window_of(handbook, at) for at in starts)
    by_night = Counter(night_of(at) for at in starts if window_of(handbook, at) is Window.SLEEP)
    nights, weekend_days = duty_days(on_call, span, timezone)
    long = sum(one.end - one.start > LONG_AWAKE for one in mine)
    rings = {(at.date(), at.hour) for one in mine for at in (local_of(ring, timezone) for ring in one.rings)}
    return Burden(
        who=who,
        nights=nights,
        weekend_days=weekend_days,
        windows={window: windows[window] for window in Window},
        disrupted_hours=len(rings),
        longest=max((one.end - one.start for one in mine), default=timedelta(0)),
        worst_night=max(by_night.values(), default=0),
        woken_nights=len(by_night),
        points=sum(POINTS[window] * count for window, count in windows.items())
        + LONG_POINTS * long
        + NIGHT_POINTS * nights
        + WEEKEND_POINTS * weekend_days,
    )


def window_of(handbook: Handbook, local: datetime) -> Window:
    """The window of a local time; holidays are those of the office."""
    if local.hour >= SLEEP[0] or local.hour < SLEEP[1]:
        return Window.SLEEP
    calendar = handbook.office.calendar if handbook.office else None
    off = local.weekday() > 4 or (calendar is not None and local.date() in calendar.days)
    return Window.DAY if WORK[0] <= local.hour < WORK[1] and not off else Window.EVENING


def night_of(local: datetime) -> date:
    """The night that a local time of sleep belongs to, by the date of its evening."""
    return local.date() if local.hour >= SLEEP[0] else local.date() - DAY


def time_on_call(handbook: Handbook, start: datetime, end: datetime) -> dict[str, tuple[tuple[datetime, datetime], ...]]:
    """When everybody is on call for a rotation that is paged, in [start, end), by the handbook in force."""
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for rotation in sorted(paged_names(handbook) & handbook.rotations.keys()):
        for one in duties(handbook, rotation, start, end):
            for who in one.people:
                found[who].append((one.start or start, one.end or end))
    return {who: merged(iter(sorted(spans))) for who, spans in found.items()}


def duty_days(on_call: Spans, span: tuple[datetime, datetime], timezone: str) -> tuple[int, int]:
    """How many nights, and days of weekends, that begin in `span` were for the greater part theirs."""
    start, end = span
    day, nights, weekend_days = local_of(start, timezone).replace(hour=0, minute=0, second=0, microsecond=0), 0, 0
    while (opens := instant_of(day + timedelta(hours=SLEEP[1]), timezone)) < end:
        evening = instant_of(day + timedelta(hours=SLEEP[0]), timezone)
        morning = instant_of(day + DAY + timedelta(hours=SLEEP[1]), timezone)
        nights += start <= evening < end and covered(on_call, evening, morning) > HALF
        weekend_days += day.weekday() > 4 and opens >= start and covered(on_call, opens, evening) > HALF
        day += DAY
    return nights, weekend_days


def covered(spans: Spans, start: datetime, end: datetime) -> float:
    """Which part of [start, end) lies in ascending spans that do not overlap."""
    inside = timedelta(0)
    for index in range(bisect_right(spans, start, key=lambda span: span[1]), len(spans)):
        first, last = spans[index]
        if first >= end:
            break
        inside += min(last, end) - max(first, start)
    return inside / (end - start)
