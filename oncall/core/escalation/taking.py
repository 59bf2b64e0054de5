"""What humans do to an incident: take it, pass it on, ask for help, report a contact, snooze, resolve, add words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oncall.core.escalation import customer, opening, promise, reach, shadowing
from oncall.core.escalation.draft import Draft
from oncall.core.escalation.steps import Lapsed, advance, called_now, next_names
from oncall.core.messages import (
    Acknowledged,
    Contacted,
    Escalated,
    Fact,
    HumanAct,
    Noted,
    Passed,
    Resolved,
    Snoozed,
    Status,
)


def acknowledge(draft: Draft, fact: Fact) -> None:
    """A human says "mine": takes a free incident, renews what they hold, joins a holder who asked for help, or came too late."""
    assert isinstance(fact, Acknowledged)
    incident = draft.incident
    if shadowing.is_shadow(draft, fact.by):
        shadowing.take_nothing(draft, fact.by)
    elif not incident.held_by:
        take(draft, fact)
    elif fact.by == incident.held_by:
        renew(draft, fact)
    elif incident.calling:
        join(draft, fact)
    else:
        too_late(draft, fact)


def take(draft: Draft, fact: HumanAct) -> None:
    """`fact.by` holds the incident from now on: everybody else stands down, the customer is told."""
    draft.page(fact.by)
    hold(draft, fact.by)
    end_calls(draft, fact)
    draft.why(f"{draft.name(fact.by)} took it by {fact.how}")
    stand_down(draft, "stand_down")
    draft.tell(fact.by, "yours")
    draft.notify("taken")
    draft.result = "taken"


def hold(draft: Draft, who: str) -> None:
    """Sets the holder and the clocks that watch a holder; nobody is called any more."""
    pending = draft.incident.promise
    draft.change(status=Status.ACKNOWLEDGED, held_by=who, held_since=draft.at, held_turn=draft.incident.turn)
    draft.change(asked_at=None, helpers=(), calling=False, clocks={})
    if pending is not None:
        draft.change(promise=replace(pending, asked_at=None))
    draft.keep(replace(draft.page(who), passed_at=None))
    draft.clock("ask_again", draft.at + draft.incident.acknowledge_again_after)
    promise.set_clock(draft)


def end_calls(draft: Draft, fact: HumanAct) -> None:
    """Nobody needs to answer any more: what rings is ended, but for the call in which `fact` was said."""
    reach.stop_clocks(draft)
    reach.end_calls(draft, but=fact.by if fact.how == "voice" else "")


def stand_down(draft: Draft, about: str, by: str = "") -> None:
    """Tells everybody who was really paged, but the holder, that they need not act; once for each calling."""
    by = by or draft.incident.held_by
    for page in draft.incident.pages:
        if page.reached and page.person not in {by, draft.incident.held_by}:
            draft.tell(page.person, about, by=draft.name(by))
            draft.keep(replace(page, reached=False))


def renew(draft: Draft, fact: HumanAct) -> None:
    """The holder says that they are still on it."""
    draft.change(status=Status.ACKNOWLEDGED, asked_at=None)
    draft.clock("snooze", None)
    draft.clock("ask_again", draft.at + draft.incident.acknowledge_again_after)
    draft.why(f"{draft.name(fact.by)} is still on it")
    draft.tell(fact.by, "already_yours")
    draft.result = "already yours"


def answer_question(draft: Draft, fact: HumanAct) -> None:
    """Whatever the holder says after "still on it?" answers it: they are awake, so nothing lapses."""
    incident = draft.incident
    if incident.held_by == fact.by and incident.asked_at is not None and incident.status is not Status.RESOLVED:
        draft.change(asked_at=None)
        draft.clock("ask_again", draft.at + incident.acknowledge_again_after)


def join(draft: Draft, fact: HumanAct) -> None:
    """Somebody answers the holder's call for help: the others stand down, the holder keeps it."""
    draft.page(fact.by)
    draft.change(calling=False, helpers=(*draft.incident.helpers, fact.by))
    draft.clock("step", None)
    end_calls(draft, fact)
    page = draft.page(fact.by)
    draft.keep(replace(page, reached=False, passed_at=None))
    draft.why(f"{draft.name(fact.by)} helps {draft.name(draft.incident.held_by)}")
    stand_down(draft, "stand_down")
    draft.tell(fact.by, "joined", caller=draft.incident.contact.caller)
    draft.tell(draft.incident.held_by, "helper_joined", by=draft.name(fact.by))
    draft.result = "joined"


def too_late(draft: Draft, fact: HumanAct) -> None:
    """Somebody else has it already; said kindly, with who and since when."""
    holder = draft.name(draft.incident.held_by)
    draft.why(f"{holder} had taken it already")
    answer(draft, fact, "too_late", by=holder)
    draft.result = "taken by other"


def is_closed(draft: Draft, fact: Fact) -> None:
    """The incident was closed before; nothing to do."""
    assert isinstance(fact, HumanAct)
    closed_by, at = draft.incident.resolved_by, draft.incident.resolved_at
    draft.why("it was closed already")
    answer(draft, fact, "closed", by=draft.name(closed_by), since=draft.time(at, fact.by))
    draft.result = "already closed"


def answer(draft: Draft, fact: HumanAct, about: str, **more: str) -> None:
    """Says to a texter what their text did; whoever used another door is answered there."""
    if fact.how == "sms":
        draft.page(fact.by)
        draft.tell(fact.by, about, **more)


def pass_on(draft: Draft, fact: Fact) -> None:
    """Not me, the next please: the step goes on with those who are left in it, else the next one is paged now."""
    assert isinstance(fact, Passed)
    incident = draft.incident
    if incident.status in {Status.WAITING, Status.DECLINED}:
        nobody_called(draft)
    elif incident.held_by == fact.by:
        let_go(draft, fact)
    elif not incident.calling:
        too_late(draft, fact)
    elif incident.page_of(fact.by) is None:
        draft.why(f"{draft.name(fact.by)} was not paged, so has nothing to pass on")
        draft.result = "not paged"
    else:
        decline_page(draft, fact)


def nobody_called(draft: Draft) -> None:
    """Nothing is being paged, so there is nothing to do."""
    draft.why("nobody is being called for it")
    draft.result = "not open"


def decline_page(draft: Draft, fact: HumanAct) -> None:
    """One of those being called hands on."""
    draft.keep(replace(draft.page(fact.by), passed_at=draft.at))
    draft.clock(reach.CLOCK + fact.by, None)
    if fact.how != "voice":
        reach.end_calls_to(draft, draft.page(fact.by))
    draft.why(f"{draft.name(fact.by)} passed it on")
    draft.result = "passed"
    if called_now(draft):
        answer(draft, fact, "passed", next=next_names(draft, fact.by))
    elif draft.incident.last_resort_called:
        # Paging the same people again at once would only be a fight; the pace of the repeats stays.
        answer(draft, fact, "passed_alone", until=draft.time(draft.incident.clocks["step"], fact.by))
    else:
        advance(draft)
        answer(draft, fact, "passed", next=draft.names(tuple(page.person for page in called_now(draft))))


def let_go(draft: Draft, fact: HumanAct) -> None:
    """The holder hands on: the incident is open again and the step behind theirs is paged now."""
    page = draft.page(fact.by)
    release(draft)
    draft.keep(replace(page, passed_at=draft.at))
    draft.change(step=max(page.step, draft.incident.step))
    draft.why(f"{draft.name(fact.by)} had it and passed it on")
    advance(draft)
    answer(draft, fact, "passed", next=draft.names(tuple(one.person for one in called_now(draft))))
    draft.result = "passed"


def release(draft: Draft) -> None:
    """Nobody holds the incident any more; it is open. The customer was told that somebody has it, so the next one is announced again."""
    told = tuple(stage for stage in draft.incident.told if stage != "taken")
    draft.change(status=Status.OPEN, held_by="", held_since=None, asked_at=None, helpers=(), told=told, calling=True, called_since=draft.at)
    draft.clock("ask_again", None)
    draft.clock("snooze", None)
    promise.set_clock(draft)


def lapse(draft: Draft) -> None:
    """The holder gave no word: the incident is open at their step again, they and the next step are paged together (decisions.md 25)."""
    holder = draft.incident.held_by
    page = draft.page(holder)
    lapsed = Lapsed(holder=draft.name(holder), since=draft.time(draft.incident.held_since), also=(holder,) if draft.reachable(holder) else ())
    release(draft)
    draft.change(step=max(page.step, draft.incident.step))
    draft.why(f"no word from {lapsed.holder}: the acknowledgement has lapsed")
    advance(draft, lapsed)
    draft.result = "lapsed"


def escalate(draft: Draft, fact: Fact) -> None:
    """A human wants the next step now: instead of waiting, or as help for the holder."""
    assert isinstance(fact, Escalated)
    answer_question(draft, fact)
    if draft.incident.status in {Status.WAITING, Status.DECLINED}:
        draft.why(f"{draft.name(fact.by)} wants it paged now")
        opening.plan_anew(draft)
        opening.start_paging(draft)
    else:
        draft.why(f"{draft.name(fact.by)} {'asks for help' if draft.incident.held_by else 'escalates'}")
        if not draft.incident.calling:
            draft.change(called_since=draft.at)
        advance(draft)
        if draft.incident.held_by:
            called = draft.names(tuple(page.person for page in called_now(draft)))
            draft.tell(draft.incident.held_by, "help_coming", next=called)
    draft.result = "escalated"


def contacted(draft: Draft, fact: Fact) -> None:
    """A human reached the customer. Who did so without holding it takes a free incident too: they are on it."""
    assert isinstance(fact, Contacted)
    if not draft.incident.held_by and draft.incident.status is not Status.RESOLVED:
        take(draft, fact)
    answer_question(draft, fact)
    promise.keep(draft)
    draft.why(f"{draft.name(fact.by)} reached the customer")
    answer(draft, fact, "contacted", since=draft.time(draft.at, fact.by), update=draft.time(draft.incident.update_by, fact.by))
    draft.result = "contacted"


def snooze(draft: Draft, fact: Fact) -> None:
    """The holder is asked again after a while; a free incident is taken with it. The promise's clock runs on, and it always ends."""
    assert isinstance(fact, Snoozed)
    if draft.incident.held_by not in {"", fact.by}:
        too_late(draft, fact)
        return
    if not draft.incident.held_by:
        take(draft, fact)
    until = draft.at + timedelta(minutes=fact.minutes)
    draft.change(status=Status.SNOOZED, asked_at=None)
    draft.clock("ask_again", None)
    draft.clock("snooze", until)
    draft.why(f"{draft.name(fact.by)} is asked again in {fact.minutes} min")
    answer(draft, fact, "snoozed", until=draft.time(until, fact.by))
    draft.result = "snoozed"


def resolve(draft: Draft, fact: Fact) -> None:
    """A human closes it: nothing is sent any more but the goodbyes, and the customer is told who closed it."""
    assert isinstance(fact, Resolved)
    draft.page(fact.by)
    draft.change(status=Status.RESOLVED, calling=False, clocks={}, resolved_at=draft.at, resolved_by=fact.by)
    end_calls(draft, fact)
    draft.why(f"closed by {draft.name(fact.by)}" + (f": {fact.note}" if fact.note else ""))
    stand_down(draft, "stand_down_closed", by=fact.by)
    holder = draft.incident.held_by
    if holder and holder != fact.by:
        draft.tell(holder, "stand_down_closed", by=draft.name(fact.by))
    answer(draft, fact, "closed_by_you")
    draft.notify("resolved", by=draft.public_name(fact.by), since=customer.time(draft, draft.at))
    draft.result = "resolved"


def note(draft: Draft, fact: Fact) -> None:
    """Words are kept; the customer's reach whoever holds the incident."""
    assert isinstance(fact, Noted)
    answer_question(draft, fact)
    if fact.decision:
        # Kept apart: in the log and in reports, not among the words about what is broken.
        draft.why(f"{draft.name(fact.by)} decided this by their own authority")
        draft.result = "decided"
        return
    opening.add_words(draft, fact.text)
    draft.why("the customer wrote" if fact.by == "customer" else f"note by {draft.name(fact.by)}")
    draft.result = "noted"
    if fact.by == "customer":
        if draft.incident.held_by:
            draft.tell(draft.incident.held_by, "customer_words", details=fact.text)
        draft.notify("added")
