"""What a run looks like from the outside: what was committed, sent, accepted by a provider and answered; and a violation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from oncall.core.messages import LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A decision was committed at `at`."""

    at: datetime
    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBegan:
    """The daemon asked the channel to send `text` to `address` for an order."""

    at: datetime
    order: str
    address: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEnded:
    """What the daemon heard of that send: a clear yes, a clear no for good, a clear no for now, or nothing clear."""

    at: datetime
    order: str
    result: Literal["accepted", "refused", "try again", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderGot:
    """The provider accepted an order's message, whether or not the daemon heard of it."""

    at: datetime
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Somebody at a door was told that the incident exists, has this status, and is held by this person ('' nobody).

    `status` is '' for an old answer given again.
    """

    at: datetime
    incident: str
    status: str
    held_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbed:
    """From `at` to `until` something was broken (a crash, a full disk, a suspend): nothing can be in time then."""

    at: datetime
    until: datetime


Event = Committed | SendBegan | SendEnded | ProviderGot | Answered | Disturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An invariant that did not hold: which, of which incident, when, and what was seen."""

    invariant: str
    incident: str
    at: datetime
    seen: str

    def __str__(self) -> str:
        return f"{self.invariant} incident {self.incident} at {self.at:%Y-%m-%d %H:%M:%S.%f}: {self.seen}"


Found = tuple[str, str]
"""A violation before it is dated: the invariant, and what was seen."""
