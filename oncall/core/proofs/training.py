"""Training: skills that run out or are waived, shifts that were not followed, and trainings that nothing asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oncall.core.localtime import instant_of
from oncall.core.model import Person, Skill
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.finding import Finding
from oncall.core.training import followed, needed_skills


def runs_out(ahead: Ahead) -> Iterator[Finding]:
    """Somebody's training runs out in the time that is looked ahead; from then on they count as not there. Plan a refresher, and write its date."""
    for person, skill in asked_for(ahead):
        if skill.ends is None or skill.waived or renewed(person, skill):
            continue
        ends = instant_of(skill.ends, person.timezone)
        if ahead.start <= ends < ahead.end:
            yield Finding(
                code="AH216",
                severity="warning",
                place=person.place,
                what=f"{person.id} is trained for '{skill.name}' until {ahead.local(ends)} only, then others cover",
                hint=f"when they were trained again, write: skills: [{skill.name} from {ahead.local(ends)[:10]}]",
            )


def waived(ahead: Ahead) -> Iterator[Finding]:
    """Somebody is paged for a service without its training, because a waiver says so. It ends by itself; train them before."""
    for person, skill in asked_for(ahead):
        if skill.waived and skill.ends is not None and instant_of(skill.ends, person.timezone) > ahead.start:
            ends = ahead.local(instant_of(skill.ends, person.timezone))
            what = f"{person.id} is paged for what needs '{skill.name}' without having learned it, by a waiver until {ends}"
            yield Finding(code="AH217", severity="warning", place=person.place, what=what, hint="train them before, and write the date of it")


def too_few_shadowed(ahead: Ahead) -> Iterator[Finding]:
    """Somebody counts as trained who followed fewer shifts than the training asks for. Let them shadow a rotation, or write a waiver with an end."""
    for person, skill in asked_for(ahead):
        training = ahead.handbook.trainings.get(skill.name)
        if training is None or skill.waived or not training.shadow_shifts or skill.begins is None:
            continue
        done = followed(ahead.handbook, person.id, skill.name, instant_of(skill.begins, person.timezone))
        if done < training.shadow_shifts:
            what = f"{person.id} counts as trained for '{skill.name}' but followed {done} of {training.shadow_shifts} shifts"
            hint = f"under a rotation that needs it write: shadows: [{person.id} until {skill.begins:%Y-%m-%d}]"
            yield Finding(code="AH218", severity="warning", place=person.place, what=what, hint=hint)


def asks_nobody(ahead: Ahead) -> Iterator[Finding]:
    """No service needs this training, so it keeps nobody from being paged. Name it under 'needs' of a service if it should."""
    for training in ahead.handbook.trainings.values():
        if training.id not in needed_skills(ahead.handbook):
            what = f"no service needs the training '{training.id}', so nobody is asked for it"
            yield Finding(code="AH219", severity="warning", place=training.place, what=what, hint=f"write needs: {training.id} under a service")


def asked_for(ahead: Ahead) -> Iterator[tuple[Person, Skill]]:
    """The skills of people that some service needs."""
    wanted = needed_skills(ahead.handbook)
    for person in ahead.handbook.people.values():
        yield from ((person, skill) for skill in person.skills if skill.name in wanted)


def renewed(person: Person, skill: Skill) -> bool:
    """Whether another entry of the same skill goes on where this one ends."""
    assert skill.ends is not None
    return any(
        other.name == skill.name and begins_by(other, skill.ends) and lasts(other, skill.ends) for other in person.skills if other is not skill
    )


def begins_by(skill: Skill, at: datetime) -> bool:
    """Whether it has begun by then."""
    return skill.begins is None or skill.begins <= at


def lasts(skill: Skill, at: datetime) -> bool:
    """Whether it lasts beyond then."""
    return skill.ends is None or skill.ends > at
