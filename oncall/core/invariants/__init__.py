"""The checker: a history of what was committed and what was sent in, violations of the invariants out; it knows the messages, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from oncall.core.invariants.commits import decided
from oncall.core.invariants.customers import told
from oncall.core.invariants.ending import left_over
from oncall.core.invariants.history import Answered, Committed, Disturbed, Event, Found, ProviderGot, SendBegan, SendEnded, Violation
from oncall.core.invariants.ledger import Ledger
from oncall.core.invariants.sends import began

__all__ = ["Answered", "Committed", "Disturbed", "Event", "ProviderGot", "SendBegan", "SendEnded", "Violation", "check"]

NO_INCIDENT = ("trouble/", "heard/")
"""Orders that belong to no incident: answers to texts without a code, trouble of the daemon. They change nothing and are not followed."""


def check(history: Iterable[Event], end: datetime) -> tuple[Violation, ...]:
    """The violations in `history`, whose last moment is `end`. What must hold is worked out anew; no rule is shared with the engine."""
    return tuple(violations(tuple(history), end))


def violations(history: tuple[Event, ...], end: datetime) -> Iterator[Violation]:
    """Walks the history once."""
    ledger = Ledger(event for event in history if isinstance(event, Disturbed))
    for event in history:
        incident, found = seen(ledger, event)
        for invariant, what in found:
            yield Violation(invariant=invariant, incident=incident, at=event.at, seen=what)
    for incident, (invariant, what) in left_over(ledger, end):
        yield Violation(invariant=invariant, incident=incident, at=end, seen=what)


def seen(ledger: Ledger, event: Event) -> tuple[str, tuple[Found, ...]]:
    """What is wrong with one event, and whose incident it is; then it is entered into the books."""
    match event:
        case Committed():
            fact, decision = event.entry.fact, event.entry.decision
            name, case = decision.incident.id, ledger.cases.get(decision.incident.id)
            before = case.now if case is not None else None
            dated = (("I10", f"dated {fact.at - event.at} ahead of its time"),) if fact.at > event.at else ()
            found = (*dated, *decided(ledger, before, fact, decision), *told(ledger, before, decision.incident, fact, decision.orders))
            ledger.committed(before, decision.incident, fact, decision.orders)
            return name, tuple((invariant, f"{type(fact).__name__}: {what}") for invariant, what in found)
        case SendBegan() if not event.order.startswith(NO_INCIDENT):
            found = tuple(began(ledger, event))
            if event.order in ledger.orders:
                ledger.began(event.order, event.at)
            return event.order.split("/")[0], found
        case SendEnded():
            ledger.ended(event)
        case ProviderGot():
            ledger.got(event.order, event.at)
        case Answered():
            return event.incident, tuple(said(ledger, event))
    return "", ()


def said(ledger: Ledger, event: Answered) -> Iterator[Found]:
    """I1, I15: what a door says is what was committed."""
    case = ledger.cases.get(event.incident)
    if case is None:
        yield "I1", "it was confirmed and does not exist"
    elif event.status and (event.status, event.held_by) != (case.now.status.value, case.now.held_by):
        yield "I15", f"said to be {event.status} with {event.held_by or 'nobody'}, but is {case.now.status.value} with {case.now.held_by or 'nobody'}"
