"""Shadows: whoever learns gets copies of what is paged, is never responsible, and what they say takes nothing (rotations.md 5)."""

from __future__ import annotations

from oncall.core.escalation.draft import Draft


def copy_step(draft: Draft, index: int, called: str) -> None:
    """Tells the shadows of a step's rotations who is called, in the first round only; never somebody who is or was paged themselves."""
    paged = {page.person for page in draft.incident.pages if page.tries}
    for who in draft.shadows((index,)) if draft.incident.round == 1 else ():
        if who not in paged:
            draft.tell(who, "shadow", by=called)


def is_shadow(draft: Draft, who: str) -> bool:
    """Whether `who` gets copies of this incident and was never paged for it."""
    page = draft.incident.page_of(who)
    return (page is None or not page.tries) and who in draft.shadows(range(len(draft.incident.steps)))


def take_nothing(draft: Draft, who: str) -> None:
    """A shadow said "mine": nothing changes. They have no code, so whatever door they used shows the reason."""
    draft.why(f"{draft.name(who)} only shadows, so nothing was taken")
    draft.result = "only a shadow"
