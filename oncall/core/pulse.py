"""The pulse: five questions to the team each quarter, answered by nobody in particular, shown only when enough have answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.core.localtime import local_of

QUESTIONS = (
    "The load of being on call is shared fairly.",
    "I have enough rest after a night on call.",
    "I am prepared for what I am called for.",
    "I get help when I need it.",
    "I would recommend being on call here.",
)
"""Each answered from 1 (not at all) to 5 (very much); interfaces.md 6.6."""
LOWEST, HIGHEST = 1, 5
ENOUGH = 5
"""Fewer answers are not shown, and not counted aloud either: each of them could be told from who is known to have answered."""

Answers = tuple[int, ...]
"""One answer to each question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """A quarter's pulse. `answers`: how many there are, None for fewer than ENOUGH. `counts`: for each question how often each answer was given."""

    quarter: str
    asked: int
    answers: int | None
    counts: tuple[tuple[int, ...], ...]


def quarter_of(at: datetime, timezone: str) -> str:
    """The quarter of an instant, as it is asked for: '2026-Q4'."""
    local = local_of(at, timezone)
    return f"{local.year}-Q{(local.month + 2) // 3}"


def pulse(quarter: str, asked: int, answers: Sequence[Answers]) -> Pulse:
    """What may be shown of a quarter: each question by itself, so that no answer can be put together again."""
    if len(answers) < ENOUGH:
        return Pulse(quarter=quarter, asked=asked, answers=None, counts=())
    counts = tuple(tuple(sum(one[number] == value for one in answers) for value in range(LOWEST, HIGHEST + 1)) for number in range(len(QUESTIONS)))
    return Pulse(quarter=quarter, asked=asked, answers=len(answers), counts=counts)
