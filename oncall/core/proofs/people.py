"""People: those who are to be paged and cannot be, or only in one way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oncall.core.model import Handbook, Person
from oncall.core.proofs.finding import Finding


def paged_people(handbook: Handbook) -> list[Person]:
    """Everybody whom a step can page, directly or by a rotation."""
    found: dict[str, Person] = {}
    for escalation in handbook.escalations.values():
        for target in (target for step in escalation.steps for target in step.page):
            rotation = handbook.rotations.get(target)
            names = [who for shift in rotation.shifts for entry in shift.ring for who in entry.people] if rotation else [target]
            found |= {name: handbook.people[name] for name in names if name in handbook.people}
    return list(found.values())


def unreachable(handbook: Handbook, _start: datetime, _end: datetime) -> Iterator[Finding]:
    """Somebody can be paged but has no telephone number: pages to them reach nobody. Give them one."""
    for person in paged_people(handbook):
        if not person.phones:
            what = f"{person.id} can be on call but has no phone: a page to them reaches nobody"
            yield Finding(code="AH110", severity="error", place=person.place, what=what, hint="add 'phone'")


def shared_numbers(handbook: Handbook, _start: datetime, _end: datetime) -> Iterator[Finding]:
    """Two people share one telephone number: a reply from it cannot be told apart, so the wrong person may take a page."""
    owners: dict[str, str] = {}
    for person in handbook.people.values():
        for number in person.phones:
            other = owners.setdefault(number, person.id)
            if other != person.id:
                what = f"{person.id} has the same number as {other}: nobody can tell whose reply it is"
                yield Finding(code="AH117", severity="error", place=person.place, what=what, hint="give each their own number")
