"""What must hold of each send: it was committed, is still wanted, still true, and not made more often than it may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from oncall.core.invariants.commits import LATE_AT_MOST
from oncall.core.invariants.history import Found, SendBegan
from oncall.core.invariants.ledger import Ledger, Ordered
from oncall.core.messages import OrderKind, Status

OLDEST_PAGE = timedelta(minutes=15)
"""A page older than this is planned anew, not sent as it stands (I6)."""
MOST_ATTEMPTS = 3
"""However often an answer is lost (I9)."""


def began(ledger: Ledger, event: SendBegan) -> Iterator[Found]:
    """Everything that is wrong with a send that begins now."""
    known = ledger.orders.get(event.order)
    if known is None:
        yield "I3", f"{event.order} was sent without being committed"
        return
    if (event.address, event.text) != (known.order.address, known.order.text):
        yield "I3", f"{event.order} was sent otherwise than it was committed"
    yield from too_often(ledger, known, event.at)
    if known.order.kind is OrderKind.PAGE:
        yield from page(ledger, known, event.at)
    elif known.order.kind is OrderKind.NOTIFY:
        yield from notice(ledger, known)
    elif known.order.about == "stand_down":
        now = ledger.cases[known.order.incident].now
        if now.held_by != known.incident.held_by:
            yield "I15", f"{known.order.recipient} is told that {known.incident.held_by} has it, but {now.held_by or 'nobody'} does"


def too_often(ledger: Ledger, known: Ordered, at: datetime) -> Iterator[Found]:
    """I9: one request; one more for each that was not taken, of which nothing was heard, or over which something broke."""
    times = len(known.began) + 1
    if times == 1:
        return
    excused = sum(1 for result in known.ended if result in {"try again", "unknown"}) + ledger.disturbed(known.began[0], at)
    if times > MOST_ATTEMPTS or times > 1 + excused:
        yield "I9", f"{known.order.id} was sent {times} times, with a reason for {excused} more than one"


def page(ledger: Ledger, known: Ordered, at: datetime) -> Iterator[Found]:
    """I6, I14: a page goes out only while somebody is wanted, only while it is fresh, and the newest only."""
    case, order = ledger.cases[known.order.incident], known.order
    if case.now.status is not Status.OPEN and not case.helping:
        yield "I14", f"{order.recipient} was paged while it was {case.now.status.value}"
    if at - known.at > OLDEST_PAGE + LATE_AT_MOST:
        yield "I6", f"a page to {order.recipient} went out {at - known.at} after it was ordered"
    mine = case.now.page_of(order.recipient)
    if mine is not None and mine.try_of(order.id) is None:
        yield "I6", f"an old page to {order.recipient} went out"
    if mine is not None and mine.passed_at is not None:
        yield "I14", f"{order.recipient} was paged after passing it on"


def notice(ledger: Ledger, known: Ordered) -> Iterator[Found]:
    """H1, H2, H3: the customer is told only what is true at this moment (policy.md 3.3)."""
    case, about, then = ledger.cases[known.order.incident], known.order.about, known.incident
    now = case.now
    if about == "received" and (not case.openings or case.openings[-1].got is None):
        yield "H1", "'we are calling' was said before any provider had a page"
    if about == "nobody_yet" and case.openings and case.openings[-1].handed_over is not None:
        yield "H1", "'we reached nobody' was said after a provider had taken a page"
    if about in {"received", "nobody_yet", "exhausted", "late"} and now.status is not Status.OPEN:
        yield "H1", f"'{about}' was said while it was {now.status.value}"
    if about in {"taken", "late_held", "sooner"} and (not now.held_by or now.held_by != then.held_by or now.status is Status.RESOLVED):
        yield "H2", f"the customer was told that {then.held_by} has it, but {now.held_by or 'nobody'} does"
    if about in {"late", "late_held"} and now.promise is not None and now.promise.contacted_at is not None:
        yield "H3", "'late' was said to a customer who had been reached"
    if about == "resolved" and now.status is not Status.RESOLVED:
        yield "H1", "'closed' was said of a case that is not closed"
    if about == "can_wait" and now.status is not Status.WAITING:
        yield "H1", f"'can wait' was said of a case that is {now.status.value}"
    if about in {"waiting", "declined"} and now.status.value != about:
        yield "H1", f"'{about}' was said of a case that is {now.status.value}"
