"""People: those who are to be paged and cannot be, or only in one way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from oncall.core.model import Handbook, Person
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.finding import Finding


def paged_people(handbook: Handbook) -> list[Person]:
    """Everybody whom a step can page, directly or by a rotation."""
    return people_of(handbook, tuple(target for escalation in handbook.escalations.values() for step in escalation.steps for target in step.page))


def people_of(handbook: Handbook, targets: tuple[str, ...]) -> list[Person]:
    """Everybody whom names of rotations and people can ever stand for, each once."""
    found: dict[str, Person] = {}
    for target in targets:
        rotation = handbook.rotations.get(target)
        names = [who for shift in rotation.shifts for entry in shift.ring for who in entry.people] if rotation else [target]
        found |= {name: handbook.people[name] for name in names if name in handbook.people}
    return list(found.values())


def unreachable(ahead: Ahead) -> Iterator[Finding]:
    """Somebody can be paged but has no telephone number: pages to them reach nobody. Give them one."""
    for person in paged_people(ahead.handbook):
        if not person.phones:
            what = f"{person.id} can be on call but has no phone: a page to them reaches nobody"
            yield Finding(code="AH110", severity="error", place=person.place, what=what, hint="add 'phone'")


def one_way(ahead: Ahead) -> Iterator[Finding]:
    """Somebody can be paged by telephone only: one provider and one SIM are one path. Give them Slack as well, or a second number."""
    for person in paged_people(ahead.handbook):
        if len(person.phones) == 1 and not person.slack_address:
            what = f"{person.id} has one way to be reached, and two are needed: text and call go to the same telephone"
            yield Finding(code="AH111", severity="warning", place=person.place, what=what, hint="add 'slack' or 'email', or a second number")


def shared_numbers(ahead: Ahead) -> Iterator[Finding]:
    """Two people share one telephone number: a reply from it cannot be told apart, so the wrong person may take a page."""
    owners: dict[str, str] = {}
    for person in ahead.handbook.people.values():
        for number in person.phones:
            other = owners.setdefault(number, person.id)
            if other != person.id:
                what = f"{person.id} has the same number as {other}: nobody can tell whose reply it is"
                yield Finding(code="AH117", severity="error", place=person.place, what=what, hint="give each their own number")


def reach_too_slow(ahead: Ahead) -> Iterator[Finding]:
    """Somebody's personal step comes after the escalation went on: others are woken before they were called. Make it sooner, or the wait longer."""
    for escalation in ahead.handbook.escalations.values():
        for number, step in enumerate(escalation.steps, start=1):
            for person in people_of(ahead.handbook, step.page):
                late = [one for one in person.reach if one.after >= step.wait]
                if late:
                    what = (
                        f"{person.id}'s reach has {' and '.join(late[0].ways)} after {in_words(late[0].after)}, but step {number} of "
                        f"'{escalation.id}' waits only {in_words(step.wait)}"
                    )
                    hint = f"reach {person.id} sooner, or let the step wait longer"
                    yield Finding(code="AH120", severity="warning", place=person.place, what=what, hint=hint)


def in_words(span: timedelta) -> str:
    """A duration as admins write it."""
    seconds = int(span.total_seconds())
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
