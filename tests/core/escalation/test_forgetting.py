"""Forgetting decides on closed incidents alone; what is forgotten keeps its figures, and nothing more is done with it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from oncall.core.messages import ACTS, Delivered, Forgotten, MarkedUrgent, OrderKind, Snoozed, Status
from tests.core.escalation.player import Player
from tests.simulation.world import START

WISH = Forgotten(at=START, by="ben", how="cli")
GONE = {"summary", "details", "customer", "customer_id", "contact", "dedup_key", "because"}


def closed() -> Player:
    """An incident of a customer, taken and resolved."""
    player = Player(details="Cards are refused", customer="Northwind", dedup_key="till 17")
    player.act("acknowledge", "ana")
    player.act("resolve", "ana")
    return player


def test_of_a_closed_incident_only_what_was_said_and_who_said_it_goes() -> None:
    player = closed()
    before = player.incident
    decision = player.fact(WISH)
    after = decision.incident
    assert (decision.result, decision.orders) == ("forgotten", ())
    changed = {one.name for one in fields(after) if getattr(after, one.name) != getattr(before, one.name)}
    assert changed == (GONE - {"customer_id"}) | {"turn", "forgotten_at", "forgotten_by"}, "this customer was not in the handbook"
    assert (after.forgotten_at, after.forgotten_by, after.summary, after.label) == (player.at, "ben", "(forgotten)", "case K7F2")


def test_words_that_could_go_by_another_way_are_forgotten_with_the_rest() -> None:
    """What a human wrote to the customer is kept until it is surely told, and not longer than the case."""
    player = Player(email="dana@customer.example", ways=("sms", "email"))
    player.act("acknowledge", "ana")
    player.act("update", "ana", text="Dana, we found it.")
    player.act("resolve", "ana")
    assert player.incident.said["update"].values["words"] == "Dana, we found it."
    assert player.fact(WISH).incident.said == {}


@pytest.mark.parametrize("verbs", [(), ("acknowledge",), ("acknowledge", "snooze")])
def test_an_incident_that_is_not_over_is_not_forgotten(verbs: tuple[str, ...]) -> None:
    player = Player()
    for verb in verbs:
        player.act(verb, "ana", **({"minutes": 5} if ACTS[verb] is Snoozed else {}))
    before = player.incident
    decision = player.fact(WISH)
    assert (decision.result, decision.orders, decision.incident) == ("not over", (), before.changed(turn=before.turn + 1))


@pytest.mark.parametrize("verb", sorted(ACTS))
def test_nobody_can_do_anything_with_what_is_forgotten(verb: str) -> None:
    """Neither does anybody know whom to call: who wants it open again reports anew."""
    player = closed()
    player.fact(WISH)
    more = {"minutes": 5} if ACTS[verb] is Snoozed else {"text": "x"} if verb in {"note", "update"} else {}
    decision = player.act(verb, "ana", **more)
    assert (decision.result, decision.incident.status, decision.incident.details) == ("forgotten", Status.RESOLVED, "")
    assert "report what is wrong as a new emergency" in decision.because
    assert player.told(decision) == [("ana", "closed")]
    assert player.told(decision, OrderKind.PAGE) == player.told(decision, OrderKind.NOTIFY) == []


def test_an_urgent_word_of_an_old_text_pages_nobody_about_nothing() -> None:
    player = closed()
    player.fact(WISH)
    decision = player.fact(MarkedUrgent(at=START))
    assert (decision.result, decision.orders) == ("forgotten", ())


def test_a_receipt_that_comes_late_is_heard_all_the_same() -> None:
    player = closed()
    page = next(one for one in player.orders if one.kind is OrderKind.PAGE)
    player.fact(WISH)
    decision = player.fact(Delivered(at=START, order=page.id))
    assert decision.because == "delivered"
