"""Reads the goals of the policy: what share of promises is to be kept, of cases to be resolved in a span, of pages to be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from oncall.core.policy import Goals
from oncall.handbook.reader import Reader
from oncall.handbook.values import duration
from oncall.handbook.yaml_text import Fields, Node, Text

PERCENT = re.compile(r"(\d{1,3}(?:\.\d)?) ?%")


def read_goals(reader: Reader, node: Node | None, severities: Collection[str], *, team_is_asked: bool) -> Goals:
    """The goals; none where the policy names none. Whether pages were right is known only where the team is asked."""
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
    right = reader.text(fields.fields.get("right_to_wake"), "'right_to_wake'")
    if right is not None and not team_is_asked:
        reader.add(right.place, "'right_to_wake' is a goal that nothing measures", "write feedback: {team: next working day 09:00} into the policy")
    return Goals(contacted_in_time=contacted, resolved_within=resolved, right_to_wake=percent(reader, right))


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
