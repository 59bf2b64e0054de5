"""Reads weekly hours: named, written out, or the complement of others."""

from __future__ import annotations

from dataclasses import replace

from oncall.core.rota import Hours
from oncall.handbook.reader import Reader
from oncall.handbook.values import HOURS_FORMS, spans
from oncall.handbook.yaml_text import Node, Text


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
