"""Reads the goals of the policy: what share of promises is to be kept, and of cases to be resolved in a span."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from oncall.core.policy import Goals
from oncall.handbook.reader import Reader
from oncall.handbook.values import duration
from oncall.handbook.yaml_text import Fields, Node, Text

PERCENT = re.compile(r"(\d{1,3}(?:\.\d)?) ?%")


def read_goals(reader: Reader, node: Node | None, severities: Collection[str]) -> Goals:
    """The goals; none where the policy names none."""
    fields = reader.fields(node, "goals", "'goals'") if node is not None else None
    if fields is None:
        return Goals()
    contacted, resolved = {}, {}
    for name, share in shares(reader, fields, "contacted_in_time"):
        if reader.known(name, "severity", severities):
            contacted[name.value] = share
    for name, share in shares(reader, fields, "resolved_within"):
        within = duration(reader, name)
        if within is not None:
            resolved[within] = share
    return Goals(contacted_in_time=contacted, resolved_within=resolved)


def shares(reader: Reader, fields: Fields, key: str) -> Iterator[tuple[Text, float]]:
    """The names of a mapping, each with its share."""
    node = fields.fields.get(key)
    named = reader.named(node, f"'{key}'") if node is not None else None
    for name, one in named or ():
        share = percent(reader, reader.text(one, f"'{name}'"))
        if named is not None and share is not None:
            yield Text(value=name, place=named.keys[name]), share


def percent(reader: Reader, text: Text | None) -> float | None:
    """`95%`: more than 0, at most 100."""
    if text is None:
        return None
    match = PERCENT.fullmatch(text.value.strip())
    share = float(match.group(1)) if match else 0.0
    if not 0 < share <= 100:
        reader.add(text.place, f"'{text.value}' is no share", "write a percentage above 0, e.g. 95%")
        return None
    return share
