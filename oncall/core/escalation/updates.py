"""Words to the customer while it lasts: what the holder writes, until when the next word is owed, and what happens when none comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall.core.escalation import customer
from oncall.core.escalation.draft import Draft
from oncall.core.messages import Fact, Status, Updated

ASK_BEFORE = timedelta(minutes=5)
"""The holder is reminded this long before the next word is due, as with the contact itself (decisions.md 19)."""
UNDER_WAY = frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.SNOOZED})


def owe(draft: Draft) -> None:
    """From now on the next word is owed within the span that was promised for this severity.

    Nothing is, if nothing was promised, it is not under way, or the customer cannot be told: nobody may believe that they were.
    """
    incident = draft.incident
    every = incident.update_every if incident.status in UNDER_WAY and customer.ways(draft) else None
    draft.change(update_by=draft.at + every if every is not None else None, update_asked=False, update_turn=draft.incident.turn)
    set_clock(draft)


def set_clock(draft: Draft) -> None:
    """Sets the clock `update` to what is due next: reminding the holder, or the time of the word itself."""
    incident = draft.incident
    if incident.update_by is None or incident.status not in UNDER_WAY:
        draft.clock("update", None)
        return
    remind_at = incident.update_by - ASK_BEFORE
    reminding = bool(incident.held_by) and not incident.update_asked and remind_at > draft.at
    draft.clock("update", remind_at if reminding else incident.update_by)


def came_due(draft: Draft) -> None:
    """The clock `update` is due: remind the holder, or say openly that there is no news, to the customer, the holder and the managers."""
    incident = draft.incident
    assert incident.update_by is not None
    if draft.at >= incident.update_by:
        missed(draft, incident.update_by)
    else:
        draft.change(update_asked=True)
        if incident.held_by:
            draft.tell(incident.held_by, "update_due", update=draft.time(incident.update_by, incident.held_by))
            draft.why("a word to the customer is due in five minutes: reminded the holder")
        set_clock(draft)


def missed(draft: Draft, due: datetime) -> None:
    """Nobody wrote in time. The customer was told when they would hear, so they hear now, and a human who can change it does too."""
    holder = draft.incident.held_by
    draft.change(updates_missed=draft.incident.updates_missed + 1)
    owe(draft)
    draft.why("no word to the customer in time")
    draft.notify("no_news", update=customer.time(draft, draft.incident.update_by))
    if holder:
        draft.tell(holder, "update_late", update=draft.time(due, holder), until=draft.time(draft.incident.update_by, holder))
    for who in draft.people(draft.handbook.managers):
        if who != holder:
            next_by = draft.time(draft.incident.update_by, who)
            draft.tell(who, "update_late_manager", update=draft.time(due, who), until=next_by, holder=draft.name(holder) if holder else "nobody")


def updated(draft: Draft, fact: Fact) -> None:
    """A human has words for the customer: they go out as they are, with the time of the next."""
    assert isinstance(fact, Updated)
    draft.why(f"{draft.name(fact.by)} writes to the customer")
    if not customer.ways(draft):
        draft.page(fact.by)
        draft.tell(fact.by, "update_not_sent")
        draft.result = "nobody to tell"
        return
    owe(draft)
    draft.notify("update", words=fact.text, update=customer.time(draft, draft.incident.update_by))
    if fact.how == "sms":
        draft.page(fact.by)
        draft.tell(fact.by, "update_sent", update=draft.time(draft.incident.update_by, fact.by))
    draft.result = "told"
