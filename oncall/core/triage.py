"""A report becomes a verdict: severity, service, page / wait / decline, the escalation, the promise, and the rule that said so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.hours import holidays_known, is_open, next_opening
from oncall.core.messages import PlannedStep, Reported
from oncall.core.model import AfterHours, Handbook, Severity, TriageRule

AGAIN_AFTER_DEFAULT = timedelta(minutes=60)
"""How long an acknowledgement holds when a severity is unknown to the newest handbook (decisions.md 25)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What triage says of a report. `opening` is set when it waits; `contact_by` and `within` when a customer can be promised something."""

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


def triage(report: Reported, handbook: Handbook, at: datetime, *, urgent: bool = False) -> Verdict:
    """The verdict on `report` at `at`. In doubt a human is woken: an unknown severity or service never keeps a report from paging.

    `urgent`: the customer overruled a wait or a decline, so it is paged whatever the severity says (policy.md 3.1).
    """
    severity, because = chosen_severity(report, handbook)
    service = report.service if report.service in handbook.services else ""
    if report.service and not service:
        because += f"; there is no service '{report.service}'"
    what, opening, also = what_happens(severity, handbook, at, urgent)
    steps, rounds, by = planned(severity, service, handbook)
    within = promised_within(severity, report, opening, at)
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
    )


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
    told = f"{report.summary}\n{report.details}".casefold()
    return (
        (not rule.words or any(re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", told) for word in rule.words))
        and (not rule.services or report.service in rule.services)
        and (not rule.sources or report.source in rule.sources)
        and (not rule.channels or report.channel in rule.channels)
    )


def what_happens(severity: Severity, handbook: Handbook, at: datetime, urgent: bool) -> tuple[AfterHours, datetime | None, str]:
    """Page, wait or decline; the opening to wait for; and words for `because`. While the office is open everything pages."""
    if urgent:
        return AfterHours.PAGE, None, "; the customer said it cannot wait"
    if severity.after_hours is AfterHours.PAGE or handbook.office is None:
        return AfterHours.PAGE, None, ""
    known = holidays_known(handbook.office, handbook.timezone, at)
    if known and is_open(handbook.office, handbook.timezone, at):
        return AfterHours.PAGE, None, "; the office is open"
    opening = next_opening(handbook.office, handbook.timezone, at)
    if severity.after_hours is AfterHours.WAIT and opening is None:
        return AfterHours.PAGE, None, "; the office never opens, so it cannot wait"
    also = "" if known else "; no holidays are known for this date, so it counts as after hours"
    return severity.after_hours, opening, f"{also}; after hours this is to {severity.after_hours.value}"


def planned(severity: Severity, service: str, handbook: Handbook) -> tuple[tuple[PlannedStep, ...], int, str]:
    """The steps, the rounds and which escalation they are of: the service's, else the severity's (decisions.md 23)."""
    by_service = handbook.services[service].escalations if service else {}
    name = by_service.get(severity.id) or by_service.get("otherwise") or severity.escalation or ""
    escalation = handbook.escalations.get(name)
    if escalation is None:
        return (), 1, "no escalation is named for it, so the last resort is paged"
    steps = tuple(PlannedStep(targets=step.page, wait=step.wait) for step in escalation.steps)
    return steps, escalation.rounds, f"escalation '{name}'"


def promised_within(severity: Severity, report: Reported, opening: datetime | None, at: datetime) -> timedelta | None:
    """How soon a person will contact the customer, counted from acceptance; None when nobody can be contacted or nothing is promised.

    What waits is promised from the opening on. A channel that the policy does not name gets the slowest of those it does: never
    promise what nobody wrote down.
    """
    if not (report.contact.phone or report.contact.email or report.customer):
        return None
    until_opening = (opening or at) - at
    if severity.contact_after_opening is not None:
        return until_opening + severity.contact_after_opening
    within = severity.contact_within.get(report.channel) or max(severity.contact_within.values(), default=None)
    return None if within is None else until_opening + within
