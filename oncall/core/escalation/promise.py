"""The customer's clock: when the holder is asked, when the promise is missed, what the customer is told about it, and when it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oncall.core.escalation import customer, updates
from oncall.core.escalation.draft import Draft
from oncall.core.escalation.steps import advance, called_now
from oncall.core.messages import OrderKind

ASK_BEFORE = timedelta(minutes=5)
"""A holder who has not reported a contact is asked this long before the deadline (decisions.md 19)."""


def set_clock(draft: Draft) -> None:
    """Sets the clock `promise` to what is due next: asking the holder, or the deadline; none once the customer was reached.

    With it the clock of the next word to the customer, which runs beside.
    """
    updates.set_clock(draft)
    promise = draft.incident.promise
    if promise is None or not promise.pending:
        draft.clock("promise", None)
        return
    ask_at = promise.contact_by - ASK_BEFORE
    asking = bool(draft.incident.held_by) and promise.asked_at is None and ask_at > draft.at
    draft.clock("promise", ask_at if asking else promise.contact_by)


def came_due(draft: Draft) -> None:
    """The clock `promise` is due: ask the holder, or declare the promise missed and say so."""
    promise = draft.incident.promise
    assert promise is not None
    if draft.at >= promise.contact_by:
        missed(draft)
    elif draft.incident.held_by:
        draft.change(promise=replace(promise, asked_at=draft.at))
        draft.tell(draft.incident.held_by, "reached")
        draft.why("the promise is due in five minutes and no contact was reported: asked the holder")
    set_clock(draft)


def missed(draft: Draft) -> None:
    """The deadline passed without contact. The customer is told with a new time; open: the next step now; held: holder and managers."""
    promise = draft.incident.promise
    assert promise is not None
    old = promise.contact_by
    anew = draft.at + promise.within
    draft.change(promise=replace(promise, contact_by=anew, missed_at=promise.missed_at or draft.at, asked_at=None))
    draft.why("missed promise: nobody reported a contact in time" if promise.missed_at is None else "the new time has passed too")
    holder = draft.incident.held_by
    if not holder:
        # A lapse or an opening in the same moment has paged somebody already.
        if not any(order.kind is OrderKind.PAGE for order in draft.orders):
            advance(draft)
        draft.notify("late", next=who_is_called(draft))
        return
    managers = [who for who in draft.people(draft.handbook.managers) if who != holder]
    told = bool(customer.ways(draft))
    for who in managers:
        draft.tell(who, "late_manager", due=draft.time(old, who), until=draft.time(anew, who) if told else "")
    draft.tell(holder, "reached_late", due=draft.time(old, holder))
    draft.notify("late_held", next=customer.name(draft, "duty_manager") if managers else "")


def who_is_called(draft: Draft) -> str:
    """Whom the customer is told we are calling: 'our duty manager' only when one is among those paged now (decisions.md 36)."""
    managers = set(draft.people(draft.handbook.managers))
    return customer.name(draft, "duty_manager" if any(page.person in managers for page in called_now(draft)) else "next_engineer")


def keep(draft: Draft) -> None:
    """A human reached the customer: the promise is kept, or was missed and is done."""
    promise = draft.incident.promise
    if promise is not None and promise.pending:
        draft.change(promise=replace(promise, contacted_at=draft.at))
        updates.owe(draft)
        draft.why("promise kept" if promise.missed_at is None else "contact reported after the promise was missed")
    draft.clock("promise", None)
