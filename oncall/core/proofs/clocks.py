"""Clocks: nights in which the clock changes, and calendars of holidays that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from oncall.core.hours import without_holidays
from oncall.core.localtime import instant_of, local_of, monday_of
from oncall.core.place import Place
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.finding import Finding
from oncall.core.rota import Shift
from oncall.core.slots import begins, point, slot_at

HOLIDAYS_AHEAD = timedelta(days=60)
"""Holidays of the next two months must be known (decisions.md 27)."""


def clock_nights(ahead: Ahead) -> Iterator[Finding]:
    """In the night of a clock change a handover happens at another hour than it says, or hours do not happen. Choose a time that every night has."""
    for rotation in ahead.handbook.rotations.values():
        for shift in () if rotation.backs_up else rotation.shifts:
            for what in (*moved_handovers(ahead, shift), *lost_hours(ahead, shift)):
                hint = "nothing is lost; a time outside of 00:00 to 03:00 exists in every night"
                yield Finding(code="AH240", severity="warning", place=shift.place, what=what, hint=hint)


def moved_handovers(ahead: Ahead, shift: Shift) -> Iterator[str]:
    """Handovers that fall into a gap of the clock; in a repeated hour they happen the first time, as they say."""
    if shift.handover is None or shift.start is None:
        return
    slot = slot_at(shift, max(ahead.start, instant_of(shift.start, shift.timezone)))
    while (at := begins(shift, slot)) < ahead.end:
        said, shown = point(shift, slot), local_of(at, shift.timezone)
        if said != shown and at >= ahead.start:
            yield f"the handover of {said:%Y-%m-%d %H:%M} in '{shift.name}' falls into the change of the clock and happens at {shown:%Y-%m-%d %H:%M}"
        slot += 1


def lost_hours(ahead: Ahead, shift: Shift) -> Iterator[str]:
    """Hours that lie wholly in a gap of the clock."""
    if shift.hours is None:
        return
    monday = monday_of(local_of(ahead.start, shift.timezone))
    while instant_of(monday, shift.timezone) < ahead.end:
        for span in shift.hours.spans:
            for opens, closes in without_holidays(shift.hours, span, monday):
                start, end = (instant_of(at, shift.timezone) for at in (opens, closes))
                if start >= end and ahead.start <= start < ahead.end:
                    yield f"the hours {opens:%Y-%m-%d %H:%M}-{closes:%H:%M} of '{shift.name}' do not happen: the clock leaves them out"
        monday += timedelta(weeks=1)


def holidays_end(ahead: Ahead) -> Iterator[Finding]:
    """The lock file knows no holidays two months ahead: rotations would go on as if there were none. Run `oncall holidays update`, review, commit."""
    last = (ahead.start + HOLIDAYS_AHEAD).date()
    used = {shift.hours.cut for rotation in ahead.handbook.rotations.values() for shift in rotation.shifts if shift.hours is not None}
    used.add(ahead.handbook.office.cut if ahead.handbook.office else None)
    for calendar in sorted((one for one in used if one is not None), key=lambda one: one.id):
        if calendar.until < last:
            place = next(place for place in places(ahead, calendar.id))
            what = f"the holidays '{calendar.id}' are known until {calendar.until} only"
            yield Finding(code="AH250", severity="warning", place=place, what=what, hint="run: oncall holidays update")


def no_holidays(ahead: Ahead) -> Iterator[Finding]:
    """A date is taken out of a calendar and is none of its holidays: most likely another day is meant, on which the office stays closed."""
    for calendar in ahead.handbook.calendars.values():
        for day, place in calendar.not_there:
            what = f"{day} is no holiday of '{calendar.id}', so 'minus' takes nothing out"
            yield Finding(code="AH251", severity="warning", place=place, what=what, hint="config/holidays.lock has the days")


def places(ahead: Ahead, calendar: str) -> Iterator[Place]:
    """Where hours go by a calendar."""
    shifts = (shift for rotation in ahead.handbook.rotations.values() for shift in rotation.shifts)
    yield from (shift.hours.place for shift in shifts if shift.hours is not None and shift.hours.cut and shift.hours.cut.id == calendar)
    if ahead.handbook.office is not None:
        yield ahead.handbook.office.place
