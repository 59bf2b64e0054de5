"""What became of the sends: a page that was handed over starts the step's wait, one that failed for good moves on at once."""

from __future__ import annotations

from dataclasses import replace

from oncall.core.escalation.draft import Draft
from oncall.core.escalation.steps import LAST_RESORT, advance, called_now, exhausted, last_resort, page_person
from oncall.core.escalation.taking import late_page
from oncall.core.messages import Delivered, Fact, HandedOver, Page, PageState, SendFailed, SendUnknown
from oncall.core.texts_en import CUSTOMER


def page_of_order(draft: Draft, order: str) -> Page | None:
    """The page that the order `order` was (the newest of its person or an older one), None for other texts."""
    _, _, about, who, _ = order.split("/")
    return draft.incident.page_of(who) if about.startswith("page") else None


def handed_over(draft: Draft, fact: Fact) -> None:
    """A provider has the page: the step's wait begins with the first, and the customer may be told that we are calling."""
    assert isinstance(fact, HandedOver)
    page = page_of_order(draft, fact.order)
    if page is None:
        return
    newest = page.order == fact.order
    # A receipt may come before the answer to the request that it is about, and knows more.
    known = not newest or page.state in {PageState.FAILED, PageState.DELIVERED}
    draft.keep(replace(page, reached=True, state=page.state if known else PageState.HANDED_OVER))
    draft.why(f"the page to {draft.name(page.person)} was handed over")
    late_page(draft, page.person)
    if newest and page.state is not PageState.FAILED and draft.incident.calling:
        begin_wait(draft, page)
    if draft.incident.calling and not draft.incident.held_by and "received" not in draft.incident.told:
        draft.notify("received")
        draft.clock("notice", None)


def begin_wait(draft: Draft, page: Page) -> None:
    """The wait of the step now paged runs from its first hand-over (decisions.md 6)."""
    incident = draft.incident
    if incident.step_began is None and page.step in {incident.step, LAST_RESORT} and incident.steps:
        draft.change(step_began=draft.at)
        draft.clock("step", draft.at + incident.steps[incident.step].wait)


def failed(draft: Draft, fact: Fact) -> None:
    """A text was definitely not sent. When all pages of the step failed, the next step and the last resort are paged at once."""
    assert isinstance(fact, SendFailed)
    about, who = fact.order.split("/")[2:4]
    draft.why(f"the text '{about}' to {draft.name(who)} failed: {fact.reason}")
    if fact.way_broken and about not in CUSTOMER:
        draft.tell_admins("way_broken", by=draft.name(who), phone=draft.phone(who), reason=fact.reason)
    if about in CUSTOMER:
        customer_not_told(draft, fact)
    page = page_of_order(draft, fact.order)
    if page is None or page.order != fact.order:
        return
    draft.keep(replace(page, state=PageState.FAILED))
    ringing = called_now(draft)
    if draft.incident.calling and ringing and all(one.state is PageState.FAILED for one in ringing):
        step_failed(draft)


def customer_not_told(draft: Draft, fact: SendFailed) -> None:
    """The customer could not be told: whoever holds the incident, else the admins, must know."""
    if draft.incident.held_by:
        draft.tell(draft.incident.held_by, "customer_not_told", reason=fact.reason)
    else:
        draft.tell_admins("customer_not_told", reason=fact.reason)


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


def unknown(draft: Draft, fact: Fact) -> None:
    """Nobody can say whether the page arrived: it may have, so its reader is stood down with the others; the step goes on."""
    assert isinstance(fact, SendUnknown)
    page = page_of_order(draft, fact.order)
    if page is None:
        return
    known = page.order != fact.order or page.state in {PageState.FAILED, PageState.DELIVERED}
    draft.keep(replace(page, reached=True, state=page.state if known else PageState.UNKNOWN))
    draft.why(f"it is unknown whether the page to {draft.name(page.person)} arrived: {fact.reason}")
    late_page(draft, page.person)


def delivered(draft: Draft, fact: Fact) -> None:
    """A receipt is noted; it acknowledges nothing."""
    assert isinstance(fact, Delivered)
    page = page_of_order(draft, fact.order)
    if page is not None and page.order == fact.order and page.state in {PageState.ORDERED, PageState.HANDED_OVER, PageState.UNKNOWN}:
        draft.keep(replace(page, state=PageState.DELIVERED))
    draft.why("delivered")
