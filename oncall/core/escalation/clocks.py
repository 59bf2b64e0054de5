"""Time came: every clock that is due is handled once, in a fixed order; after a long stall one step happens, not all of them."""

from __future__ import annotations

from datetime import timedelta

from oncall.core.escalation import opening, promise, reach, taking, updates
from oncall.core.escalation.draft import Draft
from oncall.core.escalation.steps import advance, called_now, next_names
from oncall.core.messages import Fact, Status, TimeCame

LAPSE_GRACE = timedelta(minutes=10)
"""How long a holder who was asked "still on it?" has to answer (decisions.md 25)."""


def time_came(draft: Draft, fact: Fact) -> None:
    """Handles the clocks that are due. A handler may move a later one, which is then not due any more: nothing is paged twice at once."""
    assert isinstance(fact, TimeCame)
    for name, handle in HANDLERS.items():
        if draft.due(name):
            draft.clock(name, None)
            handle(draft)
    for name in tuple(draft.incident.clocks):
        if name.startswith(reach.CLOCK) and draft.due(name):
            draft.clock(name, None)
            reach.came_due(draft, name.removeprefix(reach.CLOCK))
    if not draft.reasons:
        draft.why("nothing is due yet")
    draft.result = draft.result or "time came"


def nothing_due(draft: Draft, fact: Fact) -> None:
    """A final incident has no clocks; a wake that was under way when it was closed finds nothing to do."""
    assert isinstance(fact, TimeCame)
    draft.why("nothing is due")
    draft.result = "nothing due"


def snooze_over(draft: Draft) -> None:
    """The reminder the holder asked for: they hold it, and must say so within the grace."""
    draft.change(status=Status.ACKNOWLEDGED)
    ask(draft, "snooze_over")


def ask_again(draft: Draft) -> None:
    """The acknowledgement is old: first the holder is asked, and when no answer came within the grace, it lapses."""
    if draft.incident.asked_at is None:
        ask(draft, "still_on_it")
    else:
        taking.lapse(draft)


def ask(draft: Draft, about: str) -> None:
    """Asks the holder whether they are still on it, and says what happens otherwise."""
    holder = draft.incident.held_by
    until = draft.at + LAPSE_GRACE
    draft.change(asked_at=draft.at)
    draft.clock("ask_again", until)
    draft.tell(holder, about, until=draft.time(until, holder), next=next_names(draft, holder))
    draft.why(f"asked {draft.name(holder)} whether they are still on it")


def nobody_reached(draft: Draft) -> None:
    """No provider has accepted a first page in time (the first that does stops this clock): the customer is told so (decisions.md 36)."""
    draft.notify("nobody_yet")
    draft.why("no provider has accepted a page yet")


def step_over(draft: Draft) -> None:
    """The wait is over and nobody acknowledged: the next step."""
    silent = draft.names(tuple(page.person for page in called_now(draft)))
    draft.why(f"no acknowledgement from {silent}" if silent else "nobody could be paged")
    advance(draft)


HANDLERS = {
    "opening": opening.office_opens,
    "snooze": snooze_over,
    "ask_again": ask_again,
    "promise": promise.came_due,
    "update": updates.came_due,
    "notice": nobody_reached,
    "step": step_over,
}
"""The clocks of an incident in the order in which they are handled when several are due; those of personal reach come last (decisions.md 4)."""
