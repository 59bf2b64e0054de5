"""Forgetting: what a closed incident still says after names, numbers and words were taken out of it, and that nothing more is done with it."""

from __future__ import annotations

from oncall.core.escalation import taking
from oncall.core.escalation.draft import Draft
from oncall.core.messages import Contact, Fact, Forgotten, HumanAct, MarkedUrgent

FORGOTTEN = "(forgotten)"
"""What stands where words were."""
RETENTION = "retention"
"""Who forgets when a case is older than it is to be kept."""


def forget(draft: Draft, fact: Fact) -> None:
    """Keeps what is counted: times, steps, pages, service, severity, who of us did what. Everything the reporter said or left is gone."""
    assert isinstance(fact, Forgotten)
    draft.change(
        summary=FORGOTTEN,
        details="",
        customer="",
        customer_id="",
        contact=Contact(),
        dedup_key="",
        said={},
        because=FORGOTTEN,
        forgotten_at=draft.at,
        forgotten_by=fact.by,
    )
    by = "because it is older than it is kept" if fact.by == RETENTION else f"by {draft.name(fact.by)}"
    draft.why(f"names, numbers and words were forgotten {by}; the figures stay")
    draft.result = "forgotten"


def not_over(draft: Draft, fact: Fact) -> None:
    """Nothing is forgotten while somebody may still need it (I35)."""
    assert isinstance(fact, Forgotten)
    draft.why("it is not over, so nothing of it is forgotten")
    draft.result = "not over"


def says_nothing(draft: Draft, fact: Fact) -> None:
    """Somebody wants something of an incident that nobody can know any more: whom to call, and about what."""
    assert isinstance(fact, HumanAct | MarkedUrgent)
    draft.why("it was forgotten: nobody knows any more what it was and whom to call; report what is wrong as a new emergency")
    draft.result = "forgotten"
    if isinstance(fact, HumanAct) and draft.incident.resolved_at is not None:
        since = draft.time(draft.incident.resolved_at, fact.by)
        taking.answer(draft, fact, "closed", by=draft.name(draft.incident.resolved_by), since=since)


def is_past(draft: Draft, fact: Fact) -> bool:
    """Whether the fact asks something of an incident that was forgotten. What a provider says of a message is heard all the same."""
    return draft.incident.forgotten_at is not None and isinstance(fact, HumanAct | MarkedUrgent)
