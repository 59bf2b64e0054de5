"""The nouns of rotations, frozen: hours, handovers, rings, shifts, absences, changes; what admins write in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from oncall.core.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklySpan:
    """One stretch of the local week, in minutes since Monday 00:00; `closes` exceeds a week when it runs past Sunday midnight.

    `except_holidays`: whole local days are cut out of it, those of the hours' calendar.
    """

    opens_minute: int
    closes_minute: int
    except_holidays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Holidays, as local dates with their names. Nothing is known of days behind `until`, or before the lock file begins.

    `not_there` are days that the files take out, there, and that were no holidays.
    """

    id: str
    days: frozenset[date]
    until: date
    names: Mapping[date, str] = field(default_factory=dict, hash=False)
    not_there: tuple[tuple[date, Place], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hours:
    """Named weekly hours; `inverted` is the exact complement (`not office`), so that holidays fall into it.

    Compared by identity, for caches ask at every look, and what they hold costs less than comparing all that is written.
    """

    name: str
    spans: tuple[WeeklySpan, ...]
    inverted: bool
    place: Place
    calendar: Calendar | None = None

    @property
    def cut(self) -> Calendar | None:
        """The calendar whose days are cut out of these hours; None if no span asks for it."""
        return self.calendar if any(span.except_holidays for span in self.spans) else None


class Every(StrEnum):
    """What a handover counts."""

    WEEKS = "weeks"
    DAYS = "days"
    HOURS = "hours"
    MONTHS = "months"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """When a turn passes on: each `count` weeks, days, hours or months from the shift's start on; `text` as written.

    `minutes`: local, ascending, since Monday 00:00 (weeks), else since midnight; of hours: the clock of the first turn.
    `month_day`: of months, the last day where there is no such day. `active_days`: how many slots that have weekly hours one turn takes.
    """

    every: Every
    minutes: tuple[int, ...]
    text: str
    place: Place
    count: int = 1
    month_day: int = 0
    active_days: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnholder:
    """One place in the ring: a person, or several who are on call together (`ana + ben`).

    Naive local times of the shift: takes no turn that begins before `joins`, or at `leaves` and after it. `stops`: hands over the turn that
    runs at `leaves` too, which otherwise is finished.
    """

    people: tuple[str, ...]
    place: Place
    joins: datetime | None = None
    leaves: datetime | None = None
    stops: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shift:
    """One ring of a rotation. `start` is the naive local time of the first turn; no handover means the one entry holds it always.

    Silent before `opens` and from `closes` on (naive local), while its ring is counted all the same. `every_day`: turns without any of its
    weekly hours use somebody up too. Compared by identity, as Hours are.
    """

    name: str
    ring: tuple[Turnholder, ...]
    handover: Handover | None
    start: datetime | None
    hours: Hours | None
    timezone: str
    place: Place
    opens: datetime | None = None
    closes: datetime | None = None
    every_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Who is on call: the first shift that applies and has somebody wins.

    `backs_up`: the rotation whose shifts these are; on call is the next in line who is not on call for it. `apart_from`: whoever is on call
    for that one counts as not there. `shadows` get copies and are never responsible. `may_have_gaps`: nobody wonders at one.
    """

    id: str
    shifts: tuple[Shift, ...]
    place: Place
    backs_up: str = ""
    apart_from: str = ""
    shadows: tuple[Turnholder, ...] = ()
    may_have_gaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """An absence, [start, end) in the naive local time of `timezone`."""

    person: str
    start: datetime
    end: datetime
    timezone: str
    place: Place


class ChangeKind(StrEnum):
    """What an entry of `changes` does: put exactly these, cover one by another, swap two, add somebody."""

    PUT = "put"
    COVER = "cover"
    SWAP = "swap"
    ADD = "add"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An override of a rotation in [start, end), naive local time of `timezone`; later ones win.

    `people`: PUT and ADD: who (empty for `put: nobody`); COVER: (covered, by); SWAP: the two.
    """

    rotation: str
    kind: ChangeKind
    people: tuple[str, ...]
    start: datetime
    end: datetime
    timezone: str
    why: str
    place: Place
