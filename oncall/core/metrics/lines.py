"""What measuring sees of a line of an incident's log: what happened, and where the incident stood after it; and what an escalation is."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from oncall.core.incident import Promise


class After(NamedTuple):
    """An incident as a line left it, as far as measuring asks. `steps`: how many its escalation has; `severity`: the highest it ever had.

    `update_by`: by when the customer is owed the next word, and `updates_missed` of them did not come in time.
    `moves_at`: the earlier of its clocks `step` and `promise`, which nobody keeps but the daemon. A tuple, as a Line is: a year has
    100,000 of them, and a frozen dataclass takes five times as long to make.
    """

    case: str
    status: str
    service: str
    severity: str
    channel: str
    steps: int
    step: int
    round: int
    last_resort_called: bool
    held_by: str
    reports: int
    promise: Promise | None
    moves_at: datetime | None
    update_by: datetime | None = None
    updates_missed: int = 0


class Line(NamedTuple):
    """One line: `kind` is the fact's name, `by` who acted, `order` what a provider spoke of, `result` what came of it in a word or two.

    `nobody_there`: a step was skipped because nobody is on call for it. `after` is None for what changes nothing that is measured:
    news of sends that move no step, and notes. `decision`: a note says what was decided by the team's own authority.
    """

    at: datetime
    kind: str
    by: str = ""
    order: str = ""
    reason: str = ""
    way_broken: bool = False
    result: str = ""
    nobody_there: bool = False
    after: After | None = None
    decision: bool = False


NEWS_ONLY = frozenset({"HandedOver", "Delivered", "CallEnded", "SendUnknown", "SendPostponed", "Noted"})
"""Facts after which the incident stands where it stood: half of a log, so what follows their fact need not be read."""


class Ladder(Protocol):
    """Where an incident stands on its escalation: an Incident, or what a line says of one."""

    @property
    def step(self) -> int:
        """The index of the step paged last, -1 before the first."""
        ...

    @property
    def round(self) -> int:
        """How often the steps are gone through, from 1."""
        ...

    @property
    def last_resort_called(self) -> bool:
        """Whether the last resort has joined."""
        ...

    @property
    def held_by(self) -> str:
        """Who has it, ''."""
        ...


NO_ANSWER, PASSED, HELP, DELIVERY_FAILED, LAPSED, NOBODY_THERE = "no answer", "passed", "help", "delivery failed", "lapsed", "nobody there"
"""Why a case went up its escalation (interfaces.md 6.2). `lapsed`: the acknowledgement expired; `nobody there`: the first step was empty."""


def escalated(before: Ladder | None, after: Ladder, kind: str) -> str:
    """Why the fact `kind` took an incident up its escalation: to a later step, a further round or the last resort; '' if it did not."""
    was = (before.round, before.step, before.last_resort_called) if before is not None else (1, -1, False)
    joined = after.last_resort_called and not was[2]
    if not joined and not ((after.round, after.step) > was[:2] and (after.step > 0 or after.round > 1)):
        return ""
    if was[1] < 0:
        return NOBODY_THERE
    if kind == "TimeCame":
        return LAPSED if before is not None and before.held_by and not after.held_by else NO_ANSWER
    return {"Passed": PASSED, "Escalated": HELP, "SendFailed": DELIVERY_FAILED}.get(kind, NOBODY_THERE)
