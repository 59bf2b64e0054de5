"""A case: everything that is measured of one incident, and how it stands to what was promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.core.incident import RINGING

DEFINITIONS = 1
"""Raised whenever the same log would make another case; what was gathered by an older one is gathered anew."""
REOPENED_WITHIN = timedelta(hours=24)
"""Reopened later than this it is another matter (interfaces.md 6.1)."""


class Fate(StrEnum):
    """What became of one send of a page, lesser knowledge before greater. BROKEN: the address never works."""

    POSTPONED = "postponed"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One send of a page to `person`. `at`: when it was first heard of; `accepted_at`, `delivered_at`: when a provider, or the handset, had it."""

    person: str
    way: str
    at: datetime
    fate: Fate
    accepted_at: datetime | None = None
    delivered_at: datetime | None = None
    limited: bool = False

    @property
    def rang(self) -> bool:
        """Whether it woke somebody, as far as is known: a provider had it, and it went over a way that rings."""
        return self.accepted_at is not None and self.way in RINGING

    @property
    def arrived(self) -> bool:
        """Whether a provider had it and nothing is known to have gone wrong since."""
        return self.fate in {Fate.ACCEPTED, Fate.DELIVERED}


def waking(tries: Iterable[Try]) -> tuple[Try, ...]:
    """The sends that can wake somebody: those over a ringing way, or all if none of them is."""
    found = tuple(tries)
    return tuple(one for one in found if one.way in RINGING) or found


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise to the customer: to be contacted by `due`. `contacted_at`: when a human reported that they reached them."""

    within: timedelta
    due: datetime
    contacted_at: datetime | None

    @property
    def made_at(self) -> datetime:
        """When its clock began: at the report, or when somebody said that it cannot wait, or is not over."""
        return self.due - self.within

    @property
    def is_kept(self) -> bool:
        """A human reached the customer in time."""
        return self.contacted_at is not None and self.contacted_at <= self.due

    def is_missed(self, now: datetime) -> bool:
        """A deadline that passed without contact is missed, whatever comes later and whether or not the case is still open."""
        return not self.is_kept and self.due < now


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """`who` had it, until it was handed on, lapsed or was opened anew; None: until it was closed, or still."""

    who: str
    since: datetime
    until: datetime | None = None


DECIDED = "Decided"
"""What an act is called that was a decision by the team's own authority; its words stay in the log, where they can be forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A human's act on the case; `what` is the fact's name, or DECIDED."""

    who: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """The case went up to `level` (2: the second step; one above the last step: the last resort), and why."""

    at: datetime
    level: int
    reason: str


class Outcome(StrEnum):
    """How a case stands to what was promised. RUNNING: the deadline is still to come."""

    KEPT = "kept"
    MISSED = "missed"
    RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One incident as it is measured; times are wall-clock, UTC (interfaces.md 6.1). `severity` is the highest that it ever had.

    `reported_at` is t_report and t_open: a door dates a report when it has all of it and answers after the commit. `called_at`: since when
    somebody is wanted at once; None for what waits for the office or was declined. `urgent_at`: the customer said that it cannot wait.
    `taken_at` is t_take: the first time a human had it, or closed it. `gaps`: when a step had nobody on call. `stalls`: when the
    pager should have moved and stood still. `updates_kept`, `updates_missed`: words to the customer that were owed by a time, and came or not.
    """

    incident: str
    case: str
    service: str
    severity: str
    channel: str
    reported_at: datetime
    reports: int
    status: str
    called_at: datetime | None = None
    urgent_at: datetime | None = None
    waited: bool = False
    taken_at: datetime | None = None
    taken_by: str = ""
    resolved: tuple[datetime, ...] = ()
    reopened: tuple[datetime, ...] = ()
    promises: tuple[Promised, ...] = ()
    tries: tuple[Try, ...] = ()
    held: tuple[Held, ...] = ()
    acts: tuple[Act, ...] = ()
    rises: tuple[Rise, ...] = ()
    gaps: tuple[datetime, ...] = ()
    stalls: tuple[datetime, ...] = ()
    updates_kept: int = 0
    updates_missed: int = 0

    @property
    def is_emergency(self) -> bool:
        """Somebody was wanted at once: it counts. What waits or was declined is excluded from targets, but listed."""
        return self.called_at is not None

    @property
    def is_promised(self) -> bool:
        """It is eligible: an emergency for which something was promised; without anybody to contact nothing is."""
        return self.is_emergency and bool(self.promises)

    def outcome(self, now: datetime) -> Outcome:
        """Kept only if every promise of it was; a case that was opened anew has several."""
        if self.missed(now) is not None:
            return Outcome.MISSED
        return Outcome.KEPT if all(one.is_kept for one in self.promises) else Outcome.RUNNING

    def missed(self, now: datetime) -> Promised | None:
        """The first promise that was missed."""
        return next((one for one in self.promises if one.is_missed(now)), None)

    @property
    def contacted_at(self) -> datetime | None:
        """t_contact: a human reached the customer. An automatic answer never counts, and neither does an acknowledgement."""
        return self.promises[0].contacted_at if self.promises else None

    @property
    def paged_at(self) -> datetime | None:
        """t_page: the first page attempt accepted by a provider; over a way that rings, if any of them does."""
        return min((one.accepted_at for one in waking(self.tries) if one.accepted_at is not None), default=None)

    @property
    def resolved_at(self) -> datetime | None:
        """t_resolve: the last resolve if it was reopened within 24 h, else the one before that; None while it is not resolved."""
        found: datetime | None = None
        for at in self.resolved:
            if found is not None and not self.was_reopened(found):
                break
            found = at
        return None if found is None or (found == self.resolved[-1] and self.was_reopened(found)) else found

    def was_reopened(self, resolved_at: datetime) -> bool:
        """Whether it was reopened within 24 h of being resolved then."""
        return any(timedelta(0) <= at - resolved_at <= REOPENED_WITHIN for at in self.reopened)
