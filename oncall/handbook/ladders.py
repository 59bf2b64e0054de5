"""Reads escalations and services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from oncall.core.model import Escalation, Person, Service, Step
from oncall.handbook.guidelines import read_guideline, read_help
from oncall.handbook.people import read_targets
from oncall.handbook.reader import Reader
from oncall.handbook.values import count, duration
from oncall.handbook.yaml_text import Items, Node, Text

LONGEST_WAIT = timedelta(hours=24)
"""A step that waits longer is a mistake: nobody calls that an escalation."""
MOST_ROUNDS = 10


def read_escalations(reader: Reader, node: Node | None, people: dict[str, Person], rotations: set[str]) -> dict[str, Escalation]:
    """The escalations by name: a list of steps, or {repeat, steps}."""
    named = reader.named(node, "'escalations'") if node is not None else None
    found = {}
    for name, one in named or ():
        fields = None if isinstance(one, Items) else reader.fields(one, "escalation", f"escalation '{name}'")
        listed = one if isinstance(one, Items) else (fields.fields.get("steps") if fields else None)
        steps = read_steps(reader, name, listed, people, rotations) if listed is not None else ()
        if not steps and not (isinstance(listed, Items) and listed.items):
            reader.add(one.place, f"escalation '{name}' has no steps", "write a list like - {page: primary, wait: 5m}")
        repeat = reader.text(fields.fields.get("repeat"), "'repeat'") if fields else None
        found[name] = Escalation(id=name, steps=steps, rounds=count(reader, repeat, "repeat", 1, MOST_ROUNDS), place=one.place)
    return found


def read_steps(reader: Reader, name: str, node: Node, people: dict[str, Person], rotations: set[str]) -> tuple[Step, ...]:
    """The steps in order."""
    found = []
    for one in reader.items(node, f"the steps of escalation '{name}'"):
        fields = reader.fields(one, "step", f"a step of escalation '{name}'")
        if fields is None:
            continue
        if "page" not in fields.fields:
            reader.add(fields.place, f"a step of escalation '{name}' pages nobody", "write page: and a rotation or a person")
        targets = read_targets(reader, fields.fields.get("page"), "'page'", people, rotations)
        text = reader.needed(fields, "wait", f"a step of escalation '{name}'")
        wait = duration(reader, text)
        if text is not None and wait is not None and not timedelta(0) < wait <= LONGEST_WAIT:
            reader.add(text.place, f"a step waits more than nothing and at most 24h, not '{text.value}'")
        elif wait is not None and targets:
            found.append(Step(page=targets, wait=wait, place=fields.place))
    return tuple(found)


def read_services(
    reader: Reader, node: Node | None, people: dict[str, Person], escalations: dict[str, Escalation], severities: set[str], files: Mapping[str, str]
) -> dict[str, Service]:
    """The services by name; `files` hold their guidelines."""
    skills = {skill.name for person in people.values() for skill in person.skills}
    named = reader.named(node, "'services'") if node is not None else None
    found = {}
    for name, one in named or ():
        fields = reader.fields(one, "service", f"service '{name}'")
        if fields is None:
            continue
        title = reader.text(fields.fields.get("name"), "'name'")
        chosen = service_escalations(reader, name, fields.fields.get("escalation"), escalations, severities)
        needs = reader.text(fields.fields.get("needs"), "'needs'")
        if needs is not None and needs.value not in skills:
            reader.problems.unknown(needs.place, f"nobody has the skill '{needs.value}'", needs.value, skills)
        found[name] = Service(
            id=name,
            name=title.value if title else name,
            escalations=chosen,
            place=fields.place,
            needs=needs.value if needs else "",
            guideline=read_guideline(reader, name, fields, files),
            help=read_help(reader, fields),
        )
    return found


def service_escalations(reader: Reader, name: str, node: Node | None, escalations: dict[str, Escalation], severities: set[str]) -> dict[str, str]:
    """One escalation for all severities, or one for each and 'otherwise'; empty: the severity's own."""
    if node is None:
        return {}
    if isinstance(node, Text):
        return {"otherwise": node.value} if reader.known(node, "escalation", escalations) else {}
    named = reader.named(node, f"'escalation' of service '{name}'")
    found = {}
    for severity, one in named or ():
        place = named.keys[severity] if named else one.place
        text = reader.text(one, f"'{severity}'")
        known = reader.known(Text(value=severity, place=place), "severity", {*severities, "otherwise"})
        if text is not None and reader.known(text, "escalation", escalations) and known:
            found[severity] = text.value
    return found
