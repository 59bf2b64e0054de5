"""A schedule as iCalendar: an event for each time that somebody is on call, with a UID that stays, and cancellations of what was so before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event

from oncall.core.model import Handbook
from oncall.core.rotation import Duty

PRODUCT = "-//oncall//on-call schedule//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Somebody is on call for a rotation, [start, end) in UTC."""

    rotation: str
    who: str
    start: datetime
    end: datetime
    because: str

    @property
    def uid(self) -> str:
        """The same person in the same rotation from the same instant on is the same event, however it ends and whatever the reason is."""
        meant = f"{self.rotation}\n{self.who}\n{self.start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return f"{hashlib.sha256(meant.encode()).hexdigest()[:32]}@oncall"


def times_of(rotation: str, duties: Iterable[Duty]) -> Iterator[OnCall]:
    """The events of a rotation; several people are on call together in several events."""
    for duty in duties:
        if duty.start is not None and duty.end is not None:
            for who in duty.people:
                yield OnCall(rotation=rotation, who=who, start=duty.start, end=duty.end, because=duty.because)


def calendar(handbook: Handbook, name: str, times: Iterable[OnCall], before: Iterable[OnCall], now: datetime) -> str:
    """The calendar `name`. What of `before` is not there any more is cancelled, so that it goes from calendars that took it earlier.

    An event that ends otherwise than before, or anew, has a higher sequence, so that a calendar takes the newer one.
    """
    known, sequence = {one.uid: one for one in before}, int(now.timestamp()) // 60
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    for one in times:
        earlier = known.pop(one.uid, None)
        made.add_component(event(handbook, one, now, "CONFIRMED", 0 if earlier is None or earlier.end == one.end else sequence))
    for one in known.values():
        made.add_component(event(handbook, one, now, "CANCELLED", sequence))
    return str(made.to_ical().decode())


def event(handbook: Handbook, one: OnCall, now: datetime, status: str, sequence: int) -> Event:
    """One event."""
    person = handbook.people.get(one.who)
    made = Event()
    made.add("uid", one.uid)
    made.add("dtstamp", now.astimezone(UTC))
    made.add("dtstart", one.start.astimezone(UTC))
    made.add("dtend", one.end.astimezone(UTC))
    made.add("summary", f"On call {one.rotation}: {person.name if person else one.who}")
    made.add("description", one.because)
    made.add("status", status)
    made.add("sequence", sequence)
    # Being on call is no meeting: whoever looks for a free hour finds it.
    made.add("transp", "TRANSPARENT")
    return made
