"""Forgetting decides on closed incidents alone; what is forgotten keeps its figures, and nothing more is done with it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from oncall.core.escalation import decide
from oncall.core.incident import Said
from oncall.core.messages import ACTS, Contact, Delivered, Forgotten, Incident, MarkedUrgent, OrderKind, Snoozed, Status
from tests.core.escalation.player import Player
from tests.simulation.world import START

WISH = Forgotten(at=START, by="ben", how="cli")
GONE = {"summary", "details", "customer", "customer_id", "contact", "dedup_key", "because", "said"}
KEPT = {
    *(
        "id",
        "case",
        "seed",
        "turn",
        "status",
        "service",
        "severity",
        "worst",
        "channel",
        "source",
        "opened_at",
        "handbook",
        "steps",
        "rounds",
        "step",
        "round",
    ),
    *(
        "acknowledge_again_after",
        "promise",
        "step_began",
        "calling",
        "called_since",
        "last_resort_called",
        "pages",
        "held_by",
        "held_since",
        "held_turn",
    ),
    *("asked_at", "helpers", "told", "reports", "update_every", "update_by", "update_asked", "update_turn", "updates_missed", "resolved_at"),
    *("resolved_by", "forgotten_at", "forgotten_by", "clocks"),
}
"""Times, counts, drawn codes, and who of us did what."""


def test_every_field_of_an_incident_is_emptied_or_has_nothing_of_customers() -> None:
    """Whoever adds one adds it to escalation/forgetting.py, or to the list above."""
    assert {one.name for one in fields(Incident)} == GONE | KEPT


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
    assert changed == (GONE - {"customer_id", "said"}) | {"turn", "forgotten_at", "forgotten_by"}, (
        "this customer is not in the handbook and was told by one way"
    )
    assert (after.forgotten_at, after.forgotten_by, after.summary, after.label) == (player.at, "ben", "(forgotten)", "case K7F2")


def test_of_a_customer_of_ours_who_was_told_by_mail_nothing_is_left_either() -> None:
    player = closed()
    said = {"updated": Said(turn=5, values={"text": "Till 17 is back"})}
    before = player.incident.changed(customer_id="northwind", said=said)
    after = decide(before, replace(WISH, incident="1001"), player.book, player.view).incident
    assert (after.customer_id, after.said, after.contact) == ("", {}, Contact())


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
    given: dict[str, dict[str, Any]] = {
        "snooze": {"minutes": 5}, "note": {"text": "x"}, "update": {"text": "x"}, "reclassify": {"severity": "sev2"},
    }  # fmt: skip
    more = given.get(verb, {})
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
