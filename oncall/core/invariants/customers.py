"""What customers and colleagues must be told by a decision: the promise is declared when it is missed, nobody is left guessing."""

from __future__ import annotations

from collections.abc import Iterator

from oncall.core.invariants.commits import promise_due
from oncall.core.invariants.history import Found
from oncall.core.invariants.ledger import PUTS_AT_REST, SETTLED, WAKES, Case, Ledger
from oncall.core.messages import (
    FINAL,
    Contacted,
    Escalated,
    Fact,
    HandedOver,
    Incident,
    MarkedUrgent,
    Order,
    OrderKind,
    Reclassified,
    Reopened,
    Reported,
    SendFailed,
    SendUnknown,
    Status,
    TimeCame,
    Updated,
)


def told(ledger: Ledger, before: Incident | None, after: Incident, fact: Fact, orders: tuple[Order, ...]) -> Iterator[Found]:
    """Everything that is wrong with what a decision tells, or does not tell."""
    case = ledger.cases.get(after.id)
    notices = [order.about for order in orders if order.kind is OrderKind.NOTIFY]
    if len(notices) != len(set(notices)):
        yield "H3", f"the customer is told the same twice: {notices}"
    if before is None or case is None:
        return
    yield from told_late(ledger, case, fact, orders)
    yield from promise(before, after, fact)
    if isinstance(fact, SendFailed | SendUnknown):
        # What is ordered now was said before, over another way.
        yield from told_elsewhere(ledger, after, fact, orders)
    else:
        yield from lateness(case, before, after, fact, notices)
    yield from words_owed(before, after, fact, notices)
    if after.held_by and not before.held_by:
        told_now = {order.recipient for order in orders if order.kind is OrderKind.TELL}
        known = {page.person for page in before.pages if page.reached}
        if missing := known & set(case.untold) - told_now:
            yield "I15", f"{sorted(missing)} were paged and are not told who has it"
        if after.held_by not in told_now:
            yield "I15", f"{after.held_by} took it and is not told so"
        if tellable(after) and "taken" not in notices:
            yield "H2", "somebody took it and the customer is not told"
    if tellable(after) and isinstance(fact, HandedOver) and after.status is Status.OPEN:
        page = next((one for one in after.pages if one.try_of(fact.order) is not None), None)
        if page is not None and fact.order.split("/")[4] in WAKES and case.openings and "received" not in [*case.openings[-1].told, *notices]:
            yield "H5", "a page is out and the customer is not told that we are calling"


def tellable(incident: Incident) -> bool:
    """Whether the customer can be told something. Histories in which somebody left only a mail address are of nights with a mail server."""
    return bool(incident.contact.phone or incident.contact.email)


def told_elsewhere(ledger: Ledger, after: Incident, fact: SendFailed | SendUnknown, orders: tuple[Order, ...]) -> Iterator[Found]:
    """H7: when the customer's last way failed, somebody is asked to reach them; and a notice goes over each of their ways once."""
    known = ledger.orders.get(fact.order)
    if known is None or known.order.kind is not OrderKind.NOTIFY:
        return
    ways = [way for way, address in (("sms", after.contact.phone), ("email", after.contact.email)) if address]
    last = ways[0] if after.channel == "email" else ways[-1]
    again = [order.way for order in orders if order.kind is OrderKind.NOTIFY]
    if known.order.way in again or (known.order.way == last and again):
        yield "H7", f"'{known.order.about}' was tried by {known.order.way} and goes by {again} again"
    if known.order.way == last and not any(order.about == "customer_not_told" for order in orders):
        yield "H7", f"the customer could not be told '{known.order.about}' and nobody is asked to reach them"


def told_late(ledger: Ledger, case: Case, fact: Fact, orders: tuple[Order, ...]) -> Iterator[Found]:
    """I15: whoever has a page in their hand is told at once that it is over, not with the next occasion."""
    for order in orders:
        got = case.untold.get(order.recipient)
        if order.about not in PUTS_AT_REST or got is None or case.at_rest is None:
            continue
        known_by = max(got, case.at_rest) + SETTLED
        if fact.at > known_by and not ledger.disturbed(got, known_by) and order.recipient not in {case.now.held_by, case.now.resolved_by}:
            yield "I15", f"{order.recipient} was paged at {got:%H:%M:%S}, and is told only now that it was over at {case.at_rest:%H:%M:%S}"


def promise(before: Incident, after: Incident, fact: Fact) -> Iterator[Found]:
    """H4: a promise is kept by a contact alone, is missed at its time, and changes only where one is made anew."""
    was, now = before.promise, after.promise
    anew = isinstance(fact, Reopened | Reported | MarkedUrgent)
    # A human who says that it is worse makes a promise, or makes it sooner; nobody who says that it is less bad puts it off.
    worse = isinstance(fact, Reclassified) and now is not None and (was is None or now.contact_by <= was.contact_by)
    if was is None or now is None:
        if was is not now and not anew and not worse:
            yield "H4", "a promise came or went"
        return
    if after.status is Status.WAITING and before.status not in {Status.WAITING, Status.DECLINED} and now.contacted_at is None:
        yield "H4", "it was let wait while the customer was due a call"
    if now.contacted_at != was.contacted_at and not (isinstance(fact, Contacted) or (anew and now.contacted_at is None)):
        yield "H4", "the promise was kept without a contact"
    if isinstance(fact, Contacted) and now.contacted_at is None:
        yield "H4", "a contact did not keep the promise"
    missed_now = now.missed_at is not None and was.missed_at is None
    if missed_now and not promise_due(before, fact.at):
        yield "H4", "the promise was declared missed before its time"
    if now.contact_by != was.contact_by and not anew and not worse and not promise_due(before, fact.at):
        yield "H4", f"the time that was promised moved from {was.contact_by} to {now.contact_by}"
    if isinstance(fact, TimeCame) and promise_due(before, fact.at) and now.missed_at is None:
        yield "H4", "the deadline passed and the promise was not declared missed"


def lateness(case: Case, before: Incident, after: Incident, fact: Fact, notices: list[str]) -> Iterator[Found]:
    """H3: that we are late is said once for each time that passed, and not before it passed."""
    says = [about for about in notices if about in {"late", "late_held"}]
    due = isinstance(fact, TimeCame) and promise_due(before, fact.at)
    if says and not due:
        yield "H3", "'late' was said before the time that was promised"
    if due and tellable(after) and not says:
        yield "H3", "we are late and the customer is not told"
    if says and before.promise is not None:
        if before.promise.contact_by in case.late_told:
            yield "H3", f"'late' was said twice for {before.promise.contact_by}"
        case.late_told.add(before.promise.contact_by)


def words_owed(before: Incident, after: Incident, fact: Fact, notices: list[str]) -> Iterator[Found]:
    """H6: the next word comes by the time that was said, from a human, or as the admission that there is none."""
    due = isinstance(fact, TimeCame) and before.update_by is not None and fact.at >= before.update_by
    said_before = isinstance(fact, SendFailed | SendUnknown)
    if "no_news" in notices and not due and not said_before:
        yield "H6", "'no news' was said before the time that was promised for the next word"
    if due and after.status not in FINAL and (after.update_by is None or after.update_by <= fact.at or after.updates_missed == before.updates_missed):
        yield "H6", "the time of the next word passed, and neither a miss nor a new time is noted"
    if due and tellable(after) and "no_news" not in notices:
        yield "H6", "the time of the next word passed and the customer is not told"
    if isinstance(fact, Updated) and tellable(after) and "update" not in notices:
        yield "H6", "a human wrote to the customer and nothing is sent"
    moved = after.update_by != before.update_by
    called = isinstance(fact, Reclassified) and (before.update_by is None or after.status is Status.WAITING or after.called_since == fact.at)
    if moved and not due and not called and not isinstance(fact, Contacted | Updated | Reopened | Reported | MarkedUrgent | Escalated):
        yield "H6", f"the time of the next word moved from {before.update_by} to {after.update_by}"
