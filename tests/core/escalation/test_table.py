"""The table is total, decisions repeat exactly, and no sequence of facts whatever breaks the invariants."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.escalation import TABLE, decide
from oncall.core.messages import ACTS, FACTS, FINAL, Contact, Delivered, MarkedUrgent, OrderKind, Reported, SendFailed, SendUnknown, Status
from tests.core.escalation.player import FixedView, Player

PEOPLE = ("ana", "ben", "chloe", "priya", "mats")


@pytest.mark.parametrize("status", Status)
def test_every_state_has_a_handler_for_every_fact(status: Status) -> None:
    """A fact without a handler would be found at three in the morning."""
    assert set(TABLE[status]) == set(FACTS.values())


def test_the_same_fact_on_the_same_incident_is_the_same_decision() -> None:
    """So an order that is decided twice is ordered once."""
    player = Player()
    twice = [decide(None, player.report, player.book, FixedView(), case="K7F2") for _ in range(2)]
    assert twice[0] == twice[1]
    assert len({order.id for order in player.orders}) == len(player.orders)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("act"), st.sampled_from(sorted(set(ACTS) - {"note", "snooze", "update", "reclassify"})), st.sampled_from(PEOPLE)),
        st.tuples(st.just("call it"), st.sampled_from(["sev1", "sev2", "sev3"]), st.sampled_from(PEOPLE)),
        st.tuples(st.just("wait"), st.floats(0, 40), st.none()),
        st.tuples(st.just("stall"), st.floats(0, 600), st.none()),
        st.tuples(st.just("sent"), st.sampled_from([SendFailed, SendUnknown, Delivered]), st.integers(0, 5)),
        st.tuples(st.just("again"), st.sampled_from(["", "sev1", "sev3"]), st.none()),
        st.tuples(st.just("urgent"), st.none(), st.none()),
    ),
    max_size=14,
)


@given(steps=STEPS, hand_over=st.booleans(), summary=st.sampled_from(["It is down", "A question"]))
@settings(max_examples=250, deadline=None)
def test_whatever_happens_the_incident_stays_whole(steps: list[tuple[str, object, object]], hand_over: bool, summary: str) -> None:
    """After any facts: what is not over has a next action, nobody is paged who is not wanted, no notice is untrue, codes are unique."""
    player = Player(hand_over=hand_over, summary=summary)
    for step in steps:
        happen(player, *step)
        incident = player.incident
        assert (incident.wake_at is None) == (incident.status in FINAL)
        assert incident.calling == (incident.status is Status.OPEN) or (incident.calling and incident.held_by)
        assert bool(incident.held_by) == (incident.status in {Status.ACKNOWLEDGED, Status.SNOOZED}) or incident.status in FINAL
        assert all(decision.because for decision in player.decisions)
        assert len({page.person for page in incident.pages}) == len(incident.pages)
        for order in player.wanted():
            if order.kind is OrderKind.PAGE:
                assert incident.calling
            elif order.about in {"received", "late", "exhausted"}:
                assert incident.status is Status.OPEN
            elif order.about == "taken":
                assert incident.held_by


def happen(player: Player, what: str, first: object, second: object) -> None:
    """One step of a random night."""
    if what == "act":
        player.act(str(first), str(second))
    elif what == "call it":
        player.act("reclassify", str(second), severity=str(first))
    elif what == "wait":
        player.after(minutes=float(str(first)))
    elif what == "stall" and player.incident.wake_at is not None:
        player.stalled(minutes=float(str(first)))
    elif what == "again":
        player.fact(Reported(at=player.at, seed="cd" * 16, source="api", channel="api", summary="again", severity=str(first), contact=Contact()))
    elif what == "urgent":
        player.fact(MarkedUrgent(at=player.at))
    elif what == "sent" and (pages := [order for order in player.orders if order.kind is OrderKind.PAGE]):
        assert isinstance(first, type)
        assert isinstance(second, int)
        reason = {} if first is Delivered else {"reason": "refused"}
        player.fact(first(at=player.at, order=pages[second % len(pages)].id, **reason))
