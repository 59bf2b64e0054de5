"""A human says how bad it is: raised, people are paged; lowered, nothing that was promised or that runs gets slower, and nobody loses it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.core.board import board
from oncall.core.escalation import still_wanted
from oncall.core.messages import OrderKind, SendUnknown, Status
from tests.core.escalation.player import LADDER, Player, minute
from tests.simulation.books import handbook_of

NOTIFY = OrderKind.NOTIFY


def held(severity: str = "sev2") -> Player:
    """Priya, whom the escalation of sev2 pages, took it after a minute."""
    player = Player(severity=severity, summary="It is slow" if severity == "sev2" else "Checkout is down")
    player.after(minutes=1)
    player.act("acknowledge", "priya" if severity == "sev2" else "ana")
    return player


def due(player: Player) -> float:
    """The minute by which the customer is told they will be contacted."""
    assert player.incident.promise is not None
    return minute(player.incident.promise.contact_by)


def test_raised_while_nobody_has_it_the_other_escalation_begins_and_the_time_gets_sooner() -> None:
    player = Player(severity="sev2", summary="It is slow")
    assert (player.paged(player.first), due(player)) == ([("priya", "page")], 30)
    player.after(minutes=2)
    decision = player.act("reclassify", "ben", severity="sev1")
    assert player.paged(decision) == [("ana", "page")]
    assert (decision.result, player.incident.severity, due(player)) == ("raised", "sev1", 2 + 15)
    assert decision.because.startswith("Ben says it is sev1 and not sev2; escalation 'main' begins; paging Ana")
    received = [order.text for order in player.orders if order.about == "received"]
    assert [text[-6:] for text in received] == ["02:30.", "02:17."]


def test_raised_late_the_time_that_was_promised_stays() -> None:
    player = Player(severity="sev2", summary="It is slow")
    player.after(minutes=20)
    player.act("reclassify", "ben", severity="sev1")
    assert due(player) == 30


def test_raised_onto_the_escalation_that_runs_pages_nobody_anew_and_delays_nobody() -> None:
    """Starting over would only push the backup further away."""
    book = handbook_of(["ana", "ben"], ["{page: ana, wait: 5m}"])
    player = Player(book, severity="sev2", summary="It is slow")
    player.after(minutes=4)
    decision = player.act("reclassify", "ben", severity="sev1")
    assert player.paged(decision) == []
    assert "escalation 'main' begins" not in decision.because
    assert "goes on, for it is the one that runs" in decision.because
    assert minute(player.incident.clocks["step"]) == 5


def test_raised_while_somebody_has_it_they_keep_it_and_the_others_come_to_help() -> None:
    player = held()
    decision = player.act("reclassify", "priya", severity="sev1")
    assert player.paged(decision) == [("ana", "page_help")]
    assert (player.incident.status, player.incident.held_by) == (Status.ACKNOWLEDGED, "priya")
    assert player.told(decision, NOTIFY) == [("customer", "sooner")]
    words = next(order.text for order in decision.orders if order.kind is NOTIFY)
    assert words == "Example K7F2: we treat your case as more urgent now. Priya has it and will contact you by 02:16."
    assert ("priya", "reclassified") in player.told(decision)


def test_raised_by_a_colleague_whoever_has_it_is_told_and_asked_sooner() -> None:
    book = handbook_of(["ana", "ben"], [*LADDER[:1], "{page: priya, wait: 10m}"], again_min=30)
    slower = replace(book.severities["sev2"], acknowledge_again_after=timedelta(minutes=60))
    player = Player(replace(book, severities={**book.severities, "sev2": slower}), severity="sev2", summary="It is slow")
    player.act("acknowledge", "priya")
    player.after(minutes=10)
    decision = player.act("reclassify", "ben", severity="sev1")
    assert ("priya", "reclassified") in player.told(decision)
    assert minute(player.incident.clocks["ask_again"]) == 40


def test_nobody_else_is_woken_when_the_right_one_has_it_already() -> None:
    player = Player(severity="sev2", summary="It is slow")
    player.act("acknowledge", "ana")
    decision = player.act("reclassify", "ana", severity="sev1")
    assert player.paged(decision) == []
    assert "who has it is of its first step" in decision.because
    assert player.paged(player.act("pass", "ana")) == [("ben", "page_backup"), ("chloe", "page_backup")]


def test_raised_by_another_while_it_is_snoozed_it_is_paged_anew_and_its_holder_too() -> None:
    """A text alone would not wake who sleeps on it."""
    player = held()
    player.act("snooze", "priya", minutes=120)
    decision = player.act("reclassify", "ben", severity="sev1")
    assert {who for who, _ in player.paged(decision)} == {"ana", "priya"}
    assert (player.incident.status, player.incident.held_by) == (Status.OPEN, "")


@pytest.mark.parametrize("severity", ["sev1", "sev2"])
def test_what_waits_and_is_raised_is_paged_at_once(severity: str) -> None:
    player = Player(summary="A question about the invoice")
    assert player.incident.status is Status.WAITING
    decision = player.act("reclassify", "ben", severity=severity)
    assert player.paged(decision) == [("ana", "page")] if severity == "sev1" else [("priya", "page")]
    assert (player.incident.status, due(player)) == (Status.OPEN, 15 if severity == "sev1" else 30)


def test_what_was_declined_and_is_raised_is_paged_at_once() -> None:
    player = Player(severity="sev2", summary="Our sdk is slow")
    assert (player.incident.status, player.incident.promise) == (Status.DECLINED, None)
    decision = player.act("reclassify", "ben", severity="sev1")
    assert (player.paged(decision), due(player)) == ([("ana", "page")], 15)


def test_lowered_while_it_is_called_everything_goes_on_as_it_was() -> None:
    player = Player()
    player.after(minutes=1)
    decision = player.act("reclassify", "ben", severity="sev2")
    assert (player.incident.severity, player.incident.status, due(player)) == ("sev2", Status.OPEN, 15)
    assert all(order.kind is OrderKind.TELL for order in decision.orders)
    assert len(player.incident.steps) == len(LADDER)
    assert player.paged(player.after(minutes=4)) == [("ben", "page_backup"), ("chloe", "page_backup")]


def test_lowered_while_somebody_has_it_they_keep_it_and_the_customer_hears_nothing() -> None:
    player = held("sev1")
    decision = player.act("reclassify", "ben", severity="sev2")
    assert (player.incident.held_by, player.incident.status, due(player)) == ("ana", Status.ACKNOWLEDGED, 15)
    assert player.told(decision, NOTIFY) == []
    assert ("ana", "reclassified") in player.told(decision)


def test_that_it_can_wait_is_said_only_by_who_has_it_and_only_when_no_call_is_due() -> None:
    player = held("sev1")
    assert player.act("reclassify", "ben", severity="sev3").result == "not yours"
    decision = player.act("reclassify", "ana", severity="sev3")
    assert (decision.result, player.told(decision)) == ("not contacted", [("ana", "waits_not_yet")])
    assert (player.incident.severity, player.incident.held_by) == ("sev1", "ana")
    open_one = Player()
    assert open_one.act("reclassify", "ana", severity="sev3").result == "not yours"
    assert open_one.incident.calling


def test_after_the_contact_who_has_it_lets_it_wait_and_the_customer_may_overrule() -> None:
    player = Player(handbook_of(["ana", "ben", "chloe"], LADDER, word_min=20))
    player.after(minutes=6)
    player.act("acknowledge", "ana")
    player.act("contacted", "ana")
    player.act("escalate", "ana")
    decision = player.act("reclassify", "ana", severity="sev3")
    assert (decision.result, player.incident.status, player.incident.held_by) == ("waiting", Status.WAITING, "")
    assert set(player.incident.clocks) == {"opening"}
    assert {about for _, about in player.told(decision)} == {"stand_down_waits", "waits_now"}
    words = next(order.text for order in decision.orders if order.kind is NOTIFY)
    assert words == (
        "Example K7F2: Ana says your case can wait until we open 08:00; we go on with it then. Cannot wait? Reply URGENT and we wake someone."
    )
    told = next(order for order in decision.orders if order.kind is NOTIFY)
    assert still_wanted(told, player.incident, player.at) == ""
    player.act("escalate", "ben")
    assert still_wanted(told, player.incident, player.at) == "no longer true"


def test_a_page_that_arrives_after_it_was_let_wait_is_told_so() -> None:
    player = Player(hand_over=False)
    page = player.first.orders[0]
    player.act("acknowledge", "ben")
    player.act("contacted", "ben")
    player.act("reclassify", "ben", severity="sev3")
    late = player.fact(SendUnknown(at=player.at, order=page.id, reason="lost"))
    assert player.told(late) == [("ana", "stand_down_waits")]


def test_the_highest_severity_is_remembered_whatever_it_is_called_since() -> None:
    player = held("sev1")
    player.act("reclassify", "ana", severity="sev2")
    assert (player.incident.severity, player.incident.worst) == ("sev2", "sev1")
    player.act("contacted", "ana")
    player.act("reclassify", "ana", severity="sev3")
    player.act("reclassify", "ben", severity="sev2")
    assert (player.incident.severity, player.incident.worst) == ("sev2", "sev1")


def test_a_severity_that_does_not_exist_or_is_the_present_one_changes_nothing() -> None:
    player = Player()
    before = player.incident
    unknown = player.act("reclassify", "ana", severity="sev9")
    assert (unknown.result, unknown.because) == ("unknown severity", "there is no severity 'sev9'; known: sev1, sev2, sev3")
    same = player.act("reclassify", "ana", severity="sev1")
    assert (same.result, player.told(same)) == ("same severity", [("ana", "same_severity")])
    assert replace(before, turn=0) == replace(player.incident, turn=0)


def test_a_closed_one_keeps_its_severity() -> None:
    player = held("sev1")
    player.act("resolve", "ana")
    assert player.act("reclassify", "ana", severity="sev2").result == "already closed"
    assert player.incident.severity == "sev1"


def test_it_answers_still_on_it() -> None:
    """Whoever speaks is awake."""
    player = held("sev1")
    player.act("contacted", "ana")
    player.after(minutes=31)
    assert player.incident.asked_at is not None
    player.act("reclassify", "ana", severity="sev2")
    assert player.incident.asked_at is None


def test_the_message_in_the_channel_offers_the_other_severities() -> None:
    player = held("sev1")
    blocks = board(player.incident, player.book, player.at).blocks
    menu = next(one for block in blocks if block["type"] == "actions" for one in block["elements"] if one["type"] == "overflow")  # type: ignore[attr-defined, unused-ignore]  # blocks are plain JSON
    assert [one["text"]["text"] for one in menu["options"]] == ["It is SEV2", "It is SEV3"]
    assert menu["options"][0]["value"] == f'{{"i":"1001","v":{player.incident.turn},"s":"sev2"}}'


def test_calls_that_ring_are_ended_when_it_is_let_wait() -> None:
    player = Player(ways=("sms", "voice"))
    player.act("acknowledge", "ben")
    player.act("contacted", "ben")
    player.act("escalate", "ben")
    player.after(seconds=95)
    decision = player.act("reclassify", "ben", severity="sev3")
    assert OrderKind.HANG_UP in {order.kind for order in decision.orders}
    assert not [order for order in player.wanted() if order.kind is OrderKind.PAGE]
