"""Reads personal reach: over which ways somebody is paged, and how long after the page each is used."""

from __future__ import annotations

from datetime import timedelta

from oncall.core.model import DEFAULT_REACH, ReachStep
from oncall.handbook.reader import Reader
from oncall.handbook.values import duration
from oncall.handbook.yaml_text import Items, Node, Text

WAYS = {"slack": "slack", "sms": "sms", "call": "voice"}
"""How admins call a way, and its name in orders."""
MOST_STEPS = 10
LONGEST_AFTER = timedelta(hours=1)
"""A personal step later than this is a mistake: by then others have been paged."""
FORMS = "write e.g. reach: [slack + sms, call after 90s, call after 3m]"


def read_reach(reader: Reader, node: Node | None, default: tuple[ReachStep, ...] = DEFAULT_REACH) -> tuple[ReachStep, ...]:
    """The personal contact steps, the earliest first; `default` where nothing is written."""
    if node is None:
        return default
    texts = reader.listed(node, "'reach'")
    if not texts and isinstance(node, Items):
        reader.add(node.place, "'reach' is empty, so nobody could be paged by it", FORMS)
    if len(texts) > MOST_STEPS:
        reader.add(texts[MOST_STEPS].place, f"'reach' has {len(texts)} steps, at most {MOST_STEPS} make sense")
    steps: list[ReachStep] = []
    for text in texts:
        step = read_step(reader, text)
        if step is not None:
            check_order(reader, text, steps, step)
            steps.append(step)
    return tuple(steps) or default


def read_step(reader: Reader, text: Text) -> ReachStep | None:
    """One step: ways joined by '+', then perhaps 'after' and a duration."""
    words, after_word, span = " ".join(text.value.casefold().split()).partition(" after ")
    after = duration(reader, Text(value=span, place=text.place)) if after_word else timedelta(0)
    names = [name.strip() for name in words.split("+")]
    for name in names:
        if name not in WAYS:
            reader.problems.unknown(text.place, f"no way to reach somebody called '{name}'", name, list(WAYS))
            return None
    if len(set(names)) != len(names):
        reader.add(text.place, f"'{text.value}' names a way twice", FORMS)
        return None
    if after is not None and after > LONGEST_AFTER:
        reader.add(text.place, f"'{text.value}': a personal step comes at most 1h after the page")
        return None
    return None if after is None else ReachStep(ways=tuple(WAYS[name] for name in names), after=after)


def check_order(reader: Reader, text: Text, steps: list[ReachStep], step: ReachStep) -> None:
    """The first step is at once, each later one after the one before it."""
    if not steps and step.after:
        reader.add(text.place, "the first step of 'reach' is at once; take its 'after' out", FORMS)
    if steps and step.after <= steps[-1].after:
        reader.add(text.place, f"'{text.value}' is not after the step before it", FORMS)
