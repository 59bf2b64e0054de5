"""Reads hours, rotations with their shifts, absences and changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from oncall.core.model import Person
from oncall.core.rota import Away, Calendar, Change, ChangeKind, Hours, Rotation, Shift, Turnholder
from oncall.handbook.handovers import read_handover, start_of
from oncall.handbook.holidays import calendar_said, on_calendar
from oncall.handbook.reader import Reader
from oncall.handbook.values import HOURS_FORMS, moment, spans, zone
from oncall.handbook.yaml_text import Fields, Items, Node, Text

DAY_OR_MOMENT = r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?"
ENTRY = re.compile(rf"(?P<names>[^\s+]+(?: ?\+ ?[^\s+]+)*)(?: from (?P<joins>{DAY_OR_MOMENT}))?(?: until (?P<leaves>{DAY_OR_MOMENT}))?")
AWAY = re.compile(r"(\S+) (\d{4}-\d\d-\d\d(?: \d\d:\d\d)?) to (\d{4}-\d\d-\d\d(?: \d\d:\d\d)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that a rotation may refer to."""

    people: dict[str, Person]
    hours: dict[str, Hours]
    calendars: dict[str, Calendar]
    policy: Fields | None


def read_hours(reader: Reader, node: Node | None) -> dict[str, Hours]:
    """The named hours; `not NAME` is the complement of another."""
    named = reader.named(node, "'hours'") if node is not None else None
    found: dict[str, Hours] = {}
    complements: list[tuple[str, Text]] = []
    for name, one in named or ():
        if isinstance(one, Text) and one.value.startswith("not "):
            complements.append((name, one))
        else:
            found[name] = hours_of(reader, name, one)
    for name, text in complements:
        found[name] = complement(reader, text, found, name)
    return found


def hours_of(reader: Reader, name: str, node: Node) -> Hours:
    """Weekly hours, one text or a list of them."""
    parts = tuple(span for text in reader.listed(node, f"hours '{name}'") for span in spans(reader, text))
    return Hours(name=name, spans=parts, inverted=False, place=node.place)


def complement(reader: Reader, text: Text, known: dict[str, Hours], name: str) -> Hours:
    """The exact complement of the hours that `not NAME` names."""
    wanted = Text(value=text.value.removeprefix("not ").strip(), place=text.place)
    if not reader.known(wanted, "hours", known):
        return Hours(name=name, spans=(), inverted=False, place=text.place)
    other = known[wanted.value]
    return replace(other, name=name, inverted=not other.inverted, place=text.place)


def read_rotations(reader: Reader, node: Node | None, known: Names) -> dict[str, Rotation]:
    """The rotations by id."""
    named = reader.named(node, "'rotations'") if node is not None else None
    found = {}
    for name, one in named or ():
        fields = reader.fields(one, "rotation", f"rotation '{name}'")
        if fields is not None:
            found[name] = Rotation(id=name, shifts=shifts_of(reader, name, fields, known), place=fields.place)
            if name in known.people:
                reader.add(named.keys[name] if named else fields.place, f"'{name}' is a person and a rotation", "rename one of them")
    return found


def shifts_of(reader: Reader, name: str, fields: Fields, known: Names) -> tuple[Shift, ...]:
    """The shifts of a rotation; without 'shifts' the rotation is one."""
    if "shifts" not in fields.fields:
        return (shift_of(reader, name, fields, known, (fields,), reader.timezone),)
    for key in ("people", "handover", "start", "hours", "turns", "from", "until"):
        if key in fields.fields:
            reader.add(fields.keys[key], f"'{key}' beside 'shifts' in rotation '{name}'", "write it inside the shifts")
    timezone = zone(reader, reader.text(fields.fields.get("timezone"), "'timezone'")) or reader.timezone
    found = []
    for one in reader.items(fields.fields["shifts"], "'shifts'"):
        shift = reader.fields(one, "shift", f"a shift of rotation '{name}'")
        if shift is not None:
            found.append(shift_of(reader, name, shift, known, (shift, fields), timezone))
    if not found:
        reader.add(fields.place, f"rotation '{name}' has no shift")
    return tuple(found)


def shift_of(reader: Reader, rotation: str, fields: Fields, known: Names, nearest: tuple[Fields, ...], timezone: str) -> Shift:
    """One shift, with its ring, its handover and the date of the first turn. `nearest`: where its calendar may be named, the nearest first."""
    ring = ring_of(reader, rotation, fields, known.people)
    passes = read_handover(reader, reader.text(fields.fields.get("handover"), "'handover'"))
    if len(ring) > 1 and "handover" not in fields.fields:
        place = fields.fields["people"].place
        reader.add(place, "several people but no 'handover'", "join people who are on call together with '+'")
    name = reader.text(fields.fields.get("name"), "'name'")
    turns = reader.text(fields.fields.get("turns"), "'turns'")
    if turns is not None:
        reader.known(turns, "answer to 'turns'", ("every day",))
    opens, closes = season(reader, fields)
    return Shift(
        name=name.value if name else rotation,
        ring=ring,
        handover=passes,
        start=start_of(reader, rotation, fields, passes),
        hours=shift_hours(reader, fields, known, nearest),
        timezone=zone(reader, reader.text(fields.fields.get("timezone"), "'timezone'")) or timezone,
        place=fields.place,
        opens=opens,
        closes=closes,
        every_day=turns is not None,
    )


def season(reader: Reader, fields: Fields) -> tuple[datetime | None, datetime | None]:
    """`from` and `until` of a shift: it is silent outside of them."""
    last = reader.text(fields.fields.get("until"), "'until'")
    opens, closes = moment(reader, reader.text(fields.fields.get("from"), "'from'")), moment(reader, last, end=True)
    if last is not None and opens is not None and closes is not None:
        in_order(reader, last, opens, closes)
    return opens, closes


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


def shift_hours(reader: Reader, fields: Fields, known: Names, nearest: tuple[Fields, ...]) -> Hours | None:
    """The hours of a shift, without the holidays of its calendar."""
    calendar_said(reader, fields, known.calendars)
    node = fields.fields.get("hours")
    found = None if node is None else hours_said(reader, node, known.hours)
    return (
        None
        if node is None or found is None
        else on_calendar(reader, found, node.place, known.calendars, *nearest, *((known.policy,) if known.policy else ()))
    )


def hours_said(reader: Reader, node: Node, hours: dict[str, Hours]) -> Hours | None:
    """Hours by name, `not NAME`, or written out."""
    if isinstance(node, Text) and node.value in hours:
        return hours[node.value]
    if isinstance(node, Text) and node.value.startswith("not "):
        return complement(reader, node, hours, node.value)
    if isinstance(node, Text) and " " not in node.value.strip():
        reader.problems.unknown(node.place, f"no hours called '{node.value}'", node.value, hours)
        reader.add(node.place, f"'{node.value}' are no weekly hours either", HOURS_FORMS)
        return None
    return hours_of(reader, node.value if isinstance(node, Text) else "these hours", node)


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


def in_order(reader: Reader, text: Text, start: datetime, end: datetime) -> bool:
    """Whether a span has a length."""
    if start < end:
        return True
    reader.add(text.place, "it ends before it begins", "the first date is the beginning")
    return False


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
