"""Over which way the customer is told, in which language, and what follows when it fails, decision by decision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.core.messages import Order, OrderKind, SendFailed, SendUnknown
from oncall.core.model import Handbook
from oncall.core.place import Place
from oncall.core.policy import Customer
from oncall.core.replies import draw_secret
from tests.core.escalation.player import LADDER, Player
from tests.simulation.books import handbook_of

DANA, PHONE = "dana@customer.example", "+31655501234"
BOTH = ("sms", "email")


def with_customer(prefers: str = "", language: str = "en", **texts: str) -> Handbook:
    """A handbook that knows Northwind."""
    place = Place(file="config/all.yaml", line=1, column=1)
    northwind = Customer(id="northwind", name="Northwind", contract=None, language=language, prefers=prefers, contacts=(), keys=(), place=place)
    return replace(handbook_of(["ana", "ben", "chloe"], LADDER), customers={"northwind": northwind}, texts={language: texts} if texts else {})


def notices(player: Player) -> list[Order]:
    """What was ordered for the customer."""
    return [order for order in player.orders if order.kind is OrderKind.NOTIFY]


def ways(player: Player) -> list[tuple[str, str]]:
    """By which way, and what."""
    return [(order.way, order.about) for order in notices(player)]


@pytest.mark.parametrize(
    ("channel", "prefers", "phone", "email", "on", "way", "address"),
    [
        ("api", "", PHONE, DANA, BOTH, "sms", PHONE),
        ("form", "", "", DANA, BOTH, "email", DANA),
        ("email", "", PHONE, DANA, BOTH, "email", DANA),
        ("email", "", PHONE, "", BOTH, "sms", PHONE),
        ("email", "", PHONE, DANA, ("sms",), "sms", PHONE),
        ("email", "sms", PHONE, DANA, BOTH, "sms", PHONE),
        ("sms", "email", PHONE, DANA, BOTH, "email", DANA),
        ("api", "email", PHONE, "", BOTH, "sms", PHONE),
        ("api", "email", PHONE, DANA, ("sms",), "sms", PHONE),
    ],
)
def test_the_customer_is_told_by_the_way_they_prefer_or_reported_by_or_else_by_text(
    channel: str, prefers: str, phone: str, email: str, on: tuple[str, ...], way: str, address: str
) -> None:
    player = Player(with_customer(prefers), ways=on, channel=channel, phone=phone, email=email, customer="northwind")
    assert [(order.way, order.address, order.about) for order in notices(player)] == [(way, address, "received")]
    assert player.incident.told == ("received",)


@pytest.mark.parametrize(
    ("phone", "email", "on", "told"),
    [
        (PHONE, "", BOTH, " They are told now, new time 02:30."),
        ("", DANA, BOTH, " They are told now, new time 02:30."),
        ("", DANA, ("sms",), ""),
    ],
)
def test_managers_read_that_the_customer_is_told_only_if_that_is_so(phone: str, email: str, on: tuple[str, ...], told: str) -> None:
    player = Player(ways=on, phone=phone, email=email)
    player.act("acknowledge", "ana")
    player.after(minutes=15)
    assert [order.text for order in player.orders if order.about == "late_manager"] == [
        f"LATE SEV1 Northwind: Ana has it, but no call to the customer was reported by 02:15.{told} Ask, or take over."
    ]
    assert [about for _, about in ways(player)].count("late_held") == bool(told)


def test_a_mail_names_no_private_number_and_says_one_of_us_in_the_customers_language() -> None:
    """A last resort may be a bare number; its owner's number is nobody's business but ours."""
    book = with_customer("email", "nl", one_of_us="Een van ons", letter_taken="{holder} heeft uw zaak[ tot {due}]\na\nb\nc\nd")
    player = Player(book, ways=BOTH, email=DANA, customer="northwind")
    player.act("acknowledge", "+447700900099")
    player.act("resolve", "+447700900099")
    assert notices(player)[1].text.startswith("[K7F2] Een van ons heeft uw zaak tot 02:15\n")
    assert notices(player)[2].text.startswith("[K7F2] Een van ons heeft uw zaak gesloten\n")
    assert all("900099" not in order.text for order in notices(player))


def test_a_notice_is_in_the_customers_language_where_there_are_words_in_it() -> None:
    book = with_customer("email", "nl", letter_taken="{holder} heeft uw zaak[ tot {due}]\na\nb\nc\nd")
    player = Player(book, ways=BOTH, email=DANA, customer="northwind")
    player.act("acknowledge", "ana")
    assert [order.text.partition("\n")[0] for order in notices(player)] == [
        "[K7F2] We hebben uw noodgeval. Een mens neemt uiterlijk 02:15 contact op", "[K7F2] Ana heeft uw zaak tot 02:15",
    ]  # fmt: skip
    texted = Player(with_customer("", "nl", taken="{company} {case}: {holder} heeft uw zaak[ tot {due}]."), ways=BOTH, customer="northwind")
    texted.act("acknowledge", "ana")
    assert notices(texted)[1].text == "Example K7F2: Ana heeft uw zaak tot 02:15."


def test_a_way_that_is_known_to_be_broken_is_passed_over_and_tried_all_the_same_if_it_is_the_only_one() -> None:
    for email, way in ((DANA, "email"), ("", "sms")):
        player = Player(ways=BOTH, email=email)
        player.view.break_way("customer", "sms")
        player.act("acknowledge", "ana")
        assert ways(player)[-1] == (way, "taken")


@pytest.mark.parametrize("fact", [SendFailed, SendUnknown])
def test_a_text_that_may_not_have_arrived_goes_by_mail_and_a_mail_that_may_not_have_is_told_to_the_holder(
    fact: type[SendFailed | SendUnknown],
) -> None:
    player = Player(ways=BOTH, email=DANA)
    player.act("acknowledge", "ana")
    text = notices(player)[-1]
    assert (text.way, text.only_way) == ("sms", False)
    player.fact(fact(at=player.at, order=text.id, reason="refused"))
    mail = notices(player)[-1]
    assert (mail.way, mail.about, mail.address, mail.only_way) == ("email", "taken", DANA, True)
    assert mail.text.startswith("[K7F2] Ana has your case\nHello Northwind,\n")
    assert player.told(player.decisions[-1]) == []
    decision = player.fact(fact(at=player.at, order=mail.id, reason="refused"))
    assert player.told(decision) == [("ana", "customer_not_told")]
    assert ways(player) == [("sms", "received"), ("sms", "taken"), ("email", "taken")]
    assert player.incident.told == ("received", "taken")


def test_a_way_to_whoever_has_nothing_else_is_the_only_one() -> None:
    """So a notice of unknown result is tried once more on it (decisions.md 7), and where there is another way it goes by that."""
    assert notices(Player(ways=BOTH))[0].only_way
    assert notices(Player(ways=BOTH, phone="", email=DANA))[0].only_way
    assert not notices(Player(ways=BOTH, email=DANA))[0].only_way
    assert not notices(Player(ways=BOTH, channel="email", email=DANA))[0].only_way


def test_a_notice_that_is_not_true_any_more_goes_by_no_other_way() -> None:
    """Somebody took it before the failure of "we are calling" was known: the text that says so is on its way already."""
    player = Player(ways=BOTH, email=DANA)
    received = notices(player)[0]
    player.act("acknowledge", "ana")
    decision = player.fact(SendFailed(at=player.at, order=received.id, reason="refused"))
    assert decision.orders == ()
    assert "not true any more" in decision.because


def test_what_somebody_wrote_goes_by_mail_as_they_wrote_it() -> None:
    player = Player(ways=BOTH, email=DANA)
    player.act("acknowledge", "ana")
    player.act("update", "ana", text="The gateway certificate had run out.")
    player.fact(SendFailed(at=player.at, order=notices(player)[-1].id, reason="refused"))
    assert "What we know: The gateway certificate had run out." in notices(player)[-1].text


def test_words_that_failed_after_newer_ones_are_not_told_as_those() -> None:
    """The newer words were told already, so whoever wrote the older ones hears that they may be lost."""
    player = Player(ways=BOTH, email=DANA)
    player.act("acknowledge", "ana")
    player.act("update", "ana", text="Looking.")
    older = notices(player)[-1]
    player.act("update", "ana", text="Found it.")
    decision = player.fact(SendFailed(at=player.at, order=older.id, reason="refused"))
    assert player.told(decision, OrderKind.NOTIFY) == []
    assert player.told(decision) == [("ana", "customer_not_told")]


def test_a_closing_that_failed_by_text_names_in_the_mail_who_closed_it_and_when() -> None:
    player = Player(ways=BOTH, email=DANA)
    player.act("resolve", "ben")
    player.after(minutes=3)
    player.fact(SendFailed(at=player.at, order=notices(player)[-1].id, reason="refused"))
    mail = notices(player)[-1].text
    assert "What we know: Ben closed your case at 02:00." in mail
    assert "Text REOPEN K7F2 to +15125550101 and we wake an engineer again." in mail


def test_the_same_report_by_mail_again_is_answered_by_mail() -> None:
    player = Player(ways=BOTH, phone="", email=DANA)
    player.fact(replace(player.report, summary="Still down"))
    assert ways(player) == [("email", "received"), ("email", "added")]


def test_a_mail_leads_to_the_page_of_its_case_if_there_is_one() -> None:
    player = Player(ways=BOTH, phone="", email=DANA)
    assert "http" not in notices(player)[0].text
    player.view.pages = True
    player.act("acknowledge", "ana")
    assert f"https://oncall.example/c/K7F2-{draw_secret('ab' * 16)}\n" in notices(player)[1].text
    assert "https://oncall.example/policy\n" in notices(player)[1].text
