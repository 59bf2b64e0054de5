"""What is assumed in a what-if: what people do when they are called, and what providers do with what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from oncall.core.proofs.ahead import exactly
from oncall.core.proofs.promise import TIME_TO_ACT

DEFAULT_AFTER = timedelta(seconds=90)
"""Time to wake up, to read and to answer: longer than most need, so that the default flatters nobody."""


class Answer(StrEnum):
    """What somebody does with a page. OFF: their telephone is off, so texts and calls to it fail at once."""

    TAKES = "takes it"
    PASSES = "passes"
    NEVER = "never answers"
    OFF = "has the telephone off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What somebody does, `after` their telephone first rings or shows a text; Slack wakes nobody."""

    answer: Answer = Answer.TAKES
    after: timedelta = DEFAULT_AFTER

    def __str__(self) -> str:
        return f"{self.answer.value} {self.how_late}" if self.answer in {Answer.TAKES, Answer.PASSES} else self.answer.value

    @property
    def how_late(self) -> str:
        """When they answer, in words."""
        return f"{exactly(self.after)} after the first ring"


class Fault(StrEnum):
    """What a provider does with every message, in the sandbox's words. SLOW: it answers at the last moment in which that is an answer."""

    REFUSES = "refuses"
    HANGS = "hangs"
    NOTHING = "delivers nothing"
    SLOW = "is slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Who is assumed to do what: people by id (last resorts by number too), everybody else `otherwise`; ways with the fault of their provider.

    `time_to_act`: from taking it to the contact with the customer. Providers without a fault accept and deliver within the second.
    """

    people: Mapping[str, Behaviour] = field(default_factory=dict)
    otherwise: Behaviour = field(default_factory=Behaviour)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    time_to_act: timedelta = TIME_TO_ACT

    def of(self, who: str) -> Behaviour:
        """What `who` does."""
        return self.people.get(who, self.otherwise)
