"""Reads rotations with their shifts, and how they stand to each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from oncall.core.model import Person
from oncall.core.rota import Calendar, Hours, Rotation, Shift
from oncall.handbook.handovers import read_handover, start_of
from oncall.handbook.holidays import calendar_said, on_calendar
from oncall.handbook.hours import hours_said
from oncall.handbook.reader import Reader
from oncall.handbook.ring import ring_of, shadows_of
from oncall.handbook.values import in_order, moment, zone
from oncall.handbook.yaml_text import Fields, Node

SHIFT_KEYS = ("people", "handover", "start", "hours", "turns", "from", "until")
"""What a rotation of one shift says itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that a rotation may refer to."""

    people: dict[str, Person]
    hours: dict[str, Hours]
    calendars: dict[str, Calendar]
    policy: Fields | None


def read_rotations(reader: Reader, node: Node | None, known: Names) -> dict[str, Rotation]:
    """The rotations by id."""
    named = reader.named(node, "'rotations'") if node is not None else None
    found, sections = {}, {}
    for name, one in named or ():
        fields = reader.fields(one, "rotation", f"rotation '{name}'")
        if fields is not None:
            sections[name] = fields
            found[name] = rotation_of(reader, name, fields, known)
            if name in known.people:
                reader.add(named.keys[name] if named else fields.place, f"'{name}' is a person and a rotation", "rename one of them")
    return linked(reader, found, sections)


def rotation_of(reader: Reader, name: str, fields: Fields, known: Names) -> Rotation:
    """One rotation, without the shifts of another that it backs up."""
    backs_up, apart_from = (reader.text(fields.fields.get(key), f"'{key}'") for key in ("backs_up", "apart_from"))
    gaps = reader.text(fields.fields.get("gaps"), "'gaps'")
    if gaps is not None:
        reader.known(gaps, "answer to 'gaps'", ("allowed",))
    if backs_up is not None:
        for key in (key for key in fields.fields if key in SHIFT_KEYS or key in {"shifts", "apart_from"}):
            reader.add(fields.keys[key], f"'{key}' beside 'backs_up' in rotation '{name}'", "its shifts are those of the rotation it backs up")
    return Rotation(
        id=name,
        shifts=() if backs_up else shifts_of(reader, name, fields, known),
        place=fields.place,
        backs_up=backs_up.value if backs_up else "",
        apart_from=apart_from.value if apart_from else "",
        shadows=shadows_of(reader, fields, known.people),
        may_have_gaps=gaps is not None,
    )


def linked(reader: Reader, rotations: dict[str, Rotation], sections: dict[str, Fields]) -> dict[str, Rotation]:
    """The rotations with the shifts of those that they back up. Names that nobody knows, and circles, are told and taken out."""
    for name, rotation in rotations.items():
        for key in ("backs_up", "apart_from"):
            text = reader.text(sections[name].fields.get(key), f"'{key}'") if getattr(rotation, key) else None
            if text is not None and not reader.known(text, "rotation", rotations):
                rotations[name] = replace(rotation, backs_up="", apart_from="")
            elif text is not None and name in ring_of_rotations(rotations, text.value):
                reader.add(text.place, f"'{name}' and '{text.value}' wait for each other", "one of them must be found first")
                rotations[name] = replace(rotation, backs_up="", apart_from="")
    return {name: replace(rotation, shifts=root_of(rotations, rotation).shifts) for name, rotation in rotations.items()}


def ring_of_rotations(rotations: dict[str, Rotation], first: str) -> set[str]:
    """Every rotation that has to be known before `first` is, with itself."""
    found: set[str] = set()
    left = [first]
    while left:
        name = left.pop()
        if name in rotations and name not in found:
            found.add(name)
            left += [other for other in (rotations[name].backs_up, rotations[name].apart_from) if other]
    return found


def root_of(rotations: dict[str, Rotation], rotation: Rotation) -> Rotation:
    """The rotation at the end of a line of backups, whose shifts they all have."""
    while rotation.backs_up:
        rotation = rotations[rotation.backs_up]
    return rotation


def shifts_of(reader: Reader, name: str, fields: Fields, known: Names) -> tuple[Shift, ...]:
    """The shifts of a rotation; without 'shifts' the rotation is one."""
    if "shifts" not in fields.fields:
        return (shift_of(reader, name, fields, known, (fields,), reader.timezone),)
    for key in SHIFT_KEYS:
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


def shift_hours(reader: Reader, fields: Fields, known: Names, nearest: tuple[Fields, ...]) -> Hours | None:
    """The hours of a shift, without the holidays of its calendar."""
    calendar_said(reader, fields, known.calendars)
    node = fields.fields.get("hours")
    found = None if node is None else hours_said(reader, node, known.hours)
    if node is None or found is None:
        return None
    return on_calendar(reader, found, node.place, known.calendars, *nearest, *((known.policy,) if known.policy else ()))
