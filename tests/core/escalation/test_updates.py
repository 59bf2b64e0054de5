"""Words to the customer while it lasts: sent as written, owed by a time, and the truth when none comes."""

from __future__ import annotations

from oncall.core.escalation import still_wanted
from oncall.core.messages import OrderKind, Status
from tests.core.escalation.player import LADDER, FixedView, Player, minute
from tests.simulation.books import handbook_of

NOTIFY = OrderKind.NOTIFY


BOOK = handbook_of(["ana", "ben", "chloe"], LADDER, word_min=20)


def reached() -> Player:
    """Ana took it and reached the customer, a minute after the report; sev1 owes a word each 20 minutes."""
    player = Player(BOOK)
    player.after(minutes=1)
    player.act("acknowledge", "ana")
    player.act("contacted", "ana")
    return player


def test_words_of_a_human_go_out_as_they_are_with_the_time_of_the_next() -> None:
    """Two segments, if it takes two; and the sender hears that they go out."""
    words = "We found the cause and are restoring the checkout. Some tills may still fail for a while. " * 2
    player = reached()
    player.after(minutes=9)
    decision = player.act("update", "ana", text=words.strip())
    sent = next(order for order in decision.orders if order.kind is NOTIFY)
    assert sent.text == f"Example K7F2: {words.strip()} Next word by 02:30."
    assert player.told(decision) == [("ana", "update_sent")]
    assert minute(player.incident.clocks["update"]) == 10 + 15


def test_the_holder_is_reminded_and_then_the_customer_hears_that_there_is_no_news() -> None:
    """The time that was said is kept, if only by saying so; holder and manager hear of it, and the next time is set."""
    player = reached()
    assert minute(player.incident.clocks["update"]) == 16
    assert player.told(player.after(minutes=15)) == [("ana", "update_due")]
    decision = player.after(minutes=5)
    assert player.told(decision, NOTIFY) == [("customer", "no_news")]
    assert player.told(decision) == [("ana", "update_late"), ("priya", "update_late_manager")]
    words = next(order.text for order in player.orders if order.about == "no_news")
    assert words == "Example K7F2: we promised you a word by now and have no news yet, sorry. Ana has your case. Next word by 02:41."
    assert player.incident.updates_missed == 1
    assert minute(player.incident.update_by or player.at) == 41


def test_no_news_is_not_sent_any_more_when_there_is_news() -> None:
    """Asked again at the claim."""
    player = reached()
    player.after(minutes=20)
    late = next(order for order in player.orders if order.about == "no_news")
    assert still_wanted(late, player.incident, player.at) == ""
    player.act("update", "ana", text="It is back.")
    assert still_wanted(late, player.incident, player.at) == "no longer true"
    reminder = next(order for order in player.orders if order.about == "update_late")
    assert still_wanted(reminder, player.incident, player.at) == "answered already"


def test_nothing_is_owed_before_the_contact_and_after_the_close() -> None:
    """The promise of the contact comes first; a closed case has its own last word."""
    player = Player(BOOK)
    player.act("acknowledge", "ana")
    assert player.incident.update_by is None
    player.act("contacted", "ana")
    player.act("resolve", "ana")
    assert (player.incident.status, player.incident.wake_at) == (Status.RESOLVED, None)


def test_the_word_is_owed_also_while_nobody_has_it() -> None:
    """Ana hands on; the customer was told a time, and hears at that time, without a name."""
    player = reached()
    player.act("pass", "ana")
    decisions = player.after(minutes=20)
    assert ("customer", "no_news") in player.told(decisions, NOTIFY)
    words = next(order.text for order in player.orders if order.about == "no_news")
    assert "has your case" not in words


def test_a_customer_without_an_address_is_told_nothing_and_the_sender_hears_it() -> None:
    """Who believes that their words arrived would not call."""
    player = Player(BOOK, phone="")
    player.act("acknowledge", "ana")
    decision = player.act("update", "ana", text="It is back.")
    assert player.told(decision, NOTIFY) == []
    assert player.told(decision) == [("ana", "update_not_sent")]
    player.act("contacted", "ana")
    assert player.incident.update_by is None


def test_who_left_only_an_address_is_owed_words_too_and_gets_them_by_mail() -> None:
    """As by text: the time of the next word, and at that time the truth that there is none."""
    player = Player(BOOK, ways=("sms", "email"), phone="", email="dana@customer.example")
    player.act("acknowledge", "ana")
    player.act("contacted", "ana")
    assert minute(player.incident.update_by or player.at) == 20
    decision = player.after(minutes=20)
    sent = next(order for order in player.orders if order.about == "no_news")
    assert (sent.way, sent.address) == ("email", "dana@customer.example")
    assert "Next update: By 02:40, even if there is no news then." in sent.text
    code = player.incident.pages[0].code
    late = f"{code} Northwind: their word was due 02:20; we tell them now that there is no news, next word 02:40."
    assert [order.text for order in player.orders if order.about == "update_late"] == [f"{late} Reply {code}U and your words. Need help: {code}H."]
    assert player.told(decision)[1:] == [("priya", "update_late_manager")]
    assert player.orders[-1].text == (
        "NO WORD SEV1 Northwind: promised by 02:20, none came; Ana has it. The customer is told now, next word 02:40. Ask, or take over."
    )
    words = player.act("update", "ana", text="It is back.")
    assert player.told(words, NOTIFY) == [("customer", "update")]


def test_an_address_without_a_mail_server_is_owed_nothing() -> None:
    """Nobody may believe that the customer hears of it."""
    player = Player(BOOK, phone="", email="dana@customer.example")
    player.act("acknowledge", "ana")
    player.act("contacted", "ana")
    assert player.incident.update_by is None
    assert player.told(player.act("update", "ana", text="It is back.")) == [("ana", "update_not_sent")]
    assert player.orders[-1].text.endswith("we have no way to tell them, so your words went to nobody. They are kept in the log.")


def test_a_mail_server_that_is_taken_away_leaves_nobody_to_believe_that_no_news_was_told() -> None:
    """The word was owed when there was one; when it is due the manager does not read that the customer was told."""
    player = Player(BOOK, ways=("sms", "email"), phone="", email="dana@customer.example")
    player.act("acknowledge", "ana")
    player.act("contacted", "ana")
    player.view = FixedView(ways=frozenset({"sms"}))
    decision = player.after(minutes=20)
    assert player.told(decision, NOTIFY) == []
    assert player.orders[-1].text == "NO WORD SEV1 Northwind: promised by 02:20, none came; Ana has it. Ask, or take over."
    assert player.incident.update_by is None


def test_reopening_owes_nothing_until_the_next_contact() -> None:
    """A new round begins with a new promise."""
    player = reached()
    player.act("resolve", "ana")
    player.act("reopen", "customer")
    assert player.incident.update_by is None
    assert "update" not in player.incident.clocks
