"""A bug of ours in the middle of the night: what cannot be decided is kept, shouted about, and ended only by a human."""

from __future__ import annotations

import pytest

from oncall.core.escalation import View, decide
from oncall.core.messages import Decision, Fact, Incident, Reported, Status, TimeCame
from oncall.core.model import Handbook
from oncall.engine import desk
from tests.stories.story import Story, tell


def plant(monkeypatch: pytest.MonkeyPatch, kind: type[Fact], summary: str) -> None:
    """From now on deciding this kind of fact about this report raises."""

    def broken(incident: Incident | None, fact: Fact, handbook: Handbook, view: View, *, case: str = "") -> Decision:
        about = incident.summary if incident else getattr(fact, "summary", "")
        if isinstance(fact, kind) and about == summary:
            raise RuntimeError("planted")
        return decide(incident, fact, handbook, view, case=case)

    monkeypatch.setattr(desk, "decide", broken)


def test_an_incident_whose_clock_cannot_be_decided_shouts_until_a_human_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this one is parked; another goes on as if nothing were (reliability.md, fault 39)."""
    plant(monkeypatch, TimeCame, "Checkout is down")

    async def night(story: Story) -> None:
        await story.report("Checkout is down")
        await story.report("Backups fail", by="+31655504321")
        await story.after(minutes=5)
        story.expect("mats", "TROUBLE: Northwind, Checkout is down could not be handled (RuntimeError: planted)")
        story.expect("ben", "Backups fail")
        await story.after(minutes=5)
        story.expect("mats", "TROUBLE: Northwind, Checkout is down could not be handled")
        assert (await story.act("resolve", "mats")).result == "resolved"
        assert story.incident().status is Status.RESOLVED
        await story.after(minutes=11)
        assert not any("TROUBLE" in words for words in story.texts("mats")[2:])

    tell(night, checked=False)


def test_a_report_that_cannot_even_be_triaged_is_kept_and_wakes_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted is accepted: the words are there, and a human hears of them."""
    plant(monkeypatch, Reported, "Checkout is down")

    async def night(story: Story) -> None:
        outcome = await story.report("Checkout is down")
        assert (outcome.result, outcome.status, outcome.incident) == ("parked", "open", "1001")
        story.expect("mats", "could not be handled")
        assert story.incident().summary == "Checkout is down"
        assert (await story.act("resolve", "mats")).result == "resolved"

    tell(night, checked=False)
