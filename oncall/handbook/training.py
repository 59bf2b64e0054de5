"""Reads what staff must have learned, and gives each skill the day on which it runs out."""

from __future__ import annotations

from dataclasses import replace

from oncall.core.model import Person, Skill
from oncall.core.policy import Training
from oncall.handbook.reader import Reader
from oncall.handbook.values import count, duration
from oncall.handbook.yaml_text import Node

MOST_SHADOW_SHIFTS = 50


def read_trainings(reader: Reader, node: Node | None) -> dict[str, Training]:
    """The trainings by the skill they give."""
    named = reader.named(node, "'training'") if node is not None else None
    found = {}
    for name, one in named or ():
        fields = reader.fields(one, "training", f"training '{name}'")
        if fields is None:
            continue
        about = reader.text(fields.fields.get("about"), "'about'")
        valid = duration(reader, reader.text(fields.fields.get("valid_for"), "'valid_for'"))
        shifts = reader.text(fields.fields.get("shadow_shifts"), "'shadow_shifts'")
        found[name] = Training(
            id=name,
            about=about.value if about else "",
            valid_for=valid,
            shadow_shifts=count(reader, shifts, "shadow_shifts", 0, MOST_SHADOW_SHIFTS),
            place=fields.place,
        )
    return found


def certified(reader: Reader, people: dict[str, Person], trainings: dict[str, Training]) -> dict[str, Person]:
    """The people, with an end for each skill whose training is valid for a while only: so long after it began."""
    return {
        name: replace(person, skills=tuple(skill_of(reader, person, skill, trainings) for skill in person.skills)) for name, person in people.items()
    }


def skill_of(reader: Reader, person: Person, skill: Skill, trainings: dict[str, Training]) -> Skill:
    """One skill; a training that runs out must have begun on some day, unless somebody waives it until a day."""
    training = trainings.get(skill.name)
    if skill.waived or training is None or training.valid_for is None:
        return skill
    if skill.begins is None:
        days = training.valid_for.days
        hint = f"write e.g. '{skill.name} from 2026-03-01'"
        reader.add(person.place, f"'{skill.name}' of person '{person.id}' is valid for {days} days, but nobody can tell since when", hint)
        return skill
    runs_out = skill.begins + training.valid_for
    return replace(skill, ends=min(skill.ends or runs_out, runs_out))
