"""What the engine asks of its surroundings (a clock, somebody who counts) and what it answers a door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from oncall.core.messages import Decision, Incident, Order


class Clock(Protocol):
    """The one clock of the process. `speed`: how many of its seconds pass in one real second (1.0 but in the sandbox)."""

    speed: float

    def now(self) -> datetime:
        """The time, UTC; never goes back."""
        ...


class Counts(Protocol):
    """Somebody who counts what happens, for /metrics."""

    def decided(self, fact: str, before: Incident | None, after: Incident) -> None:
        """A decision was committed; `fact` is the fact's name."""
        ...

    def attempted(self, order: Order, result: str, seconds_late: float) -> None:
        """A send ended with `result` (sent, failed, postponed, unknown); it began `seconds_late` after it was due."""
        ...

    def heard(self, way: str, action: str) -> None:
        """A text came in and led to `action`."""
        ...


class Uncounted:
    """Counts nothing: for tests and tools without /metrics."""

    def decided(self, fact: str, before: Incident | None, after: Incident) -> None:
        """Ignored."""

    def attempted(self, order: Order, result: str, seconds_late: float) -> None:
        """Ignored."""

    def heard(self, way: str, action: str) -> None:
        """Ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a fact, said after its commit. `result` is one word or two for programs, `because` a sentence for people.

    `repeated`: the same key was taken before, and this is the answer of then. `secret` opens the page of the case; only the report
    that opened the case is answered with it, for whoever names somebody else's number must not read their case.
    """

    result: str
    incident: str = ""
    case: str = ""
    status: str = ""
    severity: str = ""
    because: str = ""
    contact_by: datetime | None = None
    held_by: str = ""
    repeated: bool = False
    secret: str = ""


def outcome_of(decision: Decision) -> Outcome:
    """The outcome of `decision`."""
    incident = decision.incident
    return Outcome(
        result=decision.result,
        incident=incident.id,
        case=incident.case,
        status=incident.status.value,
        severity=incident.severity,
        because=decision.because,
        contact_by=incident.promise.contact_by if incident.promise else None,
        held_by=incident.held_by,
    )


class UnknownIncident(LookupError):
    """No incident has this id or case reference."""
