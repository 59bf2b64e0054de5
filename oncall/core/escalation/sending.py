"""What became of the sends: a page that was handed over starts the step's wait, one that failed for good moves on at once."""

from __future__ import annotations

from dataclasses import replace

from oncall.core.escalation import customer, reach
from oncall.core.escalation.draft import Draft
from oncall.core.escalation.steps import advance, called_now, exhausted, last_resort, page_person
from oncall.core.incident import LAST_RESORT, RINGING
from oncall.core.messages import CallEnded, Delivered, Fact, HandedOver, Page, PageState, SendFailed, SendPostponed, SendUnknown, Status
from oncall.core.texts_en import CUSTOMER

NOT_THERE = frozenset({PageState.ORDERED, PageState.TRYING_AGAIN, PageState.FAILED})
"""States in which a page is not with its reader."""
WAYS_IN_WORDS = {"sms": "text", "voice": "telephone", "slack": "Slack"}


def page_of_order(draft: Draft, order: str) -> Page | None:
    """The page that the order `order` was (of its person's newest round or an older one), None for other texts."""
    _, _, about, who, _ = order.split("/")
    return draft.incident.page_of(who) if about.startswith("page") else None


def way_of(order: str) -> str:
    """The way of the order with this id."""
    return order.split("/")[4]


def handed_over(draft: Draft, fact: Fact) -> None:
    """A provider has the page: the step's wait begins with the first, and the customer may be told that we are calling."""
    assert isinstance(fact, HandedOver)
    page = page_of_order(draft, fact.order)
    if page is None:
        return
    draft.why(f"the page to {draft.name(page.person)} by {way_of(fact.order)} was handed over")
    arrived(draft, page, fact.order, PageState.HANDED_OVER, fact.provider_id)
    page = draft.page(page.person)
    sent = page.try_of(fact.order)
    calling = draft.incident.calling
    if calling and sent is not None and sent.state is not PageState.FAILED:
        begin_wait(draft, page)
    if calling and not draft.incident.held_by and "received" not in draft.incident.told and way_of(fact.order) in RINGING:
        # A message in Slack wakes nobody, so it would be too early to say that we are calling.
        draft.notify("received")
        draft.clock("notice", None)


def arrived(draft: Draft, page: Page, order: str, state: PageState, provider_id: str = "") -> None:
    """A page is, or may be, with its reader: if that is over by now they are told so, once for all its ways."""
    others = (one for one in page.tries if one.order != order)
    first = page.try_of(order) is None or all(one.state in NOT_THERE for one in others)
    draft.keep(replace(page, reached=page.reached or draft.incident.calling or first))
    noted = reach.note(draft, order, state, provider_id)
    if first:
        late_page(draft, page.person)
    elif not draft.incident.calling:
        reach.end_calls_to(draft, draft.page(page.person))
    if noted is not None:
        reach.after_news(draft, noted)


def late_page(draft: Draft, who: str) -> None:
    """A page that was already under way arrived after the end of the calling: its reader is told at once who has it."""
    page = draft.page(who)
    incident = draft.incident
    if incident.calling:
        return
    reach.end_calls_to(draft, page)
    if who == incident.held_by:
        return
    if incident.status is Status.WAITING:
        draft.tell(who, "stand_down_waits", opening=draft.time(incident.clocks.get("opening"), who))
    else:
        by = incident.resolved_by or incident.held_by
        draft.tell(who, "stand_down_closed" if incident.resolved_by else "stand_down", by=draft.name(by))
    draft.keep(replace(draft.page(who), reached=False))


def begin_wait(draft: Draft, page: Page) -> None:
    """The wait of the step now paged runs from its first hand-over, or from the grace after it was due, whichever is first (decisions.md 6)."""
    incident = draft.incident
    if incident.step_began is None and incident.steps and page.person in {one.person for one in called_now(draft)}:
        over = draft.at + incident.steps[incident.step].wait
        draft.change(step_began=draft.at)
        draft.clock("step", min(over, incident.clocks.get("step", over)))


def failed(draft: Draft, fact: Fact) -> None:
    """A text was definitely not sent. When all pages of the step failed, the next step and the last resort are paged at once."""
    assert isinstance(fact, SendFailed)
    about, who = fact.order.split("/")[2:4]
    draft.why(f"the message '{about}' to {draft.name(who)} by {way_of(fact.order)} failed: {fact.reason}")
    if fact.way_broken and about not in CUSTOMER:
        way = way_of(fact.order)
        draft.tell_admins("way_broken", by=draft.name(who), way=WAYS_IN_WORDS[way], phone=draft.address(who, way), reason=fact.reason)
    if about in CUSTOMER:
        customer.may_not_have_it(draft, fact.order, fact.reason)
    page = reach.note(draft, fact.order, PageState.FAILED) if page_of_order(draft, fact.order) is not None else None
    if page is None:
        return
    reach.after_news(draft, page)
    ringing = called_now(draft)
    if draft.incident.calling and ringing and all(one.failed for one in ringing):
        step_failed(draft)


def step_failed(draft: Draft) -> None:
    """Every page of this step failed for good: nobody is waited for, and the last resort joins (decisions.md 24).

    Behind the last step there is nobody new to go on to, so the repeats keep their pace.
    """
    incident = draft.incident
    more_steps = incident.step + 1 < len(incident.steps) or incident.round < incident.rounds
    draft.why("all pages of this step failed")
    if more_steps:
        advance(draft)
        if not draft.incident.last_resort_called:
            call_last_resort(draft)
    elif not incident.last_resort_called:
        exhausted(draft)
    else:
        draft.why("they are repeated when the step's wait is over")


def call_last_resort(draft: Draft) -> None:
    """The last resort is paged beside the step that was just paged."""
    ringing = {page.person for page in called_now(draft)}
    draft.change(last_resort_called=True)
    for who in last_resort(draft):
        if who not in ringing and who != draft.incident.held_by:
            page_person(draft, who, "page_last_resort", LAST_RESORT)
    draft.why("the last resort joins")


def postponed(draft: Draft, fact: Fact) -> None:
    """A page was surely not sent yet and is tried again; meanwhile another way is used."""
    assert isinstance(fact, SendPostponed)
    page = reach.note(draft, fact.order, PageState.TRYING_AGAIN) if page_of_order(draft, fact.order) is not None else None
    draft.why(f"the page by {way_of(fact.order)} is tried again: {fact.reason}")
    if page is not None:
        reach.after_news(draft, page)


def unknown(draft: Draft, fact: Fact) -> None:
    """Nobody can say whether a page arrived: it may have, so its reader is stood down with the others; another way is used, the step goes on."""
    assert isinstance(fact, SendUnknown)
    page, about = page_of_order(draft, fact.order), fact.order.split("/")[2]
    if about in CUSTOMER:
        draft.why(f"it is unknown whether the notice '{about}' by {way_of(fact.order)} arrived: {fact.reason}")
        customer.may_not_have_it(draft, fact.order, fact.reason)
    if page is None:
        return
    draft.why(f"it is unknown whether the page to {draft.name(page.person)} by {way_of(fact.order)} arrived: {fact.reason}")
    arrived(draft, page, fact.order, PageState.UNKNOWN)


def delivered(draft: Draft, fact: Fact) -> None:
    """A receipt is noted; it acknowledges nothing."""
    assert isinstance(fact, Delivered)
    page = reach.note(draft, fact.order, PageState.DELIVERED) if page_of_order(draft, fact.order) is not None else None
    draft.why("delivered")
    if page is not None:
        reach.after_news(draft, page)


def call_ended(draft: Draft, fact: Fact) -> None:
    """A call ended without a key: whoever or whatever answered it, nobody has taken it, and nothing is acknowledged."""
    assert isinstance(fact, CallEnded)
    page = reach.note(draft, fact.order, PageState.UNANSWERED) if page_of_order(draft, fact.order) is not None else None
    draft.why(f"the call ended without a key: {fact.reason}")
    if page is not None:
        reach.after_news(draft, page)
