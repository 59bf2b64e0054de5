"""Personal reach: which way a page takes and when, what brings the next way forward, and what ends a telephone that rings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.core.messages import (
    CallEnded,
    Decision,
    Delivered,
    HandedOver,
    OrderKind,
    PageState,
    SendFailed,
    SendPostponed,
    SendUnknown,
    Status,
)
from tests.core.escalation.player import FixedView, Player
from tests.simulation.books import handbook_of

ALL = ("sms", "voice", "slack")
ALONE = handbook_of(["ana", "ben", "chloe"], ["{page: ana, wait: 10m}", "{page: ben, wait: 5m}"])


def ways(decision: Decision | None, who: str = "ana") -> list[str]:
    """The ways by which a decision pages `who`."""
    assert decision is not None
    return [order.way for order in decision.orders if order.kind is OrderKind.PAGE and order.recipient == who]


def newest(player: Player, way: str) -> str:
    """The id of Ana's newest page by `way`."""
    return [order.id for order in player.orders if order.kind is OrderKind.PAGE and order.way == way and order.recipient == "ana"][-1]


def hung_up(decision: Decision) -> list[tuple[str, str]]:
    """Whose calls a decision ends, by the provider's id."""
    return [(order.recipient, order.address) for order in decision.orders if order.kind is OrderKind.HANG_UP]


def state(player: Player, order: str) -> PageState:
    """What is known of a try of Ana's."""
    page = player.incident.page_of("ana")
    sent = page.try_of(order) if page else None
    assert sent is not None
    return sent.state


def test_a_page_goes_by_slack_and_text_at_once_and_then_rings_twice() -> None:
    """The built-in reach: slack + sms, call after 90s, call after 3m."""
    player = Player(ALONE, ways=ALL)
    assert ways(player.first) == ["slack", "sms"]
    player.fact(Delivered(at=player.at, order=newest(player, "sms")))
    assert player.after(seconds=89) is None
    assert ways(player.after(seconds=1)) == ["voice"]
    player.fact(CallEnded(at=player.at, order=newest(player, "voice"), reason="nobody answered"))
    assert player.after(seconds=89) is None
    assert ways(player.after(seconds=1)) == ["voice"]
    assert player.after(minutes=6, seconds=59) is None
    assert ways(player.after(seconds=1), "ben") == ["slack", "sms"]


@pytest.mark.parametrize(
    "trouble",
    [SendFailed(at=Player().at, order="", reason="refused"), SendUnknown(at=Player().at, order="", reason="lost")],
    ids=["failed", "unknown"],
)
def test_trouble_with_the_text_rings_the_telephone_at_once(trouble: SendFailed | SendUnknown) -> None:
    """Nobody waits 90 s for a text of which nobody knows that it arrived (decisions.md 7)."""
    player = Player(ALONE, ways=ALL, hand_over=False)
    text = newest(player, "sms")
    decision = player.fact(type(trouble)(at=player.at, order=text, reason=trouble.reason))
    assert ways(decision) == ["voice"]


def test_a_text_that_is_tried_again_rings_the_telephone_meanwhile() -> None:
    """The provider may be back in five seconds, or not."""
    player = Player(ALONE, ways=ALL, hand_over=False)
    text = newest(player, "sms")
    assert ways(player.fact(SendPostponed(at=player.at, order=text, reason="refused for now"))) == ["voice"]
    assert ways(player.fact(SendPostponed(at=player.at, order=text, reason="refused for now"))) == []
    assert state(player, text) is PageState.TRYING_AGAIN


def test_slack_failing_changes_nothing() -> None:
    """Slack is beside the ways that wake somebody, and replaces none of them."""
    player = Player(ALONE, ways=ALL)
    assert player.fact(SendFailed(at=player.at, order=newest(player, "slack"), reason="down")).orders == ()
    player.fact(Delivered(at=player.at, order=newest(player, "sms")))
    assert player.after(seconds=89) is None
    assert ways(player.after(seconds=1)) == ["voice"]


def test_slack_alone_is_not_well() -> None:
    """A message in Slack wakes nobody at three in the morning, so a text that failed is followed by a call all the same."""
    player = Player(ALONE, ways=ALL)
    assert ways(player.fact(SendFailed(at=player.at, order=newest(player, "sms"), reason="refused"))) == ["voice"]


def test_a_text_without_a_receipt_for_a_minute_counts_as_not_arrived() -> None:
    """Silence is failure (I13): the call comes 60 s after the hand-over instead of 90 s after the page."""
    player = Player(ALONE, ways=ALL)
    assert player.after(seconds=59) is None
    assert ways(player.after(seconds=1)) == ["voice"]


def test_a_busy_telephone_is_not_rung_again_at_once() -> None:
    """The pause is what makes the second call useful."""
    player = Player(ALONE, ways=ALL)
    player.fact(Delivered(at=player.at, order=newest(player, "sms")))
    player.after(seconds=90)
    assert ways(player.fact(CallEnded(at=player.at, order=newest(player, "voice"), reason="busy"))) == []


def test_who_is_only_rung_gets_a_text_when_nobody_answers() -> None:
    """The next way of the same person, without waiting for its time."""
    player = Player(handbook_of(["ana"], ["{page: ana, wait: 10m}"], reach="call, sms after 5m"), ways=ALL)
    assert ways(player.first) == ["voice"]
    assert ways(player.fact(CallEnded(at=player.at, order=newest(player, "voice"), reason="no answer"))) == ["sms"]


@pytest.mark.parametrize(
    "fact", [Delivered(at=Player().at, order=""), CallEnded(at=Player().at, order="", reason="no key was pressed")], ids=["answered", "voicemail"]
)
def test_neither_an_answered_telephone_nor_a_voicemail_acknowledges(fact: Delivered | CallEnded) -> None:
    """Only a key does (I7)."""
    player = Player(ALONE, ways=ALL)
    player.after(seconds=90)
    player.fact(replace(fact, order=newest(player, "voice")))
    assert (player.incident.status, player.incident.held_by, player.incident.calling) == (Status.OPEN, "", True)


def test_when_every_way_failed_the_next_step_is_paged_at_once() -> None:
    """A person who cannot be reached at all is not waited for."""
    player = Player(ALONE, ways=ALL, hand_over=False)
    player.fact(SendFailed(at=player.at, order=newest(player, "sms"), reason="refused"))
    decision = player.fact(SendFailed(at=player.at, order=newest(player, "voice"), reason="refused"))
    assert ways(decision, "ben") == ["slack", "sms"]
    assert ways(decision, "mats") == ["slack", "sms"]


def test_whoever_is_called_is_still_called_when_the_next_step_begins() -> None:
    """A promise that is missed brings the next step early; the first person keeps the calls that were meant for them."""
    player = Player(handbook_of(["ana"], ["{page: ana, wait: 2m}", "{page: ben, wait: 5m}"]), ways=ALL)
    player.fact(Delivered(at=player.at, order=newest(player, "sms")))
    player.after(minutes=2)
    assert player.incident.step == 1
    player.after(seconds=59)
    assert ways(player.after(seconds=1)) == ["voice"]


def test_a_telephone_that_rings_is_ended_when_somebody_takes_it_and_when_it_is_closed() -> None:
    """Nobody is to get up for nothing."""
    for verb in ("acknowledge", "resolve", "contacted"):
        player = Player(ALONE, ways=ALL)
        player.after(seconds=90)
        assert hung_up(player.act(verb, "ben")) == [("ana", "SM1")]
        assert not any(name.startswith("reach/") for name in player.incident.clocks)
        assert hung_up(player.act("resolve", "ben")) == []


def test_a_call_that_was_answered_goes_on_and_hears_the_truth() -> None:
    """Hanging up on somebody who has just picked up would only confuse them; their key is answered with who has it."""
    player = Player(ALONE, ways=ALL)
    player.after(seconds=90)
    player.fact(Delivered(at=player.at, order=newest(player, "voice")))
    assert hung_up(player.act("acknowledge", "ben")) == []


def test_a_call_that_begins_to_ring_after_the_acknowledgement_is_ended_and_said_once() -> None:
    """The request was already on its way; its reader, told before that it is over, is not told again."""
    player = Player(ALONE, ways=ALL, hand_over=False)
    text = newest(player, "sms")
    player.fact(HandedOver(at=player.at, order=text, provider_id="SM1"))
    player.after(seconds=90)
    taken = player.act("acknowledge", "ben")
    assert player.told(taken) == [("ana", "stand_down"), ("ben", "yours")]
    late = player.fact(HandedOver(at=player.at, order=newest(player, "voice"), provider_id="CA1"))
    assert (hung_up(late), player.told(late)) == ([("ana", "CA1")], [])


def test_a_pass_by_text_ends_the_telephone_that_rings_beside_it() -> None:
    """And takes the passer's further calls out of the plan."""
    player = Player(handbook_of(["ana"], ["{page: [ana, ben], wait: 10m}"]), ways=ALL)
    player.after(seconds=90)
    assert ("ana", "SM1") in hung_up(player.act("pass", "ana"))
    assert "reach/ana" not in player.incident.clocks
    assert "reach/ben" in player.incident.clocks


def test_a_page_repeated_while_the_telephone_rings_does_not_ring_it_twice() -> None:
    """A second call would only find the line busy."""
    player = Player(handbook_of(["ana"], ["{page: ana, wait: 2m}"], reach="call, call after 110s", resort="ana"), ways=ALL)
    player.after(seconds=110)
    assert ways(player.after(seconds=10)) == []


def test_a_broken_number_is_called_instead_of_texted_from_the_start() -> None:
    """Who texted STOP cannot be texted, and must not sleep through the first ninety seconds for it."""
    player = Player(ALONE, ways=ALL, hand_over=False)
    player.view = FixedView(broken=frozenset(), ways=frozenset(ALL))
    player.view.break_way("ben", "sms")
    decision = player.act("escalate", "chloe")
    assert ways(decision, "ben") == ["slack", "voice"]


def test_somebody_of_whom_everything_is_broken_is_tried_all_the_same() -> None:
    """What a provider once said may not be true any more; a page that is not even tried is lost for certain."""
    player = Player(ALONE, ways=ALL, hand_over=False)
    for way in ALL:
        player.view.break_way("ben", way)
    assert ways(player.act("escalate", "chloe"), "ben") == ["slack", "sms"]


def test_the_customer_is_told_that_we_call_only_when_something_rings() -> None:
    """A message in Slack is no call (decisions.md 36)."""
    player = Player(ALONE, ways=ALL, hand_over=False)
    slack = player.fact(HandedOver(at=player.at, order=newest(player, "slack"), provider_id="1.2"))
    assert player.told(slack, OrderKind.NOTIFY) == []
    text = player.fact(HandedOver(at=player.at, order=newest(player, "sms"), provider_id="SM1"))
    assert player.told(text, OrderKind.NOTIFY) == [("customer", "received")]
