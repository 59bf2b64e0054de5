"""What the checker has seen so far of each order and each incident, worked out from the history alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from oncall.core.invariants.history import Disturbed, SendEnded
from oncall.core.messages import (
    Acknowledged,
    Escalated,
    Fact,
    HandedOver,
    HumanAct,
    Incident,
    Order,
    OrderKind,
    Page,
    Passed,
    Reclassified,
    SendFailed,
    Snoozed,
    Status,
    TimeCame,
)

ASKED = timedelta(minutes=10)
"""A holder who is asked "still on it?" has this long to answer (decisions.md 25)."""
SETTLED = timedelta(seconds=45)
"""Within this span of a send's beginning it is known, as well as it ever will be, what became of it: three tries of 10 s and their pauses."""
WAKES = frozenset({"sms", "voice"})
"""The ways that can wake somebody. A message in Slack can not."""
PUTS_AT_REST = frozenset(
    {"stand_down", "stand_down_closed", "stand_down_waits", "waits_now", "too_late", "closed", "closed_by_you", "yours", "already_yours", "joined"}
)
"""Texts that tell somebody who was paged what became of it."""


class Ordered:
    """An order, when and in which state of its incident it was committed, and what became of it."""

    def __init__(self, order: Order, at: datetime, incident: Incident) -> None:
        self.order, self.at, self.incident = order, at, incident
        self.began: list[datetime] = []
        self.ended: list[str] = []
        self.got: list[datetime] = []
        self.handed_over: datetime | None = None
        self.failed = False


class Opening:
    """One calling for help from its start: by a report, by URGENT, by REOPEN, by the office's hours.

    `first`: nobody had it before; not so for one that was taken while it waited, and let go again.
    """

    def __init__(self, at: datetime, *, first: bool) -> None:
        self.at, self.first = at, first
        self.got: datetime | None = None
        self.handed_over: datetime | None = None
        self.ended: datetime | None = None
        self.told: list[str] = []


class Case:
    """An incident as it was committed last, and what only its past can tell.

    `changed`: when it changed so that an order may not be wanted any more. `round`: the orders that ring now, and `round_wait` how long they
    are waited for, whatever the steps become meanwhile. `untold`: who has a page in their hand, since when. `lapses`: until when the
    holder's word is good.
    """

    def __init__(self, now: Incident) -> None:
        self.now = now
        self.changed: list[datetime] = []
        self.openings: list[Opening] = []
        self.round_at: datetime | None = None
        self.round: tuple[str, ...] = ()
        self.round_wait = timedelta(0)
        self.resort_at: datetime | None = None
        self.passed: dict[str, datetime] = {}
        self.helping = False
        self.lapses: datetime | None = None
        self.at_rest: datetime | None = None
        self.untold: dict[str, datetime] = {}
        self.told_at: dict[str, datetime] = {}
        self.late_told: set[datetime] = set()


class Ledger:
    """The books. `broken` are the spans in which nothing can be in time."""

    def __init__(self, broken: Iterable[Disturbed]) -> None:
        self.cases: dict[str, Case] = {}
        self.orders: dict[str, Ordered] = {}
        self.codes: dict[tuple[str, str], tuple[str, datetime | None]] = {}
        self.broken_ways: set[tuple[str, str]] = set()
        self._broken = tuple(broken)

    def disturbed(self, start: datetime, end: datetime) -> int:
        """How many disturbances touch the span."""
        return sum(1 for one in self._broken if one.at <= end and start <= one.until)

    def began(self, order: str, at: datetime) -> None:
        """A send began."""
        self.orders[order].began.append(at)

    def ended(self, event: SendEnded) -> None:
        """A send ended, as far as the daemon knows."""
        if event.order in self.orders:
            self.orders[event.order].ended.append(event.result)

    def got(self, order: str, at: datetime) -> None:
        """The provider has the message: whoever was paged by it has to be told how it ends."""
        known = self.orders.get(order)
        if known is None:
            return
        known.got.append(at)
        if known.order.kind is OrderKind.PAGE:
            case = self.cases[known.order.incident]
            told = case.told_at.get(known.order.recipient)
            # Whoever was told that it is over knows what a further message of the same page is worth.
            if case.at_rest is None or told is None or told < case.at_rest:
                case.untold.setdefault(known.order.recipient, at)
            if case.openings and known.at >= case.openings[-1].at and known.order.way in WAKES:
                case.openings[-1].got = case.openings[-1].got or at

    def committed(self, before: Incident | None, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> None:
        """A decision was committed, and has been checked."""
        case = self.cases.setdefault(after.id, Case(after))
        case.now = after
        if before is None or bearing(before) != bearing(after):
            case.changed.append(fact.at)
        for order in (one for one in orders if one.incident):
            self.orders[order.id] = Ordered(order, fact.at, after)
        self._heard_of(fact)
        follow_calling(case, before, after, fact, orders)
        follow_holder(case, before, after, fact)
        follow_opening(case, before, after, fact, orders)

    def _heard_of(self, fact: Fact) -> None:
        if isinstance(fact, SendFailed) and fact.way_broken:
            _, _, _, who, way = fact.order.split("/")
            self.broken_ways.add((who, way))
        known = self.orders.get(fact.order) if isinstance(fact, HandedOver | SendFailed) else None
        if known is None:
            return
        if isinstance(fact, HandedOver):
            known.handed_over = fact.at
            openings = self.cases[fact.incident].openings
            if openings and known.order.kind is OrderKind.PAGE and known.order.way in WAKES and known.at >= openings[-1].at:
                openings[-1].handed_over = openings[-1].handed_over or fact.at
        else:
            known.failed = True


def bearing(incident: Incident) -> tuple[object, ...]:
    """What an order's being wanted depends on."""
    return incident.status, incident.held_by, incident.step, incident.calling, incident.asked_at, incident.promise


def paged_anew(before: Incident | None, after: Incident, at: datetime) -> frozenset[str]:
    """Who was paged anew by the decision at `at`, and not only by a further way (which may happen in the same microsecond)."""
    known = {page.person: page for page in before.pages} if before is not None else {}
    fresh = (page for page in after.pages if page.tries and page.paged_at == at)
    return frozenset(page.person for page in fresh if page.person not in known or not goes_on(known[page.person], page))


def goes_on(was: Page, now: Page) -> bool:
    """Whether `now` is the same page as `was`, with no other or only further tries."""
    known = [one.order for one in was.tries]
    return was.paged_at == now.paged_at and [one.order for one in now.tries[: len(known)]] == known


def follow_calling(case: Case, before: Incident | None, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> None:
    """Who is paged now, who passed it on, who still has to be told how it ended."""
    pages = tuple(order for order in orders if order.kind is OrderKind.PAGE)
    anew = paged_anew(before, after, fact.at)
    if anew:
        case.round_at, case.round = fact.at, tuple(one.order for page in after.pages if page.person in anew for one in page.tries)
        case.round_wait = after.steps[after.step].wait if after.steps else case.round_wait
    else:
        ringing = {one.split("/")[3] for one in case.round}
        case.round += tuple(order.id for order in pages if order.recipient in ringing)
    if any(order.about == "page_last_resort" for order in pages):
        case.resort_at = fact.at
    if isinstance(fact, Passed):
        case.passed[fact.by] = fact.at
    for order in orders:
        if order.about in PUTS_AT_REST:
            case.untold.pop(order.recipient, None)
            case.told_at[order.recipient] = fact.at
    if after.calling:
        case.at_rest = None
    elif before is None or before.calling or case.at_rest is None:
        case.at_rest = fact.at


def follow_holder(case: Case, before: Incident | None, after: Incident, fact: Fact) -> None:
    """Until when the holder's word is good, and whether they asked for help."""
    asks = isinstance(fact, Escalated | Reclassified) and before is not None and bool(before.held_by) and after.calling
    joins = isinstance(fact, Acknowledged) and fact.by != after.held_by
    case.helping = bool(after.held_by) and (asks or (case.helping and not joins and after.status is not Status.RESOLVED))
    if not after.held_by or after.status is Status.RESOLVED:
        case.lapses = None
    elif isinstance(fact, TimeCame) and after.asked_at == fact.at and case.lapses is not None:
        # Asked late, because something was broken: the time to answer begins with the question.
        case.lapses = max(case.lapses, fact.at + ASKED)
    elif isinstance(fact, Snoozed) and fact.by == after.held_by:
        case.lapses = fact.at + timedelta(minutes=fact.minutes) + ASKED
    elif (before is None or before.held_by != after.held_by) or (isinstance(fact, Acknowledged) and fact.by == after.held_by):
        case.lapses = fact.at + after.acknowledge_again_after + ASKED
    elif isinstance(fact, HumanAct) and fact.by == after.held_by and case.lapses is not None and before.asked_at is not None:
        # A word after the question is an answer to it.
        case.lapses = fact.at + after.acknowledge_again_after + ASKED
    elif isinstance(fact, Reclassified) and case.lapses is not None:
        # What is worse is asked about sooner.
        case.lapses = min(case.lapses, fact.at + after.acknowledge_again_after + ASKED)


def follow_opening(case: Case, before: Incident | None, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> None:
    """When it was opened, and what the customer was told since."""
    was = before.status if before is not None else Status.DECLINED
    worse = before is not None and before.severity != after.severity and before.called_since != after.called_since
    first = worse or was in {Status.WAITING, Status.DECLINED, Status.RESOLVED}
    if after.status is Status.OPEN and (first or not case.openings):
        case.openings.append(Opening(fact.at, first=first))
    if not case.openings:
        return
    opening = case.openings[-1]
    opening.told.extend(order.about for order in orders if order.kind is OrderKind.NOTIFY)
    if after.status is not Status.OPEN:
        opening.ended = opening.ended or fact.at
