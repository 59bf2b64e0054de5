"""The state table: what each fact means in each state, and decide(), the only way an incident ever changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oncall.core.escalation import clocks, forgetting, opening, sending, severity, taking, updates
from oncall.core.escalation.draft import Draft, View
from oncall.core.messages import (
    FINAL,
    Acknowledged,
    CallEnded,
    Contacted,
    Decision,
    Delivered,
    Escalated,
    Fact,
    Forgotten,
    HandedOver,
    Incident,
    MarkedUrgent,
    Noted,
    Passed,
    Reclassified,
    Reopened,
    Reported,
    Resolved,
    SendFailed,
    SendPostponed,
    SendUnknown,
    Snoozed,
    Status,
    TimeCame,
    Updated,
)
from oncall.core.model import Handbook

Handler = Callable[[Draft, Fact], None]

ALIVE: Mapping[type[Fact], Handler] = {
    Reported: opening.fold,
    Acknowledged: taking.acknowledge,
    Passed: taking.pass_on,
    Escalated: taking.escalate,
    Contacted: taking.contacted,
    Snoozed: taking.snooze,
    Resolved: taking.resolve,
    Reopened: opening.reopen,
    Noted: taking.note,
    Updated: updates.updated,
    Reclassified: severity.reclassify,
    Forgotten: forgetting.not_over,
    MarkedUrgent: opening.urgent,
    TimeCame: clocks.time_came,
    HandedOver: sending.handed_over,
    SendFailed: sending.failed,
    SendPostponed: sending.postponed,
    SendUnknown: sending.unknown,
    Delivered: sending.delivered,
    CallEnded: sending.call_ended,
}
"""What facts mean while an incident is not closed."""

CLOSED: Mapping[type[Fact], Handler] = {
    **ALIVE,
    Acknowledged: taking.is_closed,
    Passed: taking.is_closed,
    Escalated: taking.is_closed,
    Snoozed: taking.is_closed,
    Resolved: taking.is_closed,
    Reclassified: taking.is_closed,
    Forgotten: forgetting.forget,
    TimeCame: clocks.nothing_due,
}
"""A closed one is only reopened, noted on, forgotten, and hears what became of the texts that were under way."""

TABLE: Mapping[Status, Mapping[type[Fact], Handler]] = {
    Status.OPEN: ALIVE,
    Status.ACKNOWLEDGED: ALIVE,
    Status.SNOOZED: ALIVE,
    Status.WAITING: ALIVE,
    Status.DECLINED: {**ALIVE, Forgotten: forgetting.forget, TimeCame: clocks.nothing_due},
    Status.RESOLVED: CLOSED,
}
"""Total: every state has a handler for every fact (a house rule tests it)."""


def decide(incident: Incident | None, fact: Fact, handbook: Handbook, view: View, *, case: str = "") -> Decision:
    """What `fact` leads to: the incident's new state, the orders, and why. The same arguments give the same decision.

    `incident` is None only for the `Reported` that opens one; `case` is its free case reference then. An order's id follows from
    the decision, so a decision made twice orders once.
    """
    if incident is None:
        assert isinstance(fact, Reported), "only a report opens an incident"
        fresh, verdict = opening.new_incident(fact, handbook, case)
        draft = Draft(fresh, fact, handbook, view)
        opening.open_new(draft, verdict)
    else:
        draft = Draft(incident, fact, handbook, view)
        handler = forgetting.says_nothing if forgetting.is_past(draft, fact) else TABLE[incident.status][type(fact)]
        handler(draft, fact)
    after = draft.incident
    # Invariant I2: what is not over always has a next action, what is over never has one.
    assert (after.wake_at is None) == (after.status in FINAL), f"{after.status} with clocks {dict(after.clocks)}"
    # A clock that is handled and still due would be handled again at once, for ever.
    assert not isinstance(fact, TimeCame) or after.wake_at is None or after.wake_at > fact.at, f"still due: {dict(after.clocks)}"
    return draft.decision()
