"""A report opens an incident, joins one that is open, or wakes one that waits; and how paging starts (again)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.core.escalation import customer, promise
from oncall.core.escalation.draft import Draft
from oncall.core.escalation.steps import advance, called_now, page_person
from oncall.core.messages import Contact, Fact, Incident, MarkedUrgent, Promise, Reopened, Reported, Status
from oncall.core.model import AfterHours, Handbook
from oncall.core.triage import LeftOut, Verdict, office_is_open, planned, promised_within, triage

FIRST_PAGE_WITHIN = timedelta(seconds=60)
"""If no provider has accepted a first page by then, the customer is told the truth about that (decisions.md 36)."""
DETAILS_LIMIT = 8000
"""Characters of details an incident keeps; what comes on top stays in its log."""


def new_incident(report: Reported, handbook: Handbook, case: str) -> tuple[Incident, Verdict]:
    """The incident that `report` makes, not yet decided on, and the verdict on it."""
    verdict = triage(report, handbook, report.at)
    incident = Incident(
        id=report.incident,
        case=case,
        seed=report.seed,
        turn=0,
        status=Status.OPEN,
        service=verdict.service,
        severity=verdict.severity,
        summary=report.summary,
        details=report.details[:DETAILS_LIMIT],
        channel=report.channel,
        source=report.source,
        customer=handbook.customers[verdict.customer].name if verdict.customer else report.customer,
        customer_id=verdict.customer,
        contact=report.contact,
        dedup_key=report.dedup_key,
        opened_at=report.at,
        because=verdict.because,
        handbook=handbook.version,
        steps=verdict.steps,
        rounds=verdict.rounds,
        acknowledge_again_after=verdict.acknowledge_again_after,
        promise=promise_of(verdict),
        update_every=verdict.update_every,
    )
    return incident, verdict


def promise_of(verdict: Verdict) -> Promise | None:
    """The promise a verdict makes; None when there is nobody to promise something to."""
    if verdict.within is None or verdict.contact_by is None:
        return None
    return Promise(within=verdict.within, contact_by=verdict.contact_by, first_contact_by=verdict.contact_by)


def open_new(draft: Draft, verdict: Verdict) -> None:
    """The first decision on a new incident: page, wait or decline."""
    draft.why(verdict.because)
    if verdict.after_hours is AfterHours.PAGE:
        start_paging(draft)
        draft.result = "paging"
    elif verdict.after_hours is AfterHours.WAIT and verdict.opening is not None:
        draft.change(status=Status.WAITING)
        draft.clock("opening", verdict.opening)
        promise.set_clock(draft)
        if verdict.left_out is not None:
            tell_left_out(draft, verdict.left_out, opening="" if draft.incident.promise else customer.time(draft, verdict.opening))
        else:
            draft.notify("waiting", opening=customer.time(draft, verdict.opening))
        draft.result = "waiting"
    else:
        draft.change(status=Status.DECLINED, promise=None, clocks={})
        if verdict.left_out is not None:
            tell_left_out(draft, verdict.left_out)
        else:
            draft.notify("declined")
        draft.result = "declined"


def tell_left_out(draft: Draft, left_out: LeftOut, opening: str = "") -> None:
    """The customer hears what is not handled after hours, when a person will be there for it, and how to wake somebody all the same."""
    draft.notify("out_of_scope", topic=left_out.about, answer=left_out.answer, opening=opening)


def start_paging(draft: Draft) -> None:
    """Opens the incident at its first step; what was told about an earlier opening may be told again."""
    draft.change(pages=tuple(replace(page, tries=(), reach_done=0, passed_at=None) for page in draft.incident.pages))
    draft.change(status=Status.OPEN, step=-1, round=1, last_resort_called=False, calling=True, called_since=draft.at, told=(), clocks={})
    draft.change(held_by="", held_since=None, asked_at=None, helpers=(), resolved_at=None, resolved_by="", update_by=None)
    advance(draft)
    draft.clock("notice", draft.at + FIRST_PAGE_WITHIN)
    promise.set_clock(draft)


def renew_promise(draft: Draft) -> None:
    """A new promise from now on, in the span that was promised before; what waited for an opening does so no more."""
    old, severity = draft.incident.promise, draft.handbook.severities.get(draft.incident.severity)
    if old is not None:
        now = promised_within(severity, as_report(draft.incident, draft.at), None, draft.at, None) if severity else None
        within = min(old.within, now or old.within)
        draft.change(promise=Promise(within=within, contact_by=draft.at + within, first_contact_by=draft.at + within))


def fold(draft: Draft, fact: Fact) -> None:
    """The same emergency was reported again: counted, its words kept; a higher severity is triaged anew and pages (decisions.md 26)."""
    assert isinstance(fact, Reported)
    draft.change(reports=draft.incident.reports + 1)
    add_words(draft, "\n".join(part for part in (fact.summary, fact.details) if part))
    learn_contact(draft, fact.contact)
    verdict = triage(fact, draft.handbook, draft.at)
    known = draft.handbook.severities.get(draft.incident.severity)
    if known is not None and verdict.rank < known.rank and verdict.after_hours is AfterHours.PAGE:
        grow_worse(draft, verdict)
        draft.result = "paging"
        return
    draft.why(f"added to case {draft.incident.case}, reported {draft.incident.reports} times now")
    draft.result = "folded"
    personal, ours, given = fact.channel != "api", draft.incident.contact, fact.contact
    if personal and draft.incident.held_by:
        draft.tell(draft.incident.held_by, "customer_words", details=fact.summary)
    if personal or (given.phone and given.phone == ours.phone) or (given.email and given.email == ours.email):
        draft.notify("added")


def learn_contact(draft: Draft, given: Contact) -> None:
    """Another channel brings another address of the customer. What is known stays; what is new must be the handbook's own for this customer.

    Anybody can give somebody's number and an address beside it, and would then be told how their case goes. A case without anybody to
    tell takes whoever speaks first.
    """
    known = draft.incident.contact
    if known == Contact():
        draft.change(contact=given)
        return
    theirs = {mark for mark in (given.phone, given.email) if mark and is_of_customer(draft, mark)}
    phone, email = (mark if mark in theirs else "" for mark in (given.phone, given.email))
    draft.change(contact=replace(known, phone=known.phone or phone, email=known.email or email))


def is_of_customer(draft: Draft, mark: str) -> bool:
    """Whether the handbook names this number or e-mail as one of the case's customer."""
    return draft.handbook.customer_of.get(mark.casefold(), "") == draft.incident.customer_id != ""


def grow_worse(draft: Draft, verdict: Verdict) -> None:
    """The incident takes the higher severity with its escalation, and pages; what was promised changes only if it gets sooner."""
    holder = draft.incident.held_by
    offered, made = promise_of(verdict), draft.incident.promise
    if offered is not None and (made is None or (made.pending and offered.contact_by < made.contact_by)):
        draft.change(promise=offered)
    worst = draft.handbook.severities.get(draft.incident.worst)
    if worst is not None and verdict.rank < worst.rank:
        draft.change(worst=verdict.severity)
    draft.change(severity=verdict.severity, steps=verdict.steps, rounds=verdict.rounds)
    draft.change(acknowledge_again_after=verdict.acknowledge_again_after, update_every=verdict.update_every, because=verdict.because)
    draft.why(f"reported again as worse: {verdict.because}")
    start_paging(draft)
    if holder and draft.reachable(holder) and holder not in {page.person for page in called_now(draft)}:
        page_person(draft, holder, "page_repeat", draft.incident.step)


def urgent(draft: Draft, fact: Fact) -> None:
    """The customer says that it cannot wait: it is paged now (policy.md 3.1)."""
    assert isinstance(fact, MarkedUrgent)
    if draft.incident.status not in {Status.WAITING, Status.DECLINED}:
        draft.why("the customer said URGENT, and it is being handled already")
        draft.result = "noted"
        return
    verdict = triage(as_report(draft.incident, draft.at), draft.handbook, draft.at, urgent=True)
    made = promise_of(verdict)
    old = draft.incident.promise
    if made is not None and (old is None or made.contact_by < old.contact_by):
        draft.change(promise=made)
    draft.why("the customer answered URGENT")
    plan_anew(draft)
    start_paging(draft)
    draft.result = "paging"


def as_report(incident: Incident, at: datetime) -> Reported:
    """The incident as the report it came from, for a triage at a later time."""
    return Reported(
        at=at,
        incident=incident.id,
        seed=incident.seed,
        source=incident.source,
        channel=incident.channel,
        summary=incident.summary,
        details=incident.details,
        service=incident.service,
        severity=incident.severity,
        customer=incident.customer_id or incident.customer,
        contact=incident.contact,
        dedup_key=incident.dedup_key,
    )


def reopen(draft: Draft, fact: Fact) -> None:
    """It is not over: a closed or waiting incident is paged from its first step; one that is being handled only notes it."""
    assert isinstance(fact, Reopened)
    if draft.incident.status not in {Status.RESOLVED, Status.DECLINED, Status.WAITING}:
        draft.why("it was not closed")
        draft.result = "not closed"
        return
    draft.why("reopened by the customer" if fact.by == "customer" else f"reopened by {draft.name(fact.by)}")
    renew_promise(draft)
    plan_anew(draft)
    start_paging(draft)
    draft.result = "reopened"


def plan_anew(draft: Draft) -> None:
    """What is paged now goes the way of this hour: steps that were planned for the office wake nobody at night, and the other way round."""
    severity = draft.handbook.severities.get(draft.incident.severity)
    if severity is not None:
        service = draft.incident.service if draft.incident.service in draft.handbook.services else ""
        steps, rounds, by = planned(severity, service, draft.handbook, in_office=office_is_open(draft.handbook, draft.at))
        draft.change(steps=steps, rounds=rounds)
        draft.why(by)


def office_opens(draft: Draft) -> None:
    """The opening that a waiting incident waited for has come: it is handled now."""
    draft.why("the office opens now")
    start_paging(draft)


def add_words(draft: Draft, words: str) -> None:
    """Keeps what was said in the details, up to DETAILS_LIMIT."""
    if words:
        draft.change(details=f"{draft.incident.details}\n{words}".strip()[:DETAILS_LIMIT])
