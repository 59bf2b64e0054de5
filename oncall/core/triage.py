"""A report becomes a verdict: severity, service, page / wait / decline, the escalation, the promise, and the rule that said so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.hours import holidays_known, is_open, next_opening
from oncall.core.messages import PlannedStep, Reported
from oncall.core.model import AfterHours, Handbook, Severity, TriageRule
from oncall.core.policy import Customer

AGAIN_AFTER_DEFAULT = timedelta(minutes=60)
"""How long an acknowledgement holds when a severity is unknown to the newest handbook (decisions.md 25)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Why nobody is woken although the severity would: in words for the customer (`about`, `answer`) and for us (`because`).

    `contact_after_opening`: when a person will contact them all the same; None: nothing is promised. `handled`: it is looked at once we open.
    """

    about: str
    answer: str
    contact_after_opening: timedelta | None
    handled: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What triage says of a report. `opening` is set when it waits; `contact_by` and `within` when a customer can be promised something.

    `customer` is the id of the handbook's customer who reports, '' when they are not known. `left_out`: why it is not handled after hours.
    """

    severity: str
    rank: int
    service: str
    after_hours: AfterHours
    steps: tuple[PlannedStep, ...]
    rounds: int
    acknowledge_again_after: timedelta
    within: timedelta | None
    contact_by: datetime | None
    opening: datetime | None
    because: str
    customer: str = ""
    left_out: LeftOut | None = None
    update_every: timedelta | None = None


def triage(report: Reported, handbook: Handbook, at: datetime, *, urgent: bool = False) -> Verdict:
    """The verdict on `report` at `at`. In doubt a human is woken: an unknown severity or service never keeps a report from paging.

    `urgent`: the customer overruled a wait or a decline, so it is paged whatever the severity says (policy.md 3.1).
    """
    severity, because = chosen_severity(report, handbook)
    service = report.service if report.service in handbook.services else ""
    if report.service and not service:
        because += f"; there is no service '{report.service}'"
    customer = customer_of(report, handbook)
    open_now = office_is_open(handbook, at)
    left_out = None if urgent or open_now else left_out_by(report, service, customer, handbook)
    what, opening, also = what_happens(severity, handbook, at, urgent=urgent, left_out=left_out)
    waits = opening is not None and what is AfterHours.WAIT
    steps, rounds, by = planned(severity, service, handbook, in_office=waits or (open_now and not urgent))
    within = promised_within(severity, report, opening, at, left_out)
    return Verdict(
        severity=severity.id,
        rank=severity.rank,
        service=service,
        after_hours=what,
        steps=steps,
        rounds=rounds,
        acknowledge_again_after=severity.acknowledge_again_after,
        within=within,
        contact_by=None if within is None else at + within,
        opening=opening if what is AfterHours.WAIT else None,
        because=f"{severity.id}: {because}{also}; {by}",
        customer=customer.id if customer else "",
        left_out=left_out,
        update_every=severity.update_every,
    )


def customer_of(report: Reported, handbook: Handbook) -> Customer | None:
    """Who reports, if the handbook knows them: by what the report calls them, else by number, by e-mail, or by the API key it came with."""
    marks = (report.customer.casefold(), report.contact.phone, report.contact.email.casefold(), f"key {report.source}")
    known = (handbook.customers.get(handbook.customer_of.get(mark, "")) for mark in marks if mark)
    return next((customer for customer in known if customer is not None), None)


def left_out_by(report: Reported, service: str, customer: Customer | None, handbook: Handbook) -> LeftOut | None:
    """The exclusion, or the contract, by which nobody is woken for this report; None: somebody may be.

    What it is about must be said for certain: an exclusion by a whole word or the service, a contract only by a service that it lacks.
    """
    told = f"{report.summary}\n{report.details}"
    for one in handbook.exclusions:
        if (not one.words or has_word(one.words, told)) and (not one.services or service in one.services):
            because = f"left out after hours by exclusion '{one.id}' at {one.place}"
            handled = one.contact_after_opening is not None
            return LeftOut(about=one.about, answer=one.answer, contact_after_opening=one.contact_after_opening, handled=handled, because=because)
    if customer is not None and customer.contract is not None and service and service not in customer.contract:
        because = f"the contract of '{customer.id}' at {customer.place} does not cover '{service}' after hours"
        return LeftOut(about=handbook.services[service].name, answer="", contact_after_opening=None, handled=True, because=because)
    return None


def chosen_severity(report: Reported, handbook: Handbook) -> tuple[Severity, str]:
    """The severity by the first rule that matches, and why. What the reporter said is lowered only by a rule with `lower: true`."""
    given = handbook.severities.get(report.severity)
    unknown = f"; there is no severity '{report.severity}'" if report.severity and given is None else ""
    for rule in handbook.triage:
        if not matches(rule, report):
            continue
        ruled = handbook.severities[rule.severity]
        if given is not None and (rule.otherwise or (ruled.rank > given.rank and not rule.lower)):
            return given, "the reporter said so"
        return ruled, f"rule at {rule.place}{unknown}"
    if given is not None:
        return given, "the reporter said so"
    return next(iter(handbook.severities.values())), f"no rule matched, so the highest{unknown}"


def matches(rule: TriageRule, report: Reported) -> bool:
    """Whether every condition of `rule` holds for `report`; words are whole words, case-folded (decisions.md 27)."""
    if rule.otherwise:
        return True
    return (
        (not rule.words or has_word(rule.words, f"{report.summary}\n{report.details}"))
        and (not rule.services or report.service in rule.services)
        and (not rule.sources or report.source in rule.sources)
        and (not rule.channels or report.channel in rule.channels)
    )


def has_word(words: tuple[str, ...], told: str) -> bool:
    """Whether one of `words` stands in `told` as a whole word, case-folded."""
    folded = told.casefold()
    return any(re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", folded) for word in words)


def office_is_open(handbook: Handbook, at: datetime) -> bool:
    """Whether the office is open at `at`; on a date behind the known holidays it counts as closed (decisions.md 27)."""
    office = handbook.office
    return office is not None and holidays_known(office, handbook.timezone, at) and is_open(office, handbook.timezone, at)


def what_happens(
    severity: Severity, handbook: Handbook, at: datetime, *, urgent: bool, left_out: LeftOut | None
) -> tuple[AfterHours, datetime | None, str]:
    """Page, wait or decline; the opening to wait for; and words for `because`. While the office is open everything pages."""
    if urgent:
        return AfterHours.PAGE, None, "; the customer said it cannot wait"
    after = severity.after_hours
    if left_out is not None:
        after = AfterHours.WAIT if left_out.handled and handbook.office is not None else AfterHours.DECLINE
    if after is AfterHours.PAGE or (handbook.office is None and left_out is None):
        return AfterHours.PAGE, None, ""
    if office_is_open(handbook, at):
        return AfterHours.PAGE, None, "; the office is open"
    opening = next_opening(handbook.office, handbook.timezone, at) if handbook.office else None
    if after is AfterHours.WAIT and opening is None:
        return AfterHours.PAGE, None, "; the office never opens, so it cannot wait"
    known = handbook.office is None or holidays_known(handbook.office, handbook.timezone, at)
    also = "" if known else "; no holidays are known for this date, so it counts as after hours"
    return after, opening, f"{also}; {left_out.because if left_out else f'after hours this is to {after.value}'}"


def planned(severity: Severity, service: str, handbook: Handbook, *, in_office: bool) -> tuple[tuple[PlannedStep, ...], int, str]:
    """The steps, the rounds and which escalation they are of: the office's while it is open, the service's, else the severity's (decisions.md 23)."""
    name = escalation_of(severity, service, handbook, in_office=in_office)
    escalation = handbook.escalations.get(name)
    if escalation is None:
        return (), 1, "no escalation is named for it, so the last resort is paged"
    steps = tuple(PlannedStep(targets=step.page, wait=step.wait) for step in escalation.steps)
    return steps, escalation.rounds, f"escalation '{name}'"


def escalation_of(severity: Severity, service: str, handbook: Handbook, *, in_office: bool) -> str:
    """The name of the escalation, '' if none is named: the office's while it is open, the service's, else the severity's (decisions.md 23)."""
    by_service = handbook.services[service].escalations if service else {}
    of_office = severity.office_escalation if in_office else None
    return of_office or by_service.get(severity.id) or by_service.get("otherwise") or severity.escalation or ""


def promised_within(severity: Severity, report: Reported, opening: datetime | None, at: datetime, left_out: LeftOut | None) -> timedelta | None:
    """How soon a person will contact the customer, counted from acceptance; None when nobody can be contacted or nothing is promised.

    What waits is promised from the opening on. A channel that the policy does not name gets the slowest of those it does: never
    promise what nobody wrote down.
    """
    if not (report.contact.phone or report.contact.email or report.customer):
        return None
    until_opening = (opening or at) - at
    if left_out is not None:
        return until_opening + left_out.contact_after_opening if opening and left_out.contact_after_opening is not None else None
    if severity.contact_after_opening is not None:
        return until_opening + severity.contact_after_opening
    within = severity.contact_within.get(report.channel) or max(severity.contact_within.values(), default=None)
    return None if within is None else until_opening + within
