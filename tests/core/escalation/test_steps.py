"""Steps, failures and the last resort: who is paged, when, and never too early."""

from __future__ import annotations

from oncall.core.messages import OrderKind, SendFailed, SendUnknown
from tests.core.escalation.player import LADDER, FixedView, Player, minute
from tests.simulation.books import handbook_of


def test_a_step_waits_from_its_first_hand_over() -> None:
    """Five minutes are five minutes of a telephone that could ring."""
    player = Player()
    assert player.paged(player.first) == [("ana", "page")]
    assert player.after(minutes=4, seconds=59) is None
    assert player.paged(player.after(seconds=1)) == [("ben", "page_backup"), ("chloe", "page_backup")]


def test_without_a_hand_over_it_waits_twenty_seconds_longer() -> None:
    """A slow provider does not stop the clock (decisions.md 6)."""
    player = Player(hand_over=False, phone="")
    assert minute(player.incident.clocks["step"]) == 5 + 20 / 60


def test_after_hours_of_standing_still_one_step_happens_not_all() -> None:
    """Catching up must not wake the whole company at once (I4)."""
    player = Player()
    decision = player.stalled(hours=8)
    assert player.paged(decision) == [("ben", "page_backup"), ("chloe", "page_backup")]
    assert minute(player.incident.clocks["step"]) >= 8 * 60 + 5


def test_two_failures_of_two_move_on_at_once_and_one_of_two_does_not() -> None:
    """A colleague who can still be reached is waited for; the last resort joins only when the whole step failed."""
    player = Player()
    player.after(minutes=5)
    pages = [order for order in player.orders if order.about == "page_backup"]
    assert player.paged(player.fact(SendFailed(at=player.at, order=pages[0].id, reason="refused"))) == []
    assert player.paged(player.fact(SendFailed(at=player.at, order=pages[1].id, reason="refused"))) == [
        ("priya", "page_backup"),
        ("mats", "page_last_resort"),
    ]


def test_a_last_resort_who_passed_it_on_is_called_again_when_a_step_fails() -> None:
    """Their word was "not me, somebody else"; now there is nobody else, and an order that is made is one that goes out."""
    player = Player(handbook_of(["ana", "ben"], ["{page: mats, wait: 5m}", "{page: ana, wait: 5m}", "{page: ben, wait: 5m}"]), hand_over=False)
    passed = player.act("pass", "mats")
    assert player.paged(passed) == [("ana", "page")]
    page = next(order for order in passed.orders if order.kind is OrderKind.PAGE)
    failed = player.fact(SendFailed(at=player.at, order=page.id, reason="refused"))
    assert player.paged(failed) == [("ben", "page_backup"), ("mats", "page_last_resort")]
    assert {order.recipient for order in player.wanted() if order in failed.orders} >= {"ben", "mats"}


def test_behind_the_last_step_a_total_failure_keeps_the_pace() -> None:
    """When everything is down, trying faster would only burn attempts."""
    player = Player(handbook_of(["ana"], ["{page: ana, wait: 5m}"]), hand_over=False)
    first = next(order for order in player.orders if order.kind is OrderKind.PAGE)
    decision = player.fact(SendFailed(at=player.at, order=first.id, reason="down"))
    assert player.paged(decision) == [("ana", "page_repeat"), ("mats", "page_last_resort")]
    for order in decision.orders:
        if order.kind is OrderKind.PAGE:
            assert player.paged(player.fact(SendFailed(at=player.at, order=order.id, reason="down"))) == []
    assert player.incident.clocks["step"] > player.at


def test_rounds_are_gone_through_before_the_last_resort() -> None:
    """`repeat: 2` means twice."""
    player = Player(handbook_of(["ana", "ben"], ["{page: ana, wait: 2m}", "{page: ben, wait: 2m}"], repeat=2))
    seen = [player.paged(player.after(minutes=2)) for _ in range(4)]
    assert [who for step in seen[:3] for who, _ in step] == ["ben", "ana", "ben"]
    assert ("mats", "page_last_resort") in seen[3]


def test_an_unknown_result_is_waited_out_and_its_reader_stood_down_later() -> None:
    """It may have arrived, so whoever may have read it hears who has it."""
    player = Player(hand_over=False)
    page = next(order for order in player.orders if order.kind is OrderKind.PAGE)
    assert player.paged(player.fact(SendUnknown(at=player.at, order=page.id, reason="lost"))) == []
    player.after(minutes=6)
    assert ("ana", "stand_down") in player.told(player.act("acknowledge", "ben"))


def test_a_second_number_is_used_when_the_first_is_broken() -> None:
    """The first of the list rings, unless a provider said that it never will."""
    player = Player()
    player.view = FixedView(broken=frozenset({"+447700900011"}))
    decision = player.after(minutes=5)
    assert decision is not None
    assert {order.address for order in decision.orders if order.recipient == "ben"} == {"+447700900011"}, "the only number is tried all the same"


def test_a_page_is_not_sent_fifteen_minutes_late() -> None:
    """A newer one has been planned by then (I6)."""
    player = Player(handbook_of(["ana"], ["{page: ana, wait: 1h}"]), hand_over=False, phone="")
    page = next(order for order in player.orders if order.kind is OrderKind.PAGE)
    assert page in player.wanted()
    player.after(minutes=16)
    assert page not in player.wanted()


def test_a_late_hand_over_after_an_acknowledgement_is_stood_down_at_once() -> None:
    """The page was under way when somebody else took it: its reader must not get up for nothing."""
    from oncall.core.messages import HandedOver

    player = Player(handbook_of(["ana", "ben"], ["{page: [ana, ben], wait: 5m}"]), hand_over=False)
    late = next(order for order in player.orders if order.recipient == "ben")
    player.act("acknowledge", "ana")
    decision = player.fact(HandedOver(at=player.at, order=late.id, provider_id="SM2"))
    assert player.told(decision) == [("ben", "stand_down")]


def test_everybody_may_pass_and_it_still_goes_on() -> None:
    """Those who passed are left alone until everybody else was asked; then they are asked again, at the pace of the last step."""
    player = Player(handbook_of(["ana", "ben"], [LADDER[0], "{page: ben, wait: 5m}"]))
    assert player.paged(player.act("pass", "ana")) == [("ben", "page")]
    decision = player.act("pass", "ben")
    assert ("mats", "page_last_resort") in player.paged(decision)
    alone = player.act("pass", "mats")
    assert player.paged(alone) == []
    player.act("pass", "ben")
    assert ("ben", "page_repeat") in player.paged(player.after(minutes=6))


def test_two_clocks_in_one_moment_page_everybody_once() -> None:
    """A lapse and a missed promise that come due together are one calling, not two steps at once."""
    player = Player()
    player.act("acknowledge", "ana")
    player.stalled(hours=3)
    decision = player.stalled(hours=3)
    people = [who for who, _ in player.paged(decision)]
    assert people == ["ana", "ben", "chloe"]
    assert ("customer", "late") in player.told(decision, OrderKind.NOTIFY)
