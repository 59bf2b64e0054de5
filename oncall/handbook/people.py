"""Reads people and roles."""

from __future__ import annotations

from oncall.core.model import Person, ReachStep
from oncall.handbook.reach import read_reach
from oncall.handbook.reader import Reader
from oncall.handbook.ring import skills_of
from oncall.handbook.values import phone, zone
from oncall.handbook.yaml_text import Node

WAYS_OF_TEXTS = ("en",)
"""Languages with built-in texts; a company adds more as config/texts/<language>.yaml."""


def read_people(reader: Reader, node: Node | None, languages: set[str], reach: tuple[ReachStep, ...]) -> dict[str, Person]:
    """The people by id; `languages` have texts, `reach` is that of people who do not give their own."""
    named = reader.named(node, "'people'") if node is not None else None
    people = {}
    for name, one in named or ():
        person = read_person(reader, name, one, languages | set(WAYS_OF_TEXTS), reach)
        if person is not None:
            people[name] = person
    return people


def read_person(reader: Reader, name: str, node: Node, languages: set[str], reach: tuple[ReachStep, ...]) -> Person | None:
    """One person; None if it is no mapping at all."""
    what = f"person '{name}'"
    fields = reader.fields(node, "person", what)
    if fields is None:
        return None
    called = reader.needed(fields, "name", what)
    numbers = tuple(number for text in reader.listed(fields.fields.get("phone"), "'phone'") if (number := phone(reader, text)))
    language = reader.text(fields.fields.get("language"), "'language'")
    if language is not None and language.value not in languages:
        reader.add(
            language.place,
            f"no texts for language '{language.value}'",
            f"write config/texts/{language.value}.yaml, or use one of {', '.join(sorted(languages))}",
        )
    email = reader.text(fields.fields.get("email"), "'email'")
    if email is not None and "@" not in email.value:
        reader.add(email.place, f"'{email.value}' is no e-mail address")
    slack = reader.text(fields.fields.get("slack"), "'slack'")
    own = fields.fields.get("reach")
    steps = read_reach(reader, own, reach)
    if own is not None and steps is not reach:
        check_addresses(reader, own, steps, {"sms": bool(numbers), "voice": bool(numbers), "slack": bool(slack or email)}, what)
    return Person(
        id=name,
        name=called.value if called else name,
        phones=numbers,
        email=email.value if email else None,
        slack=slack.value if slack else None,
        language=language.value if language else "en",
        timezone=zone(reader, reader.text(fields.fields.get("timezone"), "'timezone'")) or reader.timezone,
        place=fields.place,
        reach=steps,
        skills=skills_of(reader, fields.fields.get("skills")),
    )


def check_addresses(reader: Reader, node: Node, steps: tuple[ReachStep, ...], has: dict[str, bool], what: str) -> None:
    """A way that somebody asks for by name needs the address it goes to."""
    needed = {"sms": "'phone'", "voice": "'phone'", "slack": "'slack' or 'email'"}
    for missing in dict.fromkeys(needed[way] for step in steps for way in step.ways if not has[way]):
        reader.add(node.place, f"'reach' of {what} needs {missing}, which is not there")


def read_targets(reader: Reader, node: Node | None, what: str, people: dict[str, Person], rotations: set[str]) -> tuple[str, ...]:
    """Names of people and rotations."""
    known = [*people, *rotations]
    return tuple(text.value for text in reader.listed(node, what) if reader.known(text, "person or rotation", known))
