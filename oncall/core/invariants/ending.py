"""What must hold at the end of a run: nothing is overdue, everybody was told, and what nobody took came to the last resort and rings on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from oncall.core.invariants.commits import GRACE, LATE_AT_MOST
from oncall.core.invariants.customers import tellable
from oncall.core.invariants.history import Found
from oncall.core.invariants.ledger import SETTLED, Case, Ledger, Opening, Ordered
from oncall.core.messages import FINAL, OrderKind, Status

HONEST = timedelta(seconds=60)
"""If no provider has a page by then, the customer is told that we reached nobody yet (decisions.md 36)."""
MOST_COPIES = 3


def left_over(ledger: Ledger, end: datetime) -> Iterator[tuple[str, Found]]:
    """What is wrong at `end`, with the incident it belongs to."""
    for case in ledger.cases.values():
        for check in (overdue, unanswered, untold):
            for found in check(ledger, case, end):
                yield case.now.id, found
        for opening in case.openings:
            for found in dishonest(ledger, case, opening, end):
                yield case.now.id, found
    for ordered in ledger.orders.values():
        for found in (*copies(ledger, ordered), *unsent(ledger, ordered, end)):
            yield ordered.order.incident, found


def overdue(ledger: Ledger, case: Case, end: datetime) -> Iterator[Found]:
    """I8, I18, H4: no clock is overdue, whether or not the incident still shows it."""
    now = case.now
    if now.status in FINAL:
        return
    promised = now.promise.contact_by if now.promise is not None and now.promise.contacted_at is None else None
    for invariant, what, due in (("I8", "its clock", now.wake_at), ("I18", "the lapse", case.lapses), ("H4", "the promise", promised)):
        if due is not None and end - due > LATE_AT_MOST and not ledger.disturbed(due, end):
            yield invariant, f"{what} is overdue by {end - due}"


def unanswered(ledger: Ledger, case: Case, end: datetime) -> Iterator[Found]:
    """I2: an incident that nobody took has come to the last resort by its time, and rings on."""
    now = case.now
    if now.status is not Status.OPEN:
        return
    since = now.called_since or now.opened_at
    waits = sum((step.wait + GRACE for step in now.steps), timedelta(0)) * now.rounds
    if end - since > waits + LATE_AT_MOST and (case.resort_at is None or case.resort_at < since) and not ledger.disturbed(since, end):
        yield "I2", f"nobody took it for {end - since} and the last resort was not called"
    pace = max((step.wait for step in now.steps), default=timedelta(minutes=5)) + GRACE + LATE_AT_MOST
    if case.round_at is None or (end - case.round_at > pace and not ledger.disturbed(case.round_at, end)):
        yield "I2", f"open, and nobody was paged since {case.round_at}"


def untold(ledger: Ledger, case: Case, end: datetime) -> Iterator[Found]:
    """I15: whoever has a page in their hand is told that it is over."""
    now = case.now
    if case.at_rest is None or now.calling:
        return
    for who, got in case.untold.items():
        known_by = max(got, case.at_rest) + SETTLED
        mine = {now.held_by, now.resolved_by, *now.helpers}
        if who not in mine and end > known_by and not ledger.disturbed(got, known_by):
            yield "I15", f"{who} was paged at {got:%H:%M:%S} and never told that it is over since {case.at_rest:%H:%M:%S}"


def dishonest(ledger: Ledger, case: Case, opening: Opening, end: datetime) -> Iterator[Found]:
    """H5: a customer who waits for a minute while no provider takes a page is told that we reached nobody yet."""
    due = opening.at + HONEST
    still = opening.ended is None or opening.ended > due + LATE_AT_MOST
    silent = opening.got is None or opening.got > due + LATE_AT_MOST
    waited = opening.first and still and silent and end > due + LATE_AT_MOST and not ledger.disturbed(opening.at, due + LATE_AT_MOST)
    if tellable(case.now) and waited and "nobody_yet" not in opening.told:
        yield "H5", f"opened at {opening.at:%H:%M:%S}, no provider took a page, and the customer was not told"


def copies(ledger: Ledger, ordered: Ordered) -> Iterator[Found]:
    """I9: the provider has an order once; once more for each answer that was lost and each break."""
    times = len(ordered.got)
    if times > 1:
        excused = ordered.ended.count("unknown") + ledger.disturbed(ordered.began[0], ordered.got[-1])
        if times > min(1 + excused, MOST_COPIES):
            yield "I9", f"{ordered.order.id} reached the provider {times} times, with a reason for {excused} more than one"


def unsent(ledger: Ledger, ordered: Ordered, end: datetime) -> Iterator[Found]:
    """I8: an order goes out at once, unless its incident changed at once."""
    by = ordered.at + LATE_AT_MOST
    if (ordered.began and ordered.began[0] <= by) or end <= by or ledger.disturbed(ordered.at, by):
        return
    if not any(ordered.at < changed <= by for changed in ledger.cases[ordered.order.incident].changed):
        kind = "page" if ordered.order.kind is OrderKind.PAGE else f"'{ordered.order.about}'"
        first = f"{ordered.began[0]:%H:%M:%S}" if ordered.began else "never"
        yield "I8", f"the {kind} to {ordered.order.recipient} of {ordered.at:%H:%M:%S} was first sent: {first}"
