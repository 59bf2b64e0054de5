"""The checker: a history of what was committed and what was sent in, violations of the invariants out; it knows the messages, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.messages import (
    FINAL,
    Acknowledged,
    Contacted,
    Escalated,
    Fact,
    HandedOver,
    HumanAct,
    Incident,
    LogEntry,
    Order,
    OrderKind,
    SendFailed,
    Snoozed,
    Status,
    TimeCame,
)

LATE_AT_MOST = timedelta(seconds=5)
"""A due clock is handled within this span while nothing is broken (ESC_LATE of reliability.md 3)."""
OLDEST_PAGE = timedelta(minutes=15)
MOST_ATTEMPTS, MOST_COPIES = 3, 2  # Two copies: one more when a crash or a lost answer left the first unknown (I9).
GRACE = timedelta(seconds=20)  # Without a hand-over a step's wait runs from this long after it was due (decisions.md 6).
QUARANTINE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A decision was committed at `at`."""

    at: datetime
    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBegan:
    """The daemon asked the channel to send an order."""

    at: datetime
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderGot:
    """The provider accepted an order's message, whether or not the daemon heard of it."""

    at: datetime
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A reporter was told that the incident exists."""

    at: datetime
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbed:
    """From `at` to `until` something was broken (a crash, a full disk, a suspend): nothing can be in time then."""

    at: datetime
    until: datetime


Event = Committed | SendBegan | ProviderGot | Answered | Disturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An invariant that did not hold: which, of which incident, when, and what was seen."""

    invariant: str
    incident: str
    at: datetime
    seen: str

    def __str__(self) -> str:
        return f"{self.invariant} incident {self.incident} at {self.at:%Y-%m-%d %H:%M:%S.%f}: {self.seen}"


class Checker:
    """Walks a history once. What must hold is worked out here anew, from facts and orders; no rule is shared with the engine."""

    def __init__(self, history: Iterable[Event]) -> None:
        self._history = tuple(history)
        self._broken = [(event.at, event.until) for event in self._history if isinstance(event, Disturbed)]
        self._now: dict[str, Incident] = {}
        self._orders: dict[str, Order] = {}
        self._ordered: dict[str, tuple[datetime, Incident]] = {}
        self._began, self._got = Counter[str](), Counter[str]()
        self._first_hand_over: dict[str, datetime] = {}
        self._last_pages: dict[str, tuple[datetime, tuple[Order, ...], Incident]] = {}
        self._helping, self._failed = set[str](), set[str]()
        self._resort: dict[str, datetime] = {}
        self._codes: dict[tuple[str, str], tuple[str, datetime | None]] = {}

    def violations(self, end: datetime) -> Iterator[Violation]:
        """Every violation up to `end`, the end of the history."""
        for event in self._history:
            if isinstance(event, Committed):
                yield from self._committed(event)
            elif isinstance(event, SendBegan):
                yield from self._began_to_send(event)
            elif isinstance(event, ProviderGot):
                self._got[event.order] += 1
            elif isinstance(event, Answered) and event.incident not in self._now:
                yield Violation(invariant="I1", incident=event.incident, at=event.at, seen="a report was confirmed that does not exist")
        yield from self._at_the_end(end)

    # Commits

    def _committed(self, event: Committed) -> Iterator[Violation]:
        fact, decision = event.entry.fact, event.entry.decision
        after, before = decision.incident, self._now.get(decision.incident.id)
        for invariant, wrong in (*self._state(before, after, fact), *self._time(before, after, fact, decision.orders)):
            yield Violation(invariant=invariant, incident=after.id, at=event.at, seen=f"{type(fact).__name__}: {wrong}")
        for invariant, wrong in (*self._told(before, after, fact, decision.result, decision.orders), *self._code_clashes(after, fact.at)):
            yield Violation(invariant=invariant, incident=after.id, at=event.at, seen=f"{type(fact).__name__}: {wrong}")
        self._remember(before, after, fact, decision.orders)

    def _remember(self, before: Incident | None, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> None:
        self._now[after.id] = after
        for order in orders:
            if order.about == "page_last_resort":
                self._resort[after.id] = fact.at
            self._orders[order.id] = order
            self._ordered[order.id] = (fact.at, after)
        pages = tuple(order for order in orders if order.kind is OrderKind.PAGE)
        if pages:
            self._last_pages[after.id] = (fact.at, pages, after)
        if isinstance(fact, HandedOver):
            self._first_hand_over.setdefault(fact.order, fact.at)
        elif isinstance(fact, SendFailed):
            self._failed.add(fact.order)
        if isinstance(fact, Escalated) and before is not None and before.held_by:
            self._helping.add(after.id)
        elif after.status is Status.OPEN or after.status in FINAL or (isinstance(fact, Acknowledged) and fact.by != after.held_by):
            self._helping.discard(after.id)

    def _state(self, before: Incident | None, after: Incident, fact: Fact) -> Iterator[tuple[str, str]]:
        """I2, I7, and that turns are counted."""
        if (after.wake_at is None) != (after.status in FINAL):
            yield "I2", f"{after.status.value} with next action {after.wake_at}"
        if after.turn != (before.turn if before else 0) + 1:
            yield "I36", f"turn {after.turn} follows {before.turn if before else 0}"
        was = before.status if before else None
        if after.status is Status.ACKNOWLEDGED and was not in {Status.ACKNOWLEDGED, Status.SNOOZED}:
            if not isinstance(fact, Acknowledged | Contacted | Snoozed):
                yield "I7", "acknowledged without a human"
            elif fact.by != after.held_by:
                yield "I7", f"acknowledged by {fact.by}, held by {after.held_by}"
        if was in {Status.OPEN, Status.ACKNOWLEDGED, Status.SNOOZED} and after.status in FINAL and not isinstance(fact, HumanAct):
            yield "I2", "ended without a human"

    def _time(self, before: Incident | None, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> Iterator[tuple[str, str]]:
        """I4, I8, I10: clocks are neither early nor late."""
        if not isinstance(fact, TimeCame) or before is None:
            return
        if before.wake_at is None or fact.at < before.wake_at:
            yield "I10", f"came at {fact.at:%H:%M:%S}, due {before.wake_at}"
        elif not self._disturbed(before.wake_at, fact.at) and fact.at - before.wake_at > LATE_AT_MOST:
            yield "I8", f"{fact.at - before.wake_at} late"
        pages = [order for order in orders if order.kind is OrderKind.PAGE]
        last = self._last_pages.get(after.id)
        if pages and last is not None and before.status is Status.OPEN and not promise_due(before, fact.at):
            yield from self._too_soon(last, fact.at)

    def _too_soon(self, last: tuple[datetime, tuple[Order, ...], Incident], at: datetime) -> Iterator[tuple[str, str]]:
        """The step before must have had its wait, from its first hand-over or from the grace after it was due."""
        paged_at, pages, incident = last
        if all(page.id in self._failed for page in pages) or not incident.steps:
            return
        wait = incident.steps[incident.step].wait
        handed = [self._first_hand_over[page.id] for page in pages if page.id in self._first_hand_over]
        earliest = min([*handed, paged_at + GRACE]) + wait if handed else paged_at + GRACE + wait
        if at < earliest:
            yield "I4", f"the next step was paged at {at:%H:%M:%S}, {earliest - at} too soon"

    def _told(self, before: Incident | None, after: Incident, fact: Fact, result: str, orders: tuple[Order, ...]) -> Iterator[tuple[str, str]]:
        """I15 and the promise: who must be told is told, and a missed promise is declared when it is missed, not otherwise."""
        about = {(order.about, order.recipient) for order in orders}
        if any(order.id in self._orders for order in orders):
            yield "I9", "an order was made twice"
        if result == "taken" and isinstance(fact, HumanAct):
            paged = {page.person for page in (before.pages if before else ()) if page.reached and self._reached(after.id, page.person)}
            if missing := paged - {fact.by} - {who for name, who in about if name == "stand_down"}:
                yield "I15", f"{sorted(missing)} were paged and not told who has it"
            if after.contact.phone and ("taken", "customer") not in about:
                yield "H2", "somebody took it and the customer is not told"
        missed = after.promise.missed_at if after.promise else None
        had = before.promise.missed_at if before and before.promise else None
        if missed is not None and had is None and before is not None and not promise_due(before, fact.at):
            yield "H4", "the promise was declared missed before its time"
        if isinstance(fact, TimeCame) and before is not None and promise_due(before, fact.at) and after.promise == before.promise:
            yield "H4", "the deadline passed and the promise was not declared missed"

    def _reached(self, incident: str, person: str) -> bool:
        return any(self._got[order.id] for order in self._orders.values() if order.incident == incident and order.recipient == person)

    def _code_clashes(self, after: Incident, at: datetime) -> Iterator[tuple[str, str]]:
        """A code means one incident to its holder, and no other for a day after the close."""
        closed = at if after.status in FINAL else None
        for page in after.pages:
            owner, free_since = self._codes.get((page.person, page.code), (after.id, None))
            if owner != after.id and (free_since is None or at < free_since + QUARANTINE):
                yield "C1", f"{page.person}'s code {page.code} still means incident {owner}"
            self._codes[page.person, page.code] = (after.id, closed)

    # Sends

    def _began_to_send(self, event: SendBegan) -> Iterator[Violation]:
        if event.order.startswith(("trouble/", "heard/")):
            return
        order = self._orders.get(event.order)
        if order is None:
            yield Violation(invariant="I3", incident="?", at=event.at, seen=f"{event.order} was sent without being committed")
            return
        self._began[order.id] += 1
        found = [*self._page_sent(order, event.at), *self._notice_sent(order)]
        if self._began[order.id] > MOST_ATTEMPTS:
            found.append(("I9", f"{order.id} was sent {self._began[order.id]} times"))
        for invariant, seen in found:
            yield Violation(invariant=invariant, incident=order.incident, at=event.at, seen=seen)

    def _page_sent(self, order: Order, at: datetime) -> Iterator[tuple[str, str]]:
        """I6, I14: a page goes out only while somebody is wanted, and only while it is fresh."""
        if order.kind is not OrderKind.PAGE:
            return
        now = self._now[order.incident]
        if now.status is not Status.OPEN and not (now.held_by and now.id in self._helping):
            yield "I14", f"{order.recipient} was paged while it was {now.status.value}"
        if at - self._ordered[order.id][0] > OLDEST_PAGE + LATE_AT_MOST:
            yield "I6", f"a page to {order.recipient} went out {at - self._ordered[order.id][0]} after it was ordered"

    def _notice_sent(self, order: Order) -> Iterator[tuple[str, str]]:
        """The customer is told only what is true at this moment (policy.md 3.3)."""
        if order.kind is not OrderKind.NOTIFY:
            return
        now, (_, then) = self._now[order.incident], self._ordered[order.id]
        pages = [one for one in self._orders.values() if one.incident == now.id and one.kind is OrderKind.PAGE]
        if order.about == "received" and not any(self._got[page.id] for page in pages):
            yield "H1", "'we are calling' was said before any provider had a page"
        if order.about in {"received", "exhausted", "late"} and now.status is not Status.OPEN:
            yield "H1", f"'{order.about}' was said while it was {now.status.value}"
        if order.about in {"taken", "late_held"} and (not now.held_by or now.held_by != then.held_by):
            yield "H2", f"the customer was told that {then.held_by} has it, but {now.held_by or 'nobody'} does"
        if order.about in {"late", "late_held"} and now.promise is not None and now.promise.contacted_at is not None:
            yield "H3", "'late' was said to a customer who had been reached"
        if order.about == "resolved" and now.status is not Status.RESOLVED:
            yield "H1", "'closed' was said of a case that is not closed"

    # The end

    def _at_the_end(self, end: datetime) -> Iterator[Violation]:
        for incident in self._now.values():
            for invariant, seen in self._left_over(incident, end):
                yield Violation(invariant=invariant, incident=incident.id, at=end, seen=seen)
        for order, times in self._got.items():
            if times > MOST_COPIES:
                yield Violation(invariant="I9", incident=order.split("/")[0], at=end, seen=f"{order} reached the provider {times} times")

    def _left_over(self, incident: Incident, end: datetime) -> Iterator[tuple[str, str]]:
        """Nothing is overdue; an incident that nobody took has come to the last resort by its time, and rings on."""
        if incident.wake_at is not None and end - incident.wake_at > LATE_AT_MOST and not self._disturbed(incident.wake_at, end):
            yield "I8", f"its clock is overdue by {end - incident.wake_at}"
        last = self._last_pages.get(incident.id)
        if incident.status is not Status.OPEN or last is None:
            return
        waits = sum((step.wait + GRACE for step in incident.steps), timedelta(0)) * incident.rounds
        calling_since = incident.called_since or incident.opened_at
        late = end - calling_since > waits + timedelta(minutes=5) and not self._disturbed(calling_since, end)
        if late and (incident.id not in self._resort or self._resort[incident.id] < calling_since):
            yield "I2", f"nobody took it for {end - calling_since} and the last resort was not called"
        pace = max((step.wait for step in incident.steps), default=timedelta(minutes=5)) + GRACE + timedelta(minutes=1)
        if end - last[0] > pace and not self._disturbed(last[0], end):
            yield "I2", f"open, and nobody was paged for {end - last[0]}"

    def _disturbed(self, start: datetime, end: datetime) -> bool:
        return any(low <= end and start <= high for low, high in self._broken)


def promise_due(before: Incident, at: datetime) -> bool:
    """Whether the deadline has passed without a contact."""
    return before.promise is not None and before.promise.contacted_at is None and at >= before.promise.contact_by


def check(history: Iterable[Event], end: datetime) -> tuple[Violation, ...]:
    """The violations in `history`, whose last moment is `end`."""
    return tuple(Checker(history).violations(end))
