"""Reads absences and changes: who is not there, and what is other than the rotations say."""

from __future__ import annotations

import re

from oncall.core.model import Person
from oncall.core.rota import Away, Change, ChangeKind, Rotation
from oncall.handbook.reader import Reader
from oncall.handbook.values import in_order, moment
from oncall.handbook.yaml_text import Fields, Node, Text

AWAY = re.compile(r"(\S+) (\d{4}-\d\d-\d\d(?: \d\d:\d\d)?) to (\d{4}-\d\d-\d\d(?: \d\d:\d\d)?)")


def read_away(reader: Reader, node: Node | None, people: dict[str, Person]) -> tuple[Away, ...]:
    """Absences like 'ana 2026-07-06 to 2026-07-17', in the person's own zone."""
    found = []
    for one in reader.items(node, "'away'") if node is not None else ():
        text = reader.text(one, "an absence")
        match = AWAY.fullmatch(text.value.strip()) if text else None
        if text is not None and match is None:
            reader.add(text.place, f"'{text.value}' is no absence", "write e.g. 'ana 2026-07-06 to 2026-07-17'")
        if text is None or match is None or not reader.known(Text(value=match.group(1), place=text.place), "person", people):
            continue
        start = moment(reader, Text(value=match.group(2), place=text.place))
        end = moment(reader, Text(value=match.group(3), place=text.place), end=True)
        if start and end and in_order(reader, text, start, end):
            found.append(Away(person=match.group(1), start=start, end=end, timezone=people[match.group(1)].timezone, place=text.place))
    return tuple(found)


def read_changes(reader: Reader, node: Node | None, people: dict[str, Person], rotations: dict[str, Rotation]) -> tuple[Change, ...]:
    """Overrides, in the order of the file; a later line wins."""
    found = []
    for one in reader.items(node, "'changes'") if node is not None else ():
        fields = reader.fields(one, "change", "a change")
        change = change_of(reader, fields, people, rotations) if fields else None
        if change is not None:
            found.append(change)
    return tuple(found)


def change_of(reader: Reader, fields: Fields, people: dict[str, Person], rotations: dict[str, Rotation]) -> Change | None:
    """One change: put, cover with by, swap, or add."""
    rotation = reader.needed(fields, "rotation", "a change")
    start = moment(reader, reader.needed(fields, "from", "a change"))
    last = reader.needed(fields, "to", "a change")
    end = moment(reader, last, end=True)
    kinds = [kind for kind in ChangeKind if kind.value in fields.fields]
    if len(kinds) != 1:
        reader.add(fields.place, "a change has exactly one of 'put', 'cover', 'swap' and 'add'")
        return None
    who = people_of_change(reader, fields, kinds[0], people)
    known = rotation is not None and reader.known(rotation, "rotation", rotations)
    if who is None or not known or rotation is None or last is None or not start or not end or not in_order(reader, last, start, end):
        return None
    why = reader.text(fields.fields.get("why"), "'why'")
    return Change(
        rotation=rotation.value,
        kind=kinds[0],
        people=who,
        start=start,
        end=end,
        timezone=reader.timezone,
        why=why.value if why else "",
        place=fields.place,
    )


def people_of_change(reader: Reader, fields: Fields, kind: ChangeKind, people: dict[str, Person]) -> tuple[str, ...] | None:
    """Who a change is about; empty for `put: nobody`."""
    texts = reader.listed(fields.fields[kind.value], f"'{kind.value}'")
    if kind is ChangeKind.PUT and [text.value for text in texts] == ["nobody"]:
        return ()
    if kind is ChangeKind.COVER:
        by = reader.needed(fields, "by", "a cover")
        texts = (*texts, by) if by else texts
    if not texts or not reader.all_known(texts, "person", people):
        return None
    if kind in {ChangeKind.COVER, ChangeKind.SWAP} and len({text.value for text in texts}) != 2:
        reader.add(fields.place, f"a {kind.value} is between two different people")
        return None
    return tuple(text.value for text in texts)
