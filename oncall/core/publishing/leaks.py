"""Who of the staff a text names: by name, number, e-mail or Slack id; a published text must name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncall.core.model import Handbook

NOT_IN_NUMBERS = re.compile(r"[\s()./-]")
"""How people break up telephone numbers."""


def named_in(text: str, handbook: Handbook) -> Iterator[str]:
    """What of the staff `text` gives away, in words without repeating it. A first name alone may be a word of the language."""
    folded, joined = " ".join(text.casefold().split()), NOT_IN_NUMBERS.sub("", text)
    for person in handbook.people.values():
        if " " in person.name.strip() and has_word(folded, " ".join(person.name.casefold().split())):
            yield f"the name of '{person.id}'"
        if any(phone in joined for phone in person.phones):
            yield f"the number of '{person.id}'"
        if person.email and person.email.casefold() in folded:
            yield f"the e-mail of '{person.id}'"
        if person.slack and has_word(folded, person.slack.casefold()):
            yield f"the Slack id of '{person.id}'"
    if any(entry.phone and entry.phone in joined for entry in handbook.last_resort):
        yield "a number of the last resort"


def has_word(text: str, word: str) -> bool:
    """Whether `word` stands in `text` by itself."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
