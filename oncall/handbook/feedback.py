"""Reads when customers and the team are asked how it was."""

from __future__ import annotations

import re

from oncall.core.policy import Feedback
from oncall.handbook.reader import Reader
from oncall.handbook.values import DAY_MINUTES, minute_of_day
from oncall.handbook.yaml_text import Node, Text

FORM = re.compile(r"next working day (\S+)")
FORMS = "write e.g. next working day 09:00"


def read_feedback(reader: Reader, node: Node | None, *, has_office: bool) -> Feedback:
    """The feedback; nobody is asked anything where the policy does not say so. Working days are those on which the office opens."""
    fields = reader.fields(node, "feedback", "'feedback'") if node is not None else None
    if fields is None:
        return Feedback()
    if not has_office:
        reader.add(fields.place, "'feedback' is asked on working days, but the policy has no 'office' that says which those are", "name the hours")
    customer, team = (working_day(reader, reader.text(fields.fields.get(key), f"'{key}'")) for key in ("customer", "team"))
    return Feedback(customer_minute=customer, team_minute=team)


def working_day(reader: Reader, text: Text | None) -> int | None:
    """`next working day 09:00`: the minute of that day."""
    if text is None:
        return None
    match = FORM.fullmatch(" ".join(text.value.casefold().split()))
    minute = minute_of_day(match.group(1)) if match else None
    if minute is None or minute == DAY_MINUTES:
        reader.add(text.place, f"'{text.value}' is no time to ask for feedback", FORMS)
        return None
    return minute
