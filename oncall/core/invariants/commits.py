"""What must hold of each decision: states and turns, causes and times of pages, the holder, codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from oncall.core.invariants.history import Found
from oncall.core.invariants.ledger import WAKES, Case, Ledger, paged_anew
from oncall.core.messages import (
    FINAL,
    Acknowledged,
    CallEnded,
    Contacted,
    Decision,
    Escalated,
    Fact,
    HandedOver,
    HumanAct,
    Incident,
    MarkedUrgent,
    Order,
    OrderKind,
    PageState,
    Passed,
    Reclassified,
    Reopened,
    Reported,
    SendFailed,
    SendPostponed,
    SendUnknown,
    Snoozed,
    Status,
    TimeCame,
)

LATE_AT_MOST = timedelta(seconds=5)
"""A due clock is handled, and a due order sent, within this span while nothing is broken (ESC_LATE of reliability.md 3)."""
GRACE = timedelta(seconds=20)
"""Without a hand-over a step's wait runs from this long after it was due (decisions.md 6)."""
QUARANTINE = timedelta(hours=24)
"""A code means nothing new for this long after its incident was closed (decisions.md 31)."""
RANKS = {
    PageState.ORDERED: 0,
    PageState.TRYING_AGAIN: 1,
    PageState.UNKNOWN: 2,
    PageState.HANDED_OVER: 3,
    PageState.DELIVERED: 4,
    PageState.FAILED: 5,
    PageState.UNANSWERED: 5,
}
"""What is known of one order of a page only grows (I16)."""
SILENT = timedelta(seconds=60)
"""A text without a receipt for this long has not arrived, as far as anybody knows (I13)."""
WELL = frozenset({PageState.ORDERED, PageState.HANDED_OVER, PageState.DELIVERED})
CONSTANT = ("id", "case", "seed", "opened_at", "source")


def decided(ledger: Ledger, before: Incident | None, fact: Fact, decision: Decision) -> Iterator[Found]:
    """Everything that is wrong with a decision."""
    after, orders = decision.incident, decision.orders
    if decision.result == "parked":
        yield "I5", f"it could not be decided: {decision.because}"
        return
    yield from state(before, after, fact)
    yield from turns(ledger, before, after, fact, orders)
    yield from codes(ledger, after, fact.at)
    if before is not None:
        yield from holder(ledger.cases[after.id], before, after, fact)
        yield from pages_known(before, after)
        yield from clocks(ledger, before, fact)
        yield from hung_up(before, after, fact, orders)
    yield from paged(ledger, before, after, fact, tuple(order for order in orders if order.kind is OrderKind.PAGE))


def state(before: Incident | None, after: Incident, fact: Fact) -> Iterator[Found]:
    """I2, I7: what is not over has a next action; only a human acknowledges or ends it."""
    was = before.status if before is not None else None
    if (after.wake_at is None) != (after.status in FINAL):
        yield "I2", f"{after.status.value} with next action {after.wake_at}"
    if (after.status in {Status.ACKNOWLEDGED, Status.SNOOZED}) != (bool(after.held_by) and after.status not in FINAL):
        yield "I7", f"{after.status.value}, held by {after.held_by or 'nobody'}"
    if was in {Status.OPEN, Status.ACKNOWLEDGED, Status.SNOOZED} and after.status in FINAL and not isinstance(fact, HumanAct):
        yield "I2", "ended without a human"
    if was is Status.OPEN and after.status is Status.WAITING:
        yield "I2", "nobody had it, and nobody is called any more"
    if was is Status.RESOLVED and after.status is not was and not isinstance(fact, Reopened | Reported):
        yield "I2", "came back without being reopened"


def holder(case: Case, before: Incident, after: Incident, fact: Fact) -> Iterator[Found]:
    """I7, I18: who takes it is who acted; who has it loses it by their own word, or by their silence."""
    if after.held_by and after.held_by != before.held_by:
        if not isinstance(fact, Acknowledged | Contacted | Snoozed) or fact.by != after.held_by or fact.by == "customer":
            yield "I7", f"held by {after.held_by}, who did not take it"
        elif before.held_by:
            yield "I7", f"taken from {before.held_by}"
    if before.held_by and not after.held_by and not isinstance(fact, Reported | Reopened):
        if isinstance(fact, Reclassified):
            # Whoever has it may let it wait; who let it rest loses it to a higher severity that pages anew.
            if fact.by != before.held_by and not (before.status is Status.SNOOZED and after.status is Status.OPEN):
                yield "I7", f"{before.held_by} had it, and {fact.by} called it {after.severity}"
        elif isinstance(fact, TimeCame):
            if case.lapses is None or fact.at < case.lapses:
                yield "I18", f"{before.held_by}'s acknowledgement lapsed before {case.lapses}"
        elif not isinstance(fact, Passed) or fact.by != before.held_by:
            yield "I7", f"taken away from {before.held_by}"


def turns(ledger: Ledger, before: Incident | None, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> Iterator[Found]:
    """I9, I36: turns are counted, what never changes does not, an order is made once and settled once."""
    if after.turn != (before.turn if before is not None else 0) + 1:
        yield "I36", f"turn {after.turn} follows {before.turn if before is not None else 0}"
    if before is None and not isinstance(fact, Reported):
        yield "I36", "opened by something that is no report"
    if before is not None and any(getattr(before, name) != getattr(after, name) for name in CONSTANT):
        yield "I36", "became another incident"
    ids = [order.id for order in orders]
    if len(ids) != len(set(ids)) or any(one in ledger.orders for one in ids):
        yield "I9", "an order was made twice"
    if isinstance(fact, HandedOver | SendUnknown | SendFailed):
        known = ledger.orders.get(fact.order)
        if known is None:
            yield "I36", f"heard of {fact.order}, which nobody ordered"
        elif isinstance(fact, HandedOver) and known.handed_over is not None:
            yield "I31", f"{fact.order} was settled twice"


def pages_known(before: Incident, after: Incident) -> Iterator[Found]:
    """I16: whoever had a page keeps it and its code, and what is known of an order only grows."""
    for old in before.pages:
        new = after.page_of(old.person)
        if new is None or new.code != old.code:
            yield "I16", f"{old.person}'s code {old.code} is gone"
            continue
        for was in old.tries:
            now = new.try_of(was.order)
            if now is not None and RANKS[now.state] < RANKS[was.state]:
                yield "I16", f"{was.order} went back from {was.state.value} to {now.state.value}"


def clocks(ledger: Ledger, before: Incident, fact: Fact) -> Iterator[Found]:
    """I8, I10: clocks are neither early nor late."""
    if not isinstance(fact, TimeCame):
        return
    if before.wake_at is None or fact.at < before.wake_at:
        yield "I10", f"came at {fact.at:%H:%M:%S}, due {before.wake_at}"
    elif fact.at - before.wake_at > LATE_AT_MOST and not ledger.disturbed(before.wake_at, fact.at):
        yield "I8", f"{fact.at - before.wake_at} late"


def paged(ledger: Ledger, before: Incident | None, after: Incident, fact: Fact, pages: tuple[Order, ...]) -> Iterator[Found]:
    """I4: a page has a cause, comes not too soon, goes to each once, and carries the code it asks for."""
    if not pages:
        return
    people = {page.recipient for page in pages}
    if len(pages) != len({(page.recipient, page.way) for page in pages}):
        yield "I9", f"paged twice at once: {sorted(page.id for page in pages)}"
    for page in pages:
        held = after.page_of(page.recipient)
        if held is None or (page.way == "sms" and f"Reply {held.code} " not in page.text):
            yield "C2", f"the page to {page.recipient} does not carry their code"
    if after.held_by in people:
        yield "I14", f"{after.held_by} has it and is paged"
    if before is None:
        return
    case = ledger.cases[after.id]
    restarted = before.called_since != after.called_since
    if not restarted and not after.last_resort_called:
        for who in people:
            if who in case.passed and before.called_since is not None and case.passed[who] >= before.called_since:
                yield "I4", f"{who} passed it on and is paged again"
    anew = paged_anew(before, after, fact.at)
    wrong = cause(ledger, case, before, after, fact) if anew else ""
    if wrong:
        yield "I4", wrong
    yield from reached_further(ledger, before, fact, tuple(page for page in pages if page.recipient not in anew))


def reached_further(ledger: Ledger, before: Incident, fact: Fact, further: tuple[Order, ...]) -> Iterator[Found]:
    """I13: the same page goes on over another way when its time has come, or when something happened to the ways before it."""
    for page in further:
        due = before.clocks.get(f"reach/{page.recipient}")
        if isinstance(fact, TimeCame):
            if due is None or due > fact.at:
                yield "I13", f"{page.recipient} was paged by {page.way} at {fact.at:%H:%M:%S}, which was due at {due}"
        elif not isinstance(fact, SendFailed | SendPostponed | SendUnknown | CallEnded):
            yield "I13", f"{page.recipient} was paged by {page.way} because of a {type(fact).__name__}"
        elif fact.order.split("/")[3] != page.recipient or fact.order.split("/")[4] == page.way:
            yield "I13", f"{fact.order} led to a page to {page.recipient} by {page.way}"
        if isinstance(fact, TimeCame):
            yield from not_brought_forward(ledger, before, page, fact.at)


def not_brought_forward(ledger: Ledger, before: Incident, page: Order, at: datetime) -> Iterator[Found]:
    """I11, I13: nobody waits for a way of which it is known that it does not wake its reader, while there is another."""
    held = before.page_of(page.recipient)
    if held is None or page.way in {one.way for one in held.tries}:
        return
    # Of other ways nobody sees here whether they could be used before: who texted STOP cannot be texted, and no decision says so.
    if page.way != "voice" or (page.recipient, page.way) in ledger.broken_ways:
        return
    rung = [one for one in held.tries if one.way in WAKES]
    known = [one.since for one in rung if one.since is not None and one.state not in WELL]
    if len(known) == len(rung) and known and max(known) < at - LATE_AT_MOST and not ledger.disturbed(max(known), at):
        yield "I11", f"{page.recipient} was paged by {page.way} at {at:%H:%M:%S}, but nothing else was well since {max(known):%H:%M:%S}"
    texts = [one for one in rung if one.way == "sms"]
    silent = [one.since for one in texts if one.since is not None and one.state is PageState.HANDED_OVER]
    if silent and not any(one.state is PageState.DELIVERED for one in texts):
        due = min(silent) + SILENT
        if due < at - LATE_AT_MOST and not ledger.disturbed(due, at):
            yield "I13", f"{page.recipient} was paged by {page.way} at {at:%H:%M:%S}, but the text was without a receipt since {min(silent):%H:%M:%S}"


def hung_up(before: Incident, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> Iterator[Found]:
    """I14: when nobody needs to answer any more, no telephone rings on."""
    if after.calling or not before.calling:
        return
    ended = {order.address for order in orders if order.kind is OrderKind.HANG_UP}
    for page in before.pages:
        speaks = isinstance(fact, HumanAct) and fact.how == "voice" and fact.by == page.person
        rings = {one.provider_id for one in page.tries if one.way == "voice" and one.state is PageState.HANDED_OVER and one.provider_id}
        if not speaks and rings - ended:
            yield "I14", f"it is over, and the telephone of {page.person} rings on"


def cause(ledger: Ledger, case: Case, before: Incident, after: Incident, fact: Fact) -> str:
    """Why these pages should not be; '' when they should."""
    quiet = before.status in {Status.WAITING, Status.DECLINED, Status.RESOLVED}
    match fact:
        case Escalated():
            return ""
        case Reported():
            return "" if after.severity != before.severity else "the same report again paged somebody"
        case Reopened() | MarkedUrgent():
            return "" if quiet else "paged for something that was being handled"
        case Reclassified():
            return "" if after.severity != before.severity else "paged for the severity it had"
        case Passed():
            waiting = [one for one in case.round if ledger.orders[one].order.recipient not in {fact.by, *passed_since(case)}]
            return "" if before.held_by == fact.by or not waiting else f"paged while {waiting} had not answered"
        case SendFailed():
            asked = [one for one in waking(case.round) if ledger.orders[one].order.recipient not in passed_since(case)]
            waiting = [one for one in asked if not ledger.orders[one].failed and one != fact.order]
            return f"paged on a failure while {waiting} had not failed" if waiting else ""
        case TimeCame():
            lapsed = bool(before.held_by) and not after.held_by
            return "" if quiet or lapsed or promise_due(before, fact.at) else too_soon(ledger, case, before, fact.at)
    return f"paged by a {type(fact).__name__}"


def waking(orders: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `orders` that can wake their reader: by text or telephone, or whatever there is for somebody who has neither."""
    rung = {one.split("/")[3] for one in orders if one.split("/")[4] in WAKES}
    return tuple(one for one in orders if one.split("/")[4] in WAKES or one.split("/")[3] not in rung)


def passed_since(case: Case) -> frozenset[str]:
    """Who passed on the round that rings now."""
    return frozenset(who for who, at in case.passed.items() if case.round_at is not None and at >= case.round_at)


def too_soon(ledger: Ledger, case: Case, incident: Incident, at: datetime) -> str:
    """The step before must have had its wait, from its first hand-over or from the grace after it was due."""
    pages = [ledger.orders[one] for one in case.round]
    if case.round_at is None or not incident.steps or all(ledger.orders[one].failed for one in waking(case.round)):
        return ""
    handed = [page.handed_over for page in pages if page.handed_over is not None]
    earliest = min([*handed, case.round_at + GRACE]) + case.round_wait
    return f"the next step was paged at {at:%H:%M:%S}, {earliest - at} too soon" if at < earliest else ""


def promise_due(before: Incident, at: datetime) -> bool:
    """Whether the deadline has passed without a contact."""
    return before.promise is not None and before.promise.contacted_at is None and at >= before.promise.contact_by


def codes(ledger: Ledger, after: Incident, at: datetime) -> Iterator[Found]:
    """C1: a code means one incident to its holder, and no other for a day after the close."""
    closed = at if after.status in FINAL else None
    for page in after.pages:
        owner, free_since = ledger.codes.get((page.person, page.code), (after.id, None))
        if owner != after.id and (free_since is None or at < free_since + QUARANTINE):
            yield "C1", f"{page.person}'s code {page.code} still means incident {owner}"
        ledger.codes[page.person, page.code] = (after.id, closed)
