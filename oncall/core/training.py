"""Who has learned what: the state of each person's training at an instant, and how many shifts they followed for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.localtime import instant_of
from oncall.core.model import Handbook, Person, Skill
from oncall.core.schedule import duties, shadows

FOLLOWED_WITHIN = timedelta(days=366)
"""Shifts that were followed longer ago than a year before the training count no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What one person has of one training: 'trained', 'waived', 'ran out', 'to come' or 'missing'; `until` is when that ends, None for ever."""

    person: str
    skill: str
    state: str
    until: datetime | None
    followed: int
    to_follow: int


def needed_skills(handbook: Handbook) -> frozenset[str]:
    """The skills that some service needs of whoever is paged for it."""
    return frozenset(service.needs for service in handbook.services.values() if service.needs)


def matrix(handbook: Handbook, at: datetime) -> tuple[Learned, ...]:
    """Everybody's state of every training and every skill that a service needs, by skill and person."""
    skills = sorted({*handbook.trainings, *needed_skills(handbook)})
    return tuple(learned(handbook, person, skill, at) for skill in skills for person in handbook.people.values())


def learned(handbook: Handbook, person: Person, name: str, at: datetime) -> Learned:
    """One cell: of several entries the one that holds, else the one that comes, else the one that ran out last."""
    training = handbook.trainings.get(name)
    entries = [skill for skill in person.skills if skill.name == name]
    state, until = state_of(entries, person.timezone, at)
    began = max((begins for skill in entries if (begins := start_of(skill, person.timezone)) is not None), default=at)
    done = followed(handbook, person.id, name, min(began, at)) if training is not None and training.shadow_shifts else 0
    return Learned(person=person.id, skill=name, state=state, until=until, followed=done, to_follow=training.shadow_shifts if training else 0)


def state_of(entries: list[Skill], timezone: str, at: datetime) -> tuple[str, datetime | None]:
    """The state that `entries` of one skill give, and until when."""
    spans = [(start_of(skill, timezone), None if skill.ends is None else instant_of(skill.ends, timezone), skill.waived) for skill in entries]
    now = [(ends, waiver) for begins, ends, waiver in spans if (begins is None or begins <= at) and (ends is None or at < ends)]
    if now:
        # What was learned counts before what was waived, and of each what lasts longest.
        ends, waiver = min(now, key=lambda one: (one[1], one[0] is not None, at - one[0] if one[0] else timedelta(0)))
        return ("waived" if waiver else "trained"), ends
    coming = [begins for begins, _, _ in spans if begins is not None and begins > at]
    if coming:
        return "to come", min(coming)
    over = [ends for _, ends, _ in spans if ends is not None]
    return ("ran out", max(over)) if over else ("missing", None)


def start_of(skill: Skill, timezone: str) -> datetime | None:
    """When a skill begins; None: it was always there."""
    return None if skill.begins is None else instant_of(skill.begins, timezone)


def followed(handbook: Handbook, who: str, skill: str, before: datetime) -> int:
    """How many shifts `who` followed as a shadow in the year before `before`, of rotations that are paged for what needs `skill`."""
    shifts = set()
    for rotation in rotations_for(handbook, skill):
        # A little beyond, so that a shift that is not over is not cut to one that is.
        for duty in duties(handbook, rotation, before - FOLLOWED_WITHIN, before + timedelta(microseconds=1)):
            if not (duty.people and duty.start and duty.end and duty.end <= before):
                continue
            if who in shadows(handbook, rotation, duty.start + (duty.end - duty.start) / 2):
                # A turn that is covered for an evening is one shift.
                shifts.add((rotation, duty.turn_began or duty.start))
    return len(shifts)


def rotations_for(handbook: Handbook, skill: str) -> tuple[str, ...]:
    """The rotations that pages for services with this need go to, each once."""
    services = [service for service in handbook.services.values() if service.needs == skill]
    escalations = dict.fromkeys(name for service in services for name in service.escalations.values())
    targets = dict.fromkeys(target for name in escalations for step in handbook.escalations[name].steps for target in step.page)
    return tuple(target for target in targets if target in handbook.rotations)
