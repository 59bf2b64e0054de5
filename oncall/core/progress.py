"""How far a case is, in words for its customer: only what happened, at its time; no note, no attempt, no number, and no name but of who has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.messages import FINAL, Decision, Fact, HumanAct, Incident, LogEntry, MarkedUrgent, Noted, Reopened, Status
from oncall.core.model import Handbook, first_name
from oncall.core.schedule import paged
from oncall.core.wording import clock_text, filled, template

FIRST_ALERT_WITHIN = timedelta(seconds=60)
"""If no provider has a first page by then, the customer is told the truth about that (decisions.md 36)."""
SOMEBODY = "One of us"
"""Who is no person of the handbook any more, or a bare number of the last resort."""
HANDLED = frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.SNOOZED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a case, which is done at `at` or still ahead."""

    words: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A case as its customer sees it. `state`: 'alerting', 'held', 'late', 'wait' or 'done'; `now`: what holds now, in a sentence or two."""

    state: str
    now: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a customer's page is made of. `alerted_at`: when a provider accepted the first page since the case was opened last."""

    incident: Incident
    handbook: Handbook
    at: datetime
    alerted_at: datetime | None
    updated: tuple[LogEntry, ...] = ()
    """What we wrote to the customer lately, the newest first."""

    def time(self, at: datetime | None) -> str:
        """A time on the company's clock; '' for None."""
        return clock_text(at, self.handbook.timezone, self.at) if at else ""

    def name(self, who: str) -> str:
        """How customers hear of somebody: by the first name, or the whole name where two share it; never by a number."""
        person = self.handbook.people.get(who)
        if person is None:
            return SOMEBODY
        first = first_name(person)
        return person.name if first in self.handbook.shared_first_names else first

    def text(self, about: str, **values: str) -> str:
        """The sentence that a text to the customer would say now."""
        promise = self.incident.promise
        due = self.time(promise.contact_by) if promise and promise.pending else ""
        known = {"company": self.handbook.company, "case": self.incident.case, "due": due, **values}
        return filled(template(self.handbook.texts, "en", about), known)


def progress(case: Case) -> Progress:
    """How far the case is."""
    state, now = standing(case)
    return Progress(state=state, now=now, steps=tuple(steps(case)))


def standing(case: Case) -> tuple[str, str]:
    """The state, and what holds now."""
    incident = case.incident
    match incident.status:
        case Status.RESOLVED:
            return "done", f"{case.name(incident.resolved_by)} closed your case at {case.time(incident.resolved_at)}."
        case Status.DECLINED:
            return "wait", "We do not handle this after hours, so nobody is called for it."
        case Status.WAITING:
            return "wait", f"Your case waits until we open, {case.time(incident.clocks.get('opening'))}."
        case _ if incident.held_by:
            return held(case)
        case _:
            return being_alerted(case)


def is_late(incident: Incident) -> bool:
    """Whether the promise was missed and nobody has reached the customer yet."""
    promise = incident.promise
    return promise is not None and promise.pending and promise.missed_at is not None


def has_no_news(case: Case) -> bool:
    """Whether the customer waits for a word that did not come: the next one is owed since a miss, not since our last words or the contact."""
    incident = case.incident
    if incident.update_by is None or incident.update_every is None:
        return False
    newest = case.updated[0].decision.incident.turn if case.updated else 0
    contacted_at = incident.promise.contacted_at if incident.promise else None
    return incident.update_turn != newest and incident.update_by - incident.update_every != contacted_at


def held(case: Case) -> tuple[str, str]:
    """Somebody has it."""
    incident = case.incident
    holder = case.name(incident.held_by)
    if is_late(incident):
        others = set(paged(case.handbook, case.handbook.managers, case.at)) - {incident.held_by}
        return "late", case.text("late_held", holder=holder, next="our duty manager" if others else "")
    if has_no_news(case):
        return "late", case.text("no_news", holder=holder, update=case.time(incident.update_by))
    return "held", f"{holder} has your case."


def being_alerted(case: Case) -> tuple[str, str]:
    """Nobody has it yet; the same words as the texts where one was due."""
    incident = case.incident
    if is_late(incident):
        managers = set(paged(case.handbook, case.handbook.managers, case.at))
        called = "our duty manager" if any(page.person in managers for page in incident.newest_round) else "the next engineer"
        return "late", case.text("late", next=called)
    if has_no_news(case):
        return "late", case.text("no_news", holder="", update=case.time(incident.update_by))
    if incident.last_resort_called:
        return "alerting", case.text("exhausted")
    if case.alerted_at is not None:
        return "alerting", "We have alerted our engineers, and wait for one of them to take your case."
    if case.at - (incident.called_since or incident.opened_at) >= FIRST_ALERT_WITHIN:
        return "alerting", case.text("nobody_yet")
    return "alerting", "We have your report, and our message to the engineer is going out. Look again in a moment."


def steps(case: Case) -> list[Step]:
    """What was done, and what is ahead."""
    incident, promise = case.incident, case.incident.promise
    open_now = incident.status is Status.OPEN
    found = [Step(words="We received your report", at=incident.opened_at)]
    if incident.status is Status.WAITING:
        found.append(Step(words=f"We look at it when we open, {case.time(incident.clocks.get('opening'))}"))
    if case.alerted_at is not None:
        found.append(Step(words="We alerted our engineers", at=case.alerted_at))
    elif open_now:
        found.append(Step(words="We alert our engineers"))
    if incident.held_by:
        found.append(Step(words=f"{case.name(incident.held_by)} has your case", at=incident.held_since))
    elif open_now:
        found.append(Step(words="A person takes your case"))
    if promise is not None and promise.contacted_at is not None:
        found.append(Step(words="A person contacted you", at=promise.contacted_at))
    elif promise is not None and incident.status is not Status.RESOLVED:
        late = f"; it was due at {case.time(promise.first_contact_by)}" if is_late(incident) else ""
        found.append(Step(words=f"A person contacts you by {case.time(promise.contact_by)}{late}"))
    if incident.update_by is not None and incident.status in HANDLED:
        found.append(Step(words=f"You hear from us again by {case.time(incident.update_by)}"))
    if incident.status is Status.RESOLVED:
        found.append(Step(words=f"{case.name(incident.resolved_by)} closed your case", at=incident.resolved_at))
    elif incident.status is not Status.DECLINED:
        found.append(Step(words="We tell you here when your case is closed"))
    return found


WAKES = "We alert our engineers now."
CAME_OF: Mapping[str, str] = {"paging": WAKES, "reopened": f"Your case is open again. {WAKES}", "not closed": "Your case was not closed."}


def came_of(case: Case, fact: Fact, decision: Decision) -> tuple[str, str] | None:
    """What a customer told us about their case, and what came of it then; None for what is none of theirs."""
    after = decision.incident
    match fact:
        case MarkedUrgent():
            return "It cannot wait.", CAME_OF.get(decision.result, "Your case was being handled already.")
        case Reopened() if fact.by == "customer":
            return "It is still broken.", CAME_OF.get(decision.result, CAME_OF["not closed"])
        case Noted() if fact.by == "customer":
            if after.status in FINAL:
                return fact.text, "Your case was closed, so nobody is called for this."
            passed_on = any(order.about == "customer_words" for order in decision.orders)
            return fact.text, f"We passed it on to {case.name(after.held_by)}." if passed_on else "We added it to your case."
        case _:
            return None


FACTS_OF_CUSTOMERS: tuple[type[HumanAct | MarkedUrgent], ...] = (Noted, Reopened, MarkedUrgent)
"""What customers tell us about a case that they have."""
