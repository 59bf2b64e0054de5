"""An incident as it stands: its state, the pages it has out, the promise to the customer, and the clocks of what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any


class Status(StrEnum):
    """Where an incident stands. WAITING: until the office opens. DECLINED and RESOLVED are final unless somebody reopens."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    WAITING = "waiting"
    DECLINED = "declined"
    RESOLVED = "resolved"


FINAL = frozenset({Status.DECLINED, Status.RESOLVED})
"""States without a next action; every other one has a `wake_at` (invariant I2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who reported and how to reach them; `phone` in E.164."""

    name: str = ""
    phone: str = ""
    email: str = ""

    @property
    def caller(self) -> str:
        """Who is to be called back, and where; '' when nobody can be."""
        return " ".join(part for part in (self.name, self.phone or self.email) if part)


class PageState(StrEnum):
    """How far one order of a page came. TRYING_AGAIN: surely not sent yet. UNKNOWN: the provider may or may not have it.

    UNANSWERED: a call that rang, or was answered, and ended without a key.
    """

    ORDERED = "ordered"
    TRYING_AGAIN = "trying again"
    UNKNOWN = "unknown"
    HANDED_OVER = "handed over"
    DELIVERED = "delivered"
    UNANSWERED = "unanswered"
    FAILED = "failed"


LAST_RESORT = -1
"""The step that pages of the last resort carry."""
WELL = frozenset({PageState.ORDERED, PageState.HANDED_OVER, PageState.DELIVERED})
"""States in which a try may still wake its reader."""
RINGING = frozenset({"sms", "voice"})
"""The ways that wake somebody; a message in Slack is beside them and replaces none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTry:
    """One order of a page: over which way, ordered when, and what became of it.

    `since`: when it came to its state, None while nothing is known. `provider_id` is '' until a provider has it.
    """

    order: str
    way: str
    at: datetime
    state: PageState = PageState.ORDERED
    since: datetime | None = None
    provider_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One person's page on one incident: the reply code they hold, and the orders of the round in which they were paged last.

    `person` is a handbook id, or the bare E.164 number of a last resort. `step` is the step that paged them last,
    -1 for the last resort. `tries` is empty for somebody who holds a code without having been paged since it was opened.
    `reach_done`: how many steps of their personal reach were done in this round. `reached`: a page to them was accepted, or may have
    been, by a provider since they were last told that somebody has it.
    """

    person: str
    code: str
    step: int
    paged_at: datetime
    tries: tuple[PageTry, ...] = ()
    reach_done: int = 0
    reached: bool = False
    passed_at: datetime | None = None

    def try_of(self, order: str) -> PageTry | None:
        """The try that was `order`, if it belongs to this round."""
        return next((one for one in self.tries if one.order == order), None)

    @property
    def waking(self) -> tuple[PageTry, ...]:
        """The tries that can wake this person: those over a ringing way, or all if none of them is."""
        return tuple(one for one in self.tries if one.way in RINGING) or self.tries

    @property
    def failed(self) -> bool:
        """Whatever could have woken them in this round has failed for good."""
        return bool(self.tries) and all(one.state is PageState.FAILED for one in self.waking)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step as it stood when the incident was accepted: a running incident keeps its steps and waits (decisions.md 21)."""

    targets: tuple[str, ...]
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The customer's clock: `contact_by` is the time the customer was told last, `first_contact_by` the one that counts.

    `asked_at`: when the holder was asked "reached them?" before `contact_by`. `missed_at` is set once, by the clock.
    """

    within: timedelta
    contact_by: datetime
    first_contact_by: datetime
    asked_at: datetime | None = None
    contacted_at: datetime | None = None
    missed_at: datetime | None = None

    @property
    def pending(self) -> bool:
        """True until a human has reached the customer."""
        return self.contacted_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A notice that may have to go by another way too: the turn that ordered it, and what it names beside what every notice does."""

    turn: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An emergency that was reported, and everything the next decision needs to know of it.

    `turn` counts decided facts. `calling`: pages are going out and somebody is still wanted; true while open, and
    while acknowledged only if the holder asked for help. `called_since`: when this calling began. `clocks` names what is due
    and when; `wake_at` is the earliest.
    `step` is the index of the step paged last (-1: none yet), `round` counts from 1, `step_began` is when its wait began to run
    (decisions.md 6), None until then. `seed` makes its codes. `held_turn` is the turn in which the holder took it. `asked_at`: when
    the holder was asked whether they are still on it. `told`: the notices that were ordered for the customer since it was opened last.
    `update_every`: how often the customer is owed a word while it lasts, as promised when it was opened; `update_by`: by when the next,
    of which the holder was reminded if `update_asked`, and `update_turn` the turn that said so; `updates_missed` of them did not come in time.
    `worst`: the highest severity that a human's word left it with before or since, '' if none changed it; reports count by it.
    `customer` is what texts call them, `customer_id` who they are in the handbook, '' when they are not known. `said` holds, by their
    names, the newest notices that could go by another way too. `forgotten_at`: when,
    and by whom, names, numbers and words were taken out of it for good.
    """

    id: str
    case: str
    seed: str
    turn: int
    status: Status
    service: str
    severity: str
    summary: str
    details: str
    channel: str
    source: str
    customer: str
    contact: Contact
    dedup_key: str
    opened_at: datetime
    because: str
    handbook: str
    steps: tuple[PlannedStep, ...]
    rounds: int
    acknowledge_again_after: timedelta
    promise: Promise | None
    step: int = -1
    round: int = 1
    step_began: datetime | None = None
    calling: bool = False
    called_since: datetime | None = None
    last_resort_called: bool = False
    pages: tuple[Page, ...] = ()
    held_by: str = ""
    held_since: datetime | None = None
    held_turn: int = 0
    asked_at: datetime | None = None
    helpers: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    said: Mapping[str, Said] = field(default_factory=dict)
    reports: int = 1
    customer_id: str = ""
    update_every: timedelta | None = None
    update_by: datetime | None = None
    update_asked: bool = False
    update_turn: int = 0
    updates_missed: int = 0
    worst: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    forgotten_at: datetime | None = None
    forgotten_by: str = ""
    clocks: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def wake_at(self) -> datetime | None:
        """The earliest clock, or None when there is none (only allowed in a final state)."""
        return min(self.clocks.values(), default=None)

    @property
    def label(self) -> str:
        """How texts call the incident: the customer, else who reported, else the case."""
        return self.customer or self.contact.name or f"case {self.case}"

    @property
    def newest_round(self) -> tuple[Page, ...]:
        """The pages that were ordered last, without those that were passed on; they ring while `calling`."""
        steps = {self.step, LAST_RESORT} if self.last_resort_called else {self.step}
        pages = [page for page in self.pages if page.tries and page.step in steps and page.passed_at is None]
        newest = max((page.paged_at for page in pages), default=None)
        return tuple(page for page in pages if page.paged_at == newest)

    def changed(self, **values: Any) -> Incident:
        """This incident with other values. As dataclasses.replace() does, in a fifth of its time: a decision does this a dozen times."""
        fresh = object.__new__(Incident)
        for put, value in zip(PUT.values(), VALUES(self), strict=True):
            put(fresh, value)
        for name, value in values.items():
            PUT[name](fresh, value)
        return fresh

    def page_of(self, person: str) -> Page | None:
        """The page that `person` holds on this incident, if they were ever paged."""
        return next((page for page in self.pages if page.person == person), None)


PUT: Mapping[str, Callable[[Incident, Any], None]] = {one.name: vars(Incident)[one.name].__set__ for one in fields(Incident)}
VALUES = attrgetter(*PUT)
"""How `changed` fills a new incident's fields, which are frozen once anybody else has it."""
