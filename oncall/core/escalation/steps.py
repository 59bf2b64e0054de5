"""Pages the people of a step and goes on to the next; behind the last step the last resort joins and both repeat without end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from oncall.core.escalation import reach, shadowing
from oncall.core.escalation.draft import Draft
from oncall.core.incident import LAST_RESORT
from oncall.core.messages import Page

HAND_OVER_GRACE = timedelta(seconds=20)
"""A step's wait runs from the first hand-over to a provider, but at the latest from this long after it was due (decisions.md 6)."""
REPEAT_WITHOUT_STEPS = timedelta(minutes=5)
"""How often the last resort is paged when the escalation has no step that could give the pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """An acknowledgement that no longer holds: whose (in words), since when, and whether they can be paged again (`also`)."""

    holder: str
    since: str
    also: tuple[str, ...]


def people_of_step(draft: Draft, index: int, *, again: bool = False) -> tuple[str, ...]:
    """Who step `index` pages now: who can be reached, without those who passed it on unless `again`."""
    people = draft.people_of_step(index)
    return tuple(who for who in people if draft.reachable(who) and who != draft.incident.held_by and (again or not has_passed(draft, who)))


def has_passed(draft: Draft, who: str) -> bool:
    """Whether `who` handed this incident on since it was last opened."""
    page = draft.incident.page_of(who)
    return page is not None and page.passed_at is not None


def last_resort(draft: Draft) -> tuple[str, ...]:
    """The last resort's people and bare numbers that can be reached."""
    named = (entry.person or entry.phone or "" for entry in draft.handbook.last_resort)
    return tuple(dict.fromkeys(who for who in named if who and draft.reachable(who)))


def called_now(draft: Draft) -> tuple[Page, ...]:
    """The pages of the round that is ringing now: ordered last, and not passed on."""
    return draft.incident.newest_round


def next_names(draft: Draft, who: str) -> str:
    """Whom a text names when `who` passes it on: the others who ring now, else the first of a later step that has somebody."""
    others = tuple(page.person for page in called_now(draft) if page.person != who)
    if others and draft.incident.calling:
        return draft.names(others)
    for index in range(draft.incident.step + 1, len(draft.incident.steps)):
        people = tuple(one for one in people_of_step(draft, index) if one != who)
        if people:
            return draft.names(people)
    return "the next"


def page_person(draft: Draft, who: str, about: str, step: int, **more: str) -> None:
    """Pages `who` as one of step `step`, by the first step of their personal reach."""
    draft.page(who)
    reach.begin(draft, who, about, step, draft.values(who, next=next_names(draft, who), **more))


def page_step(draft: Draft, index: int, people: tuple[str, ...], lapsed: Lapsed | None) -> None:
    """Pages `people` as step `index`, with them the holder whose acknowledgement has lapsed, and sets the clock of its wait."""
    tried = tuple(page.person for page in called_now(draft) if page.person not in people)
    also = lapsed.also if lapsed else ()
    more = {"holder": lapsed.holder, "since": lapsed.since} if lapsed else {"tried": draft.names(tried)}
    draft.change(step=index, step_began=None, calling=True)
    for who in dict.fromkeys((*also, *people)):
        page_person(draft, who, "page_lapsed" if lapsed else page_text(draft, who, tried), index, **more)
    shadowing.copy_step(draft, index, draft.names(tuple(page.person for page in called_now(draft))))
    draft.clock("step", draft.at + HAND_OVER_GRACE + draft.incident.steps[index].wait)
    draft.why(f"paging {draft.names((*also, *people))} (step {index + 1} of {len(draft.incident.steps)}, round {draft.incident.round})")


def page_text(draft: Draft, who: str, tried: tuple[str, ...]) -> str:
    """Which text a page carries: a call for help, a repeat, a backup's, or the first."""
    page = draft.incident.page_of(who)
    if draft.incident.held_by:
        return "page_help"
    if page is not None and page.tries:
        return "page_repeat"
    return "page_backup" if tried else "page"


def advance(draft: Draft, lapsed: Lapsed | None = None) -> None:
    """Pages the next step that has somebody, without waiting at one that has nobody; behind the last round, the last resort."""
    incident = draft.incident
    index, turn = incident.step, incident.round
    for _ in range(len(incident.steps) * incident.rounds):
        index += 1
        if index >= len(incident.steps):
            if turn >= incident.rounds:
                break
            index, turn = 0, turn + 1
        people = people_of_step(draft, index)
        if people:
            draft.change(round=turn)
            page_step(draft, index, people, lapsed)
            return
        skip_empty(draft, index)
    exhausted(draft, also=lapsed.also if lapsed else ())


def skip_empty(draft: Draft, index: int) -> None:
    """A step that resolves to nobody is skipped without waiting (decisions.md 22); admins learn of it, unless everybody only passed."""
    targets = draft.incident.steps[index].targets
    draft.why(f"step {index + 1} ({', '.join(targets)}) has nobody to page, skipped")
    if not draft.people_of_step(index):
        draft.tell_admins("empty_step", step=str(index + 1), list=", ".join(targets))


def exhausted(draft: Draft, *, also: tuple[str, ...] = ()) -> None:
    """The last step and the last resort are paged together, and will be again after its wait, until somebody acknowledges."""
    incident = draft.incident
    last = max(len(incident.steps) - 1, 0)
    everybody = people_of_step(draft, last, again=True) if incident.steps else ()
    resort = tuple(who for who in last_resort(draft) if who != incident.held_by)
    wait = incident.steps[last].wait if incident.steps else REPEAT_WITHOUT_STEPS
    first = not incident.last_resort_called
    draft.change(step=last, round=incident.rounds, step_began=None, calling=True, last_resort_called=True)
    clear_passed(draft)
    helping = bool(incident.held_by)
    for who in dict.fromkeys((*also, *everybody)):
        if who not in resort:
            page_person(draft, who, page_text(draft, who, ()), last)
    for who in resort:
        page_person(draft, who, "page_help" if helping else "page_last_resort", LAST_RESORT)
    draft.clock("step", draft.at + HAND_OVER_GRACE + wait)
    draft.why(f"the last step has passed unanswered: paging {draft.names((*everybody, *resort)) or 'nobody, there is nobody left'}")
    if first and not helping and draft.incident.promise is not None and draft.incident.promise.pending:
        draft.notify("exhausted")


def clear_passed(draft: Draft) -> None:
    """Everybody may be paged again, those who passed it on too."""
    draft.change(pages=tuple(replace(page, passed_at=None) for page in draft.incident.pages))
