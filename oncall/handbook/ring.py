"""Reads rings, shadows and skills: entries with a name and, where it is not for ever, the dates of it."""

from __future__ import annotations

import re

from oncall.core.model import Person, Skill
from oncall.core.rota import Turnholder
from oncall.handbook.reader import Reader
from oncall.handbook.values import in_order, moment
from oncall.handbook.yaml_text import Fields, Items, Node, Text

DAY_OR_MOMENT = r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?"
ENTRY = re.compile(rf"(?P<names>[^\s+]+(?: ?\+ ?[^\s+]+)*)(?: from (?P<joins>{DAY_OR_MOMENT}))?(?: until (?P<leaves>{DAY_OR_MOMENT}))?")
SKILL = re.compile(
    rf"(?P<name>[^\s+]+)(?:(?: from (?P<begins>{DAY_OR_MOMENT}))?(?: until (?P<ends>{DAY_OR_MOMENT}))?| waived until (?P<waived>{DAY_OR_MOMENT}))"
)


def ring_of(reader: Reader, rotation: str, fields: Fields, people: dict[str, Person]) -> tuple[Turnholder, ...]:
    """The ring, in order; '+' joins people who are on call together."""
    node = fields.fields.get("people")
    if node is None:
        reader.add(fields.place, f"rotation '{rotation}' has no 'people'")
        return ()
    ring = []
    for text in reader.listed(node, "'people'"):
        entry = turnholder(reader, text, people)
        if entry is not None:
            ring.append(entry)
    if not ring and isinstance(node, Items) and not node.items:
        reader.add(node.place, f"rotation '{rotation}' has an empty ring", "list at least one person")
    return tuple(ring)


def turnholder(reader: Reader, text: Text, people: dict[str, Person]) -> Turnholder | None:
    """One entry of a ring: `ana`, `ana + ben`, `dana from 2026-06-15`, `eli until 2026-06-30`, or until an hour of that day.

    A bare date speaks about turns: `until` is inclusive, and the turn that runs then is finished. With an hour it is a hard stop.
    """
    match = ENTRY.fullmatch(" ".join(text.value.split()))
    if match is None:
        reader.add(
            text.place, f"'{text.value}' is no entry of a ring", "write e.g. 'ana', 'ana + ben', 'dana from 2026-06-15' or 'eli until 2026-06-30'"
        )
        return None
    names = tuple(part.strip() for part in match["names"].split("+"))
    known = reader.all_known([Text(value=one, place=text.place) for one in names], "person", people)
    dates = {key: Text(value=match[key], place=text.place) if match[key] else None for key in ("joins", "leaves")}
    joins, leaves = moment(reader, dates["joins"]), moment(reader, dates["leaves"], end=True)
    if not known or (joins and leaves and not in_order(reader, text, joins, leaves)):
        return None
    return Turnholder(people=names, place=text.place, joins=joins, leaves=leaves, stops=":" in (match["leaves"] or ""))


def shadows_of(reader: Reader, fields: Fields, people: dict[str, Person]) -> tuple[Turnholder, ...]:
    """Who gets copies: entries as in a ring."""
    found = (turnholder(reader, text, people) for text in reader.listed(fields.fields.get("shadows"), "'shadows'"))
    return tuple(entry for entry in found if entry is not None)


def skills_of(reader: Reader, node: Node | None) -> tuple[Skill, ...]:
    """What somebody was trained for: `ledger`, `ledger from 2026-03-01`, `ledger until 2026-12-31` (inclusive).

    `ledger waived until 2026-12-31`: not trained, and paged for it all the same until then.
    """
    found = []
    for text in reader.listed(node, "'skills'"):
        match = SKILL.fullmatch(" ".join(text.value.split()))
        if match is None:
            reader.add(text.place, f"'{text.value}' is no skill", "write e.g. 'ledger' or 'ledger from 2026-03-01'")
            continue
        said = {"begins": match["begins"], "ends": match["ends"] or match["waived"]}
        dates = {key: Text(value=value, place=text.place) if value else None for key, value in said.items()}
        begins, ends = moment(reader, dates["begins"]), moment(reader, dates["ends"], end=True)
        if not (begins and ends) or in_order(reader, text, begins, ends):
            found.append(Skill(name=match["name"], begins=begins, ends=ends, waived=bool(match["waived"])))
    return tuple(found)
