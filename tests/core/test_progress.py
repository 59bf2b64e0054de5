"""What a customer reads of their case is what happened, in the words of the texts; and nothing of what is ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.core.messages import LogEntry, MarkedUrgent, Noted, OrderKind, Reopened, Status, Updated
from oncall.core.model import LastResort
from oncall.core.progress import Case, Progress, came_of, progress
from tests.core.escalation.player import LADDER, Player
from tests.simulation.books import handbook_of


def seen(player: Player, *, alerted: bool = True) -> Progress:
    """The page of a player's case now."""
    return progress(Case(incident=player.incident, handbook=player.book, at=player.at, alerted_at=player.report.at if alerted else None))


def steps(player: Player, *, alerted: bool = True) -> list[tuple[str, bool]]:
    """The steps, and whether each is done."""
    return [(step.words, step.at is not None) for step in seen(player, alerted=alerted).steps]


def told(player: Player) -> str:
    """The text that the customer got last."""
    return [order.text for order in player.orders if order.kind is OrderKind.NOTIFY][-1]


def test_before_a_page_is_accepted_nobody_is_said_to_be_called() -> None:
    player = Player(hand_over=False)
    assert seen(player, alerted=False).now == "We have your report, and our message to the engineer is going out. Look again in a moment."
    assert ("We alert our engineers", False) in steps(player, alerted=False)


def test_when_no_provider_takes_a_page_the_page_says_what_the_text_says() -> None:
    player = Player(hand_over=False)
    player.after(minutes=1)
    assert "We have not reached anyone yet" in told(player)
    assert seen(player, alerted=False).now == told(player)


def test_an_alerted_case_says_so_and_what_is_ahead() -> None:
    player = Player()
    assert seen(player).state == "alerting"
    assert seen(player).now == "We have alerted our engineers, and wait for one of them to take your case."
    assert steps(player) == [
        ("We received your report", True),
        ("We alerted our engineers", True),
        ("A person takes your case", False),
        ("A person contacts you by 02:15", False),
        ("We tell you here when your case is closed", False),
    ]


def test_who_has_it_is_said_by_the_name_that_the_text_says() -> None:
    player = Player()
    player.act("acknowledge", "ana")
    assert "Ana has your case" in told(player)
    assert (seen(player).state, seen(player).now) == ("held", "Ana has your case.")
    assert ("Ana has your case", True) in steps(player)
    player.act("contacted", "ana")
    assert ("A person contacted you", True) in steps(player)


def test_late_is_said_in_the_words_of_the_text() -> None:
    player = Player()
    player.after(minutes=15)
    assert "We are now calling our duty manager" in told(player)
    assert (seen(player).state, seen(player).now) == ("late", told(player))
    assert ("A person contacts you by 02:30; it was due at 02:15", False) in steps(player)


def test_late_while_somebody_has_it_is_said_in_the_words_of_that_text() -> None:
    player = Player()
    player.act("acknowledge", "ana")
    player.after(minutes=15)
    assert "our duty manager is told" in told(player)
    assert (seen(player).state, seen(player).now) == ("late", told(player))
    player.act("contacted", "ana")
    assert (seen(player).state, seen(player).now) == ("held", "Ana has your case.")


def owed() -> Player:
    """Ana has reached the customer after a minute; a word is owed each 20 minutes."""
    player = Player(handbook_of(["ana", "ben", "chloe"], LADDER, word_min=20))
    player.after(minutes=1)
    player.act("acknowledge", "ana")
    player.act("contacted", "ana")
    return player


def written(player: Player) -> Progress:
    """The page of a case, with what was written to its customer."""
    words = [LogEntry(fact=Updated(at=player.at, by="ana", how="sms", text="x"), decision=one) for one in player.decisions if one.result == "told"]
    case = Case(incident=player.incident, handbook=player.book, at=player.at, alerted_at=player.report.at, updated=tuple(reversed(words)))
    return progress(case)


def test_when_the_next_word_is_due_is_said() -> None:
    player = owed()
    assert ("You hear from us again by 02:21", False) in [(step.words, step.at is not None) for step in written(player).steps]
    assert written(player).now == "Ana has your case."
    player.act("resolve", "ana")
    assert "hear from us" not in f"{written(player)}"


def test_no_news_is_said_in_the_words_of_the_text_until_there_are_some() -> None:
    player = owed()
    player.after(minutes=20)
    assert "have no news yet" in told(player)
    assert (written(player).state, written(player).now) == ("late", told(player))
    player.act("update", "ana", text="We found it.")
    assert written(player).now == "Ana has your case."
    player.after(minutes=20)
    assert (written(player).state, written(player).now) == ("late", told(player))


def test_a_word_that_is_owed_since_a_new_contact_is_not_missing_yet() -> None:
    player = owed()
    player.after(minutes=20)
    player.act("resolve", "ana")
    player.fact(Reopened(at=player.at, by="customer", how="form"))
    player.act("acknowledge", "ben")
    player.after(minutes=2)
    player.act("contacted", "ben")
    assert player.incident.updates_missed == 1
    assert written(player).now == "Ben has your case."


def test_the_last_resort_is_said_in_the_words_of_the_text() -> None:
    player = Player(handbook_of(["ana", "ben"], ["{page: ana, wait: 1m}"]))
    player.after(minutes=2)
    assert "nobody has answered us yet" in told(player)
    assert seen(player).now == told(player)


def test_what_waits_names_the_opening_and_what_is_closed_names_the_hour() -> None:
    player = Player(severity="sev3", summary="a question")
    assert (seen(player, alerted=False).state, seen(player, alerted=False).now) == ("wait", "Your case waits until we open, 08:00.")
    assert steps(player, alerted=False)[1:3] == [("We look at it when we open, 08:00", False), ("A person contacts you by 09:00", False)]
    player.act("acknowledge", "ana")
    player.act("resolve", "ben")
    assert (seen(player).state, seen(player).now) == ("done", "Ben closed your case at 02:00.")
    assert steps(player)[-1] == ("Ben closed your case", True)


def test_a_number_of_the_last_resort_is_never_shown() -> None:
    book = replace(handbook_of(["ana", "ben"], ["{page: ana, wait: 1m}"]), last_resort=(LastResort(person=None, phone="+447700900099"),))
    player = Player(book)
    player.after(minutes=2)
    player.act("acknowledge", "+447700900099")
    assert seen(player).now == "One of us has your case."
    player.after(minutes=20)
    assert seen(player).now.startswith("Example K7F2: we have not reached you in time and are sorry. One of us has your case")
    player.act("resolve", "+447700900099")
    assert "+44" not in f"{seen(player)}"
    assert steps(player)[-1] == ("One of us closed your case", True)


def test_somebody_who_shares_a_first_name_is_named_in_full() -> None:
    player = Player()
    first = player.book.people["ana"]
    book = replace(player.book, people={**player.book.people, "other": replace(first, id="other", name="Ana Other")})
    player.act("acknowledge", "ana")
    case = Case(incident=player.incident, handbook=book, at=player.at, alerted_at=None)
    assert progress(case).now == f"{first.name} has your case."


@pytest.mark.parametrize("phone", ["+31655501234", ""])
def test_without_a_promise_none_is_shown(phone: str) -> None:
    """Nobody is promised anything who left no way to be contacted."""
    assert any("contacts you by" in words for words, _ in steps(Player(phone=phone))) is bool(phone)


def say(player: Player, fact: Noted | Reopened | MarkedUrgent) -> tuple[str, str] | None:
    """The customer says something now; what the page says of it."""
    decision = player.fact(fact)
    case = Case(incident=player.incident, handbook=player.book, at=player.at, alerted_at=None)
    return came_of(case, fact, decision)


def note(by: str = "customer") -> Noted:
    """Some words."""
    return Noted(at=Player().at, by=by, how="form", text="tills too")


def test_what_a_customer_adds_is_passed_on_to_whoever_has_it() -> None:
    player = Player()
    assert say(player, note()) == ("tills too", "We added it to your case.")
    player.act("acknowledge", "ana")
    assert say(player, note()) == ("tills too", "We passed it on to Ana.")
    assert say(player, note("ana")) is None
    player.act("resolve", "ana")
    assert say(player, note()) == ("tills too", "Your case was closed, so nobody is called for this.")
    assert player.incident.status is Status.RESOLVED


def test_urgent_and_reopened_say_what_came_of_them() -> None:
    urgent, reopened = MarkedUrgent(at=Player().at), Reopened(at=Player().at, by="customer", how="form")
    player = Player(severity="sev3", summary="a question")
    assert say(player, urgent) == ("It cannot wait.", "We alert our engineers now.")
    assert say(player, urgent) == ("It cannot wait.", "Your case was being handled already.")
    assert say(player, reopened) == ("It is still broken.", "Your case was not closed.")
    player.act("resolve", "ana")
    assert say(player, reopened) == ("It is still broken.", "Your case is open again. We alert our engineers now.")
    assert say(player, replace(reopened, by="ana")) is None
