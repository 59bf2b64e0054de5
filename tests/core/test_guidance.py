"""What the handbook says to whoever handles it is shown with the case: quoted, escaped, and no longer when it is over."""

from __future__ import annotations

from dataclasses import replace

from oncall.core.board import LONGEST_EXCERPT, board
from oncall.core.buttons import LONGEST_TEXT
from oncall.core.model import Handbook, Service
from oncall.core.place import Place
from oncall.core.policy import Authority, Customer, Guideline
from tests.core.escalation.player import LADDER, Player
from tests.simulation.books import handbook_of

HERE = Place(file="config/all.yaml", line=1, column=1)


def guided(text: str) -> Handbook:
    """A handbook with a service that has this guideline."""
    shop = Service(id="shop", name="Shop", escalations={}, place=HERE, guideline=Guideline(file="shop.md", text=text))
    return replace(handbook_of(["ana", "ben", "chloe"], LADDER), services={"shop": shop})


def shown(player: Player) -> str:
    """Everything that the message in the channel says."""
    return str(board(player.incident, player.book, player.at).blocks)


def test_the_channel_quotes_the_guideline_and_nothing_in_it_can_mention_or_link() -> None:
    player = Player(guided("# Shop\n\n1. Roll back.\n2. Ask <!here> & wait."), service="shop")
    assert "*Guideline: Shop*\\n> 1. Roll back.\\n> 2. Ask &lt;!here&gt; &amp; wait." in shown(player)
    player.act("acknowledge", "ana")
    assert "Guideline" in shown(player)
    player.act("resolve", "ana")
    assert "Guideline" not in shown(player)


def test_the_channel_says_what_may_be_decided_while_it_lasts() -> None:
    authority = Authority(responder=("Roll back.", "Credit of <200>."), manager=("Call in a supplier.",))
    player = Player(replace(guided("x"), authority=authority))
    assert "*You may decide*\\n• Roll back.\\n• Credit of &lt;200&gt;.\\n*A manager may decide*\\n• Call in a supplier." in shown(player)
    player.act("resolve", "ana")
    assert "may decide" not in shown(player)


def test_a_decision_is_kept_apart_from_the_words_about_what_is_broken() -> None:
    player = Player(summary="Checkout is down")
    player.act("acknowledge", "ana")
    decision = player.act("note", "ana", text="Credit of 100 EUR", decision=True)
    assert (decision.result, decision.because, decision.orders) == ("decided", "Ana decided this by their own authority", ())
    assert "Credit" not in player.incident.details
    player.act("note", "ana", text="It was the release")
    assert player.incident.details == "It was the release"


def test_the_channel_says_the_tier_of_a_customer_who_is_known() -> None:
    gold = Customer(id="northwind", name="Northwind", contract=None, contacts=(), keys=(), place=HERE, language="en", prefers="", tier="gold <b>")
    player = Player(replace(guided("x"), customers={"northwind": gold}), customer="northwind")
    assert "Northwind, +31655501234, api, 02:00 · gold &lt;b&gt;" in shown(player)
    assert " · gold" not in shown(Player(replace(guided("x"), customers={"northwind": gold})))


def test_a_long_guideline_fits_the_message() -> None:
    player = Player(guided("\n".join(["&" * 30] * 200)), service="shop")
    sections = [block for block in board(player.incident, player.book, player.at).blocks if "Guideline" in str(block)]
    (text,) = (str(block["text"]["text"]) for block in sections)  # type: ignore[index]  # blocks are plain JSON
    assert len(text) <= LONGEST_TEXT
    assert text.count("&amp;") <= LONGEST_EXCERPT


def test_a_case_without_a_service_or_with_one_that_has_none_shows_no_guideline() -> None:
    assert "Guideline" not in shown(Player(guided("x")))
    book = guided("x")
    assert "Guideline" not in shown(Player(replace(book, services={"shop": replace(book.services["shop"], guideline=None)}), service="shop"))
