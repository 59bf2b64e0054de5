"""A human says how bad it really is. Raised: whom the new severity pages, is paged. Lowered: nothing that runs or was promised gets slower."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oncall.core.escalation import customer, opening, promise, taking, updates
from oncall.core.escalation.draft import Draft
from oncall.core.escalation.sending import call_last_resort
from oncall.core.escalation.steps import advance, called_now, page_person
from oncall.core.messages import Fact, Promise, Reclassified, Status
from oncall.core.model import AfterHours, Severity
from oncall.core.triage import office_is_open, planned, promised_within, what_happens

AT_REST = frozenset({Status.WAITING, Status.DECLINED})


def reclassify(draft: Draft, fact: Fact) -> None:
    """Anybody may raise, for that wakes people; that it can wait is said only by whoever has it, for that silences."""
    assert isinstance(fact, Reclassified)
    wanted = draft.handbook.severities.get(fact.severity)
    known = draft.handbook.severities.get(draft.incident.severity)
    if wanted is None:
        draft.why(f"there is no severity '{fact.severity}'; known: {', '.join(draft.handbook.severities)}")
        draft.result = "unknown severity"
    elif wanted is known:
        draft.why(f"it is {wanted.id} already")
        taking.answer(draft, fact, "same_severity")
        draft.result = "same severity"
    elif known is None or wanted.rank < known.rank:
        raised(draft, fact, wanted)
    else:
        lowered(draft, fact, wanted)
    taking.answer_question(draft, fact)


def raised(draft: Draft, fact: Reclassified, wanted: Severity) -> None:
    """It is worse: its time of contact gets sooner or stays, and whom the higher severity pages is paged unless they have it."""
    before = draft.incident
    what, opens, _ = what_happens(wanted, draft.handbook, draft.at, urgent=False, left_out=None)
    called(draft, fact, wanted)
    draft.result = "raised"
    if what is AfterHours.PAGE:
        sooner = promise_sooner(draft, wanted)
        page_whom_it_pages(draft, fact, wanted)
        if sooner and draft.incident.held_by:
            draft.notify("sooner")
    elif before.status is Status.DECLINED and opens is not None:
        draft.change(status=Status.WAITING)
        draft.clock("opening", opens)
        promise_sooner(draft, wanted, opens)
        draft.notify("waiting", opening=customer.time(draft, opens))
    promise.set_clock(draft)
    tell_those_on_it(draft, fact)


def called(draft: Draft, fact: Reclassified, wanted: Severity) -> None:
    """From now on it is called `wanted`. Words to the customer come as often as the faster of the two says; reports count the highest it had."""
    was = draft.incident
    ranks = draft.handbook.severities
    worst = was.worst or was.severity
    highest = wanted.id if worst not in ranks or wanted.rank < ranks[worst].rank else worst
    often = min((span for span in (was.update_every, wanted.update_every) if span is not None), default=None)
    draft.change(severity=wanted.id, worst=highest, update_every=often, acknowledge_again_after=wanted.acknowledge_again_after)
    draft.why(f"{draft.name(fact.by)} says it is {wanted.id} and not {was.severity}")


def promise_sooner(draft: Draft, wanted: Severity, opens: datetime | None = None) -> bool:
    """The promise of the higher severity takes the place of the one made if it is sooner, or there was none; whether it did."""
    made = draft.incident.promise
    within = promised_within(wanted, opening.as_report(draft.incident, draft.at), opens, draft.at, None)
    if within is None:
        return False
    by = draft.at + within
    if made is None:
        draft.change(promise=Promise(within=within, contact_by=by, first_contact_by=by))
        return True
    if not made.pending or by >= made.contact_by:
        if not made.pending and draft.incident.update_by is None:
            updates.owe(draft)
        return False
    # What was missed stays missed: only the time that is said from now on moves.
    first = by if made.missed_at is None else made.first_contact_by
    draft.change(promise=replace(made, within=min(made.within, within), contact_by=by, first_contact_by=first, asked_at=None))
    return True


def page_whom_it_pages(draft: Draft, fact: Reclassified, wanted: Severity) -> None:
    """The escalation of the higher severity begins, unless it is the one that runs. Whoever has it keeps it, and gets help from those."""
    incident = draft.incident
    service = incident.service if incident.service in draft.handbook.services else ""
    steps, rounds, by = planned(wanted, service, draft.handbook, in_office=office_is_open(draft.handbook, draft.at))
    another = (steps, rounds) != (incident.steps, incident.rounds)
    draft.change(steps=steps, rounds=rounds)
    asleep = incident.status is Status.SNOOZED and fact.by != incident.held_by
    if incident.status in AT_REST or asleep or (another and not incident.held_by):
        draft.why(f"{by} begins")
        begin_anew(draft, incident.held_by, resort=incident.last_resort_called and incident.calling)
    elif incident.held_by:
        sooner_asked(draft)
        if another:
            beside_the_holder(draft, by)
    else:
        draft.why(f"{by} goes on, for it is the one that runs")


def begin_anew(draft: Draft, holder: str, *, resort: bool) -> None:
    """Pages from the first step; with it a holder who let it rest (decisions.md 26), and the last resort if that was being called already."""
    opening.start_paging(draft)
    if resort and not draft.incident.last_resort_called:
        call_last_resort(draft)
    if holder and draft.reachable(holder) and holder not in {page.person for page in called_now(draft)}:
        page_person(draft, holder, "page_repeat", draft.incident.step)


def beside_the_holder(draft: Draft, by: str) -> None:
    """The first step of another escalation is paged as help, unless one of those who have it belongs to it: then the right one is awake."""
    # The places that people had on the old steps say nothing on the new ones.
    draft.change(step=0, round=1, pages=tuple(replace(page, step=min(page.step, 0)) for page in draft.incident.pages))
    on_it = {draft.incident.held_by, *draft.incident.helpers}
    if draft.incident.steps and on_it & set(draft.people_of_step(0)):
        draft.why(f"{by}: who has it is of its first step, so nobody else is called")
        return
    if not draft.incident.calling:
        draft.change(called_since=draft.at)
    draft.change(step=-1)
    draft.why(f"{by} begins, as help for {draft.name(draft.incident.held_by)}")
    advance(draft)


def sooner_asked(draft: Draft) -> None:
    """Who has it is asked again as soon as the higher severity says, or as was planned if that is sooner."""
    again = draft.at + draft.incident.acknowledge_again_after
    for name in ("ask_again", "snooze"):
        due = draft.incident.clocks.get(name)
        if due is not None:
            draft.clock(name, min(due, again))


def lowered(draft: Draft, fact: Reclassified, wanted: Severity) -> None:
    """It is not as bad. Who has it keeps it, who is being called is called on, by the steps and waits that run (decisions.md 21)."""
    what, opens, _ = what_happens(wanted, draft.handbook, draft.at, urgent=False, left_out=None)
    if what is not AfterHours.PAGE and opens is not None and draft.incident.status not in AT_REST:
        let_it_wait(draft, fact, wanted, opens)
        return
    called(draft, fact, wanted)
    draft.why("what was promised, and who is called when, stays as it was")
    tell_those_on_it(draft, fact)
    draft.result = "lowered"


def let_it_wait(draft: Draft, fact: Reclassified, wanted: Severity, opens: datetime) -> None:
    """Nobody is called until the office opens. Only by whoever has it, and only when nothing is due to the customer before."""
    incident = draft.incident
    if incident.held_by != fact.by:
        draft.why(f"{wanted.id} waits for the opening, and that can be said only by who has it: it stays {incident.severity}")
        taking.answer(draft, fact, "waits_not_yours", holder=draft.name(incident.held_by) if incident.held_by else "nobody")
        draft.result = "not yours"
        return
    if incident.promise is not None and incident.promise.pending:
        draft.why(f"the customer is still due a call by {draft.time(incident.promise.contact_by)}, so it cannot wait: it stays {incident.severity}")
        taking.answer(draft, fact, "waits_not_yet")
        draft.result = "not contacted"
        return
    called(draft, fact, wanted)
    taking.end_calls(draft, fact)
    severity = draft.handbook.severities[wanted.id]
    service = incident.service if incident.service in draft.handbook.services else ""
    steps, rounds, by = planned(severity, service, draft.handbook, in_office=True)
    draft.change(status=Status.WAITING, held_by="", held_since=None, asked_at=None, helpers=(), calling=False, clocks={}, update_by=None)
    draft.change(steps=steps, rounds=rounds)
    draft.clock("opening", opens)
    draft.why(f"{draft.name(fact.by)} lets it wait until we open {draft.time(opens)}; then {by}")
    for page in draft.incident.pages:
        if page.reached and page.person != fact.by:
            draft.tell(page.person, "stand_down_waits", opening=draft.time(opens, page.person))
            draft.keep(replace(page, reached=False))
    taking.answer(draft, fact, "waits_now", opening=draft.time(opens, fact.by))
    draft.notify("can_wait", by=draft.public_name(fact.by), opening=customer.time(draft, opens))
    draft.result = "waiting"


def tell_those_on_it(draft: Draft, fact: Reclassified) -> None:
    """Who has it and who helps hear how bad it is now; a texter reads what came of their text."""
    for who in dict.fromkeys((draft.incident.held_by, *draft.incident.helpers)):
        if who not in {"", fact.by}:
            draft.tell(who, "reclassified", by=draft.name(fact.by))
    taking.answer(draft, fact, "reclassified")
