"""The time that is looked ahead: calendars of a handbook, each worked out once for all proofs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.core.hours import edges
from oncall.core.localtime import instant_of
from oncall.core.model import Handbook
from oncall.core.notices import paged_names
from oncall.core.rota import Rotation
from oncall.core.rotation import Duty
from oncall.core.schedule import duties, needed, paged, trainings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A handbook and the span [start, end) for which it is proved."""

    handbook: Handbook
    start: datetime
    end: datetime
    _known: dict[tuple[str, str], tuple[Duty, ...]] = field(default_factory=dict)

    def duties(self, rotation: str, needs: str = "") -> tuple[Duty, ...]:
        """The duties of a rotation in the span."""
        if (rotation, needs) not in self._known:
            self._known[rotation, needs] = duties(self.handbook, rotation, self.start, self.end, needs)
        return self._known[rotation, needs]

    def paged_rotations(self) -> Iterator[Rotation]:
        """The rotations that some step pages."""
        targets = paged_names(self.handbook)
        yield from (rotation for name, rotation in self.handbook.rotations.items() if name in targets)

    def edges(self, targets: Iterable[str], needs: str = "") -> tuple[datetime, ...]:
        """Every instant inside the span at which whom rotations and people by name stand for can change, ascending."""
        found: set[datetime] = set()
        for target in set(targets):
            if target in self.handbook.rotations:
                found |= {one.start for one in self.duties(target, needs) if one.start is not None}
            elif needs and target in self.handbook.people:
                found |= set(trainings(self.handbook.people[target], needs))
        return tuple(sorted(edge for edge in found if self.start < edge < self.end))

    def stretches(self, escalation: str, needs: str = "") -> Iterator[tuple[datetime, datetime, tuple[tuple[str, ...], ...]]]:
        """The people of each step of an escalation, from one instant at which any of them changes to the next."""
        steps = self.handbook.escalations[escalation].steps
        edges = self.edges((target for step in steps for target in step.page), needs)
        last: tuple[datetime, tuple[tuple[str, ...], ...]] | None = None
        for at in (self.start, *edges):
            people = tuple(paged(self.handbook, step.page, at, needs) for step in steps)
            if last is not None and last[1] != people:
                yield last[0], at, last[1]
                last = None
            last = last or (at, people)
        if last is not None:
            yield last[0], self.end, last[1]

    def office_edges(self) -> tuple[datetime, ...]:
        """When the office opens and closes inside the span, and when its holidays are not known any more, ascending."""
        office, timezone = self.handbook.office, self.handbook.timezone
        if office is None:
            return ()
        unknown = () if office.cut is None else (instant_of(datetime.combine(office.cut.until + timedelta(days=1), time()), timezone),)
        return tuple(sorted({edge for edge in (*edges(office, timezone, self.start, self.end), *unknown) if self.start < edge < self.end}))

    def needs_of(self, escalation: str) -> tuple[str, ...]:
        """The skills that pages of an escalation may need: those of the services that use it, '' for the rest."""
        found = [needed(self.handbook, service.id) for service in self.handbook.services.values() if escalation in service.escalations.values()]
        return tuple(dict.fromkeys((*found, "")))

    def when(self, start: datetime, end: datetime) -> str:
        """A span in the company's time, with its length: 'Sat 2026-11-28 22:00 to Sun 2026-11-29 08:00 (10 h)'."""
        zone = ZoneInfo(self.handbook.timezone)
        first, last = (f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" for at in (start, end))
        return f"{first} to {last} ({length(end - start)})"

    def local(self, at: datetime) -> str:
        """An instant as the files write it."""
        return f"{at.astimezone(ZoneInfo(self.handbook.timezone)):%Y-%m-%d %H:%M}"


def length(span: timedelta) -> str:
    """A length for people: '45 min', '10 h', '7.5 days'."""
    minutes = span / timedelta(minutes=1)
    if minutes < 60:
        return f"{minutes:.3g} min"
    return f"{minutes / 60:.4g} h" if minutes < 72 * 60 else f"{minutes / 1440:.3g} days"


def exactly(span: timedelta) -> str:
    """A length to the second: '45 s', '6 min 40 s', '1 h 5 min'."""
    whole = int(span.total_seconds())
    parts = [f"{number} {unit}" for number, unit in ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")) if number]
    return " ".join(parts) or "0 s"
