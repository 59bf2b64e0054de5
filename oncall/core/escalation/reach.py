"""Personal reach: over which ways one person is paged, one after the other, and how trouble on one way brings the next forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.core.escalation.draft import Draft
from oncall.core.incident import RINGING, WELL
from oncall.core.messages import OrderKind, Page, PageState, PageTry

SILENT_AFTER = timedelta(seconds=60)
"""A text without a receipt after this long counts as not arrived: the next way is used (invariant I13 of reliability.md)."""
CALL_LASTS = timedelta(seconds=90)
"""A call younger than this may still ring, or its menu be listened to: 20 s of ringing, and three rounds of menu and silence."""
CLOCK = "reach/"
"""The clock `reach/<person>`: when the next step of their personal reach is due (decisions.md 4)."""
RANKS = {
    PageState.ORDERED: 0,
    PageState.TRYING_AGAIN: 1,
    PageState.UNKNOWN: 2,
    PageState.HANDED_OVER: 3,
    PageState.DELIVERED: 4,
    PageState.FAILED: 5,
    PageState.UNANSWERED: 5,
}
"""What is known of a try only grows: a receipt may come before the answer to the request that it is about, and knows more (I16)."""


def begin(draft: Draft, who: str, about: str, step: int, values: dict[str, str]) -> None:
    """Pages `who` anew, whatever they said before: the first step of their reach that can be used is ordered now, the next gets its clock."""
    page = draft.page(who)
    # A telephone that rings already rings for this page too; a second call would only find it busy.
    ringing = tuple(one for one in page.tries if one.way == "voice" and one.state in WELL and one.at > draft.at - CALL_LASTS)
    draft.keep(replace(page, step=step, tries=ringing, reach_done=0, paged_at=draft.at, passed_at=None))
    following = next_step(draft, who)
    if following is not None:
        order_step(draft, who, following, about, values, but=frozenset(one.way for one in ringing))
        make_up_for_lost(draft, who, following)
    set_clock(draft, who)


def make_up_for_lost(draft: Draft, who: str, index: int) -> None:
    """A way that should wake `who` by now cannot be used, and none other does: that is a failure like any, so the next one is used at once."""
    planned = {way for step in draft.planned_reach(who)[: index + 1] for way in step.ways} & RINGING
    used = {one.way for one in draft.page(who).tries}
    if planned and not used & RINGING:
        go_on(draft, who, but=frozenset(planned | used))


def next_step(draft: Draft, who: str, but: frozenset[str] = frozenset()) -> int | None:
    """The next step of the reach of `who` that has a way to use, other than those of `but`; None: there is none left."""
    plan = draft.reach(who)
    done = draft.page(who).reach_done
    return next((index for index in range(done, len(plan)) if set(plan[index].ways) - but), None)


def order_step(draft: Draft, who: str, index: int, about: str, values: dict[str, str], but: frozenset[str]) -> None:
    """Orders the page to `who` over the ways of step `index`, but for those of `but`, which have just failed."""
    plan = draft.reach(who)
    page = draft.page(who)
    ways = tuple(way for way in plan[index].ways if way not in but)
    others = {way for step in plan[index:] for way in step.ways} | {one.way for one in page.tries if one.state in WELL}
    tries = []
    for way in ways:
        address = draft.address(who, way) or draft.addresses(who, way)[0]
        only = not (others - {way}) & RINGING
        order = draft.order(OrderKind.PAGE, about, who, way, address, draft.words(who, way, about, values), only_way=only)
        tries.append(PageTry(order=order.id, way=way, at=draft.at))
    draft.keep(replace(page, tries=(*page.tries, *tries), reach_done=index + 1))


def go_on(draft: Draft, who: str, but: frozenset[str] = frozenset()) -> bool:
    """Does the next step of the reach of `who` now, by another way than those of `but`; False if there is none."""
    index = next_step(draft, who, but)
    if index is None:
        return False
    about = "page_help" if draft.incident.held_by else "page_repeat"
    order_step(draft, who, index, about, draft.values(who, next="the next"), but)
    tries = draft.page(who).tries
    draft.why(f"paging {draft.name(who)} by {' and '.join(one.way for one in tries if one.at == draft.at)}")
    return True


def came_due(draft: Draft, who: str) -> None:
    """The clock of a person's reach is due: their next step, if they are still wanted."""
    if wanted(draft, draft.page(who)):
        go_on(draft, who)
    set_clock(draft, who)


def wanted(draft: Draft, page: Page) -> bool:
    """Whether the person of `page` is still being called by this round of theirs."""
    incident = draft.incident
    if not incident.calling or incident.called_since is None or page.person == incident.held_by:
        return False
    return page.passed_at is None and bool(page.tries) and page.paged_at >= incident.called_since


def note(draft: Draft, order: str, state: PageState, provider_id: str = "") -> Page | None:
    """Notes what became of a try; the page with it, or None if `order` belongs to no round that is still running.

    What is known only grows: an older or a lesser news changes nothing.
    """
    page = draft.incident.page_of(order.split("/")[3])
    known = page.try_of(order) if page is not None else None
    if page is None or known is None:
        return None
    if RANKS[state] > RANKS[known.state]:
        known = replace(known, state=state, since=draft.at)
    known = replace(known, provider_id=known.provider_id or provider_id)
    page = replace(page, tries=tuple(known if one.order == order else one for one in page.tries))
    draft.keep(page)
    return page


def after_news(draft: Draft, page: Page) -> None:
    """Something is known of a try: when nothing that could wake this person is well any more, another way is used at once."""
    if not wanted(draft, page):
        return
    if not any(one.state in WELL for one in page.waking):
        go_on(draft, page.person, but=frozenset(one.way for one in page.waking))
    set_clock(draft, page.person)


def set_clock(draft: Draft, who: str) -> None:
    """Sets the clock of a person's next step: as planned, or sooner when a text stays without a receipt and the step has another way."""
    page = draft.page(who)
    index = next_step(draft, who)
    if index is None or not wanted(draft, page):
        draft.clock(CLOCK + who, None)
        return
    step = draft.reach(who)[index]
    due = page.paged_at + step.after
    silent = silent_at(page)
    if silent is not None and set(step.ways) - {one.way for one in page.tries}:
        due = min(due, silent)
    # A plan that was made shorter meanwhile is caught up with, one step at a time.
    draft.clock(CLOCK + who, max(due, draft.at + timedelta(seconds=1)) if due <= draft.at else due)


def silent_at(page: Page) -> datetime | None:
    """When the texts of this round count as not arrived; None if one did, or none is under way."""
    texts = [one for one in page.tries if one.way == "sms"]
    if any(one.state is PageState.DELIVERED for one in texts):
        return None
    handed = [one.since for one in texts if one.state is PageState.HANDED_OVER and one.since is not None]
    return min(handed) + SILENT_AFTER if handed else None


def stop_clocks(draft: Draft) -> None:
    """Nobody is called any more, or only anew."""
    draft.change(clocks={name: at for name, at in draft.incident.clocks.items() if not name.startswith(CLOCK)})


def end_calls(draft: Draft, *, but: str = "") -> None:
    """Ends every call that rings, except with `but`, who speaks to us in it right now."""
    for page in draft.incident.pages:
        if page.person != but:
            end_calls_to(draft, page)


def end_calls_to(draft: Draft, page: Page) -> None:
    """Ends the calls that ring with one person; one that was answered goes on, and its next key is answered with the truth."""
    for one in page.tries:
        if one.way == "voice" and one.state is PageState.HANDED_OVER and one.provider_id:
            draft.order(OrderKind.HANG_UP, f"hang_up.{one.order.split('/')[1]}", page.person, "voice", one.provider_id, "")
            note(draft, one.order, PageState.UNANSWERED)
