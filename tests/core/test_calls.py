"""What a call says at each moment: the order of its words, what it offers, and nothing that is not true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.core.calling import Call, called_again_at, language_of
from oncall.core.calls import MOST_TROUBLE, ROUNDS, after_key, answered, trouble, unknown
from oncall.core.messages import CallEnded, SendFailed
from oncall.core.model import Handbook, ReachStep
from oncall.core.replies import understand_key
from oncall.core.script import LANGUAGES, Ask, ComeBack, HangUp, Pause, Say, Script, TryAgain
from oncall.core.texts_en import CALLS
from tests.core.escalation.player import LADDER, Player
from tests.simulation.books import handbook_of

WAYS = ("sms", "voice")


def playing(*, phone: str = "+31655501234", details: str = "") -> Player:
    """A night on which Ana is called."""
    return Player(handbook_of(["ana", "ben", "chloe"], LADDER), ways=WAYS, phone=phone, details=details)


def call_to(night: Player, who: str = "ana", opening: str = "SEV1. Northwind. Checkout is down.") -> Call:
    """A call as it stands now."""
    return Call(incident=night.incident, who=who, opening=opening, handbook=night.book, at=night.at)


def words(script: Script) -> str:
    """All that is said, in order."""
    said = []
    for part in script.parts:
        said += [one.text for one in (part.parts if isinstance(part, Ask) else (part,)) if isinstance(one, Say)]
    return " ".join(said)


def ends(script: Script) -> bool:
    """Whether the call is over with it, and asks for no key."""
    return isinstance(script.parts[-1], HangUp) and not any(isinstance(part, Ask) for part in script.parts)


def test_the_first_words_may_be_lost_and_the_goal_comes_before_the_key() -> None:
    """Severity, customer, what is broken, how to take it; at most four keys are offered."""
    script = answered(call_to(playing()), 1)
    pause, ask, back = script.parts
    assert isinstance(pause, Pause)
    assert isinstance(ask, Ask)
    assert back == ComeBack(round=2)
    assert words(script) == (
        f"Emergency page from {playing().book.company}. Severity 1. Northwind. Checkout is down. "
        "To take it, press 1. To pass it to Ben, Chloe, press 2. For details, press 3. To hear this again, press star."
    )


def test_silence_is_asked_differently_then_told_everything_again_then_ended() -> None:
    """Three rounds; the goodbye is asked for when it is said."""
    call = call_to(playing())
    assert words(answered(call, 2)) == "Are you there? To take it, press 1. To pass it on, press 2."
    assert words(answered(call, 3)) == words(answered(call, 1))
    assert answered(call, 3).parts[-1] == ComeBack(round=4)
    assert ends(answered(call, ROUNDS + 1))


def test_the_goodbye_promises_another_call_only_if_one_is_planned() -> None:
    """By the person's own contact steps, as the incident's clock has them."""
    night = playing()
    night.after(seconds=100)
    call = call_to(night)
    again = called_again_at(call)
    assert again == night.incident.clocks["reach/ana"]
    assert words(answered(call, 4)).startswith("No key pressed. I will call you again at ")
    night.after(seconds=120)
    assert called_again_at(call_to(night)) is None
    assert words(answered(call_to(night), 4)) == "No key pressed. If nobody takes it, I call Ben, Chloe. Goodbye."


def test_a_promised_call_comes() -> None:
    """Whatever the reach: if the goodbye names a time, a call is ordered then, though this one ended without a key."""
    plans = (
        (("sms", 0), ("voice", 1), ("voice", 3)), (("voice", 0), ("voice", 2), ("sms", 3)), (("voice", 0), ("sms", 2), ("voice", 3)),
        (("voice", 0), ("voice", 2)), (("voice", 0), ("sms", 1)), (("voice", 0), ("voice", 7)),
    )  # fmt: skip
    promised = 0
    for plan in plans:
        for fails in (False, True):
            night = Player(with_reach(handbook_of(["ana", "ben", "chloe"], LADDER), plan), ways=WAYS)
            night.after(seconds=70)
            for one in night.incident.pages[0].tries:
                if one.way == "sms" and fails:
                    night.fact(SendFailed(at=night.at, order=one.order, reason="off"))
            said = called_again_at(call_to(night))
            for one in night.incident.pages[0].tries:
                if one.way == "voice":
                    night.fact(CallEnded(at=night.at, order=one.order, reason="no key"))
            if said is not None:
                promised += 1
                before = len(night.orders)
                night.after(seconds=(said - night.at).total_seconds() + 2)
                assert ("ana", "voice") in [(order.recipient, order.way) for order in night.orders[before:]], plan
    assert promised >= 2


def with_reach(book: Handbook, plan: tuple[tuple[str, int], ...]) -> Handbook:
    """Ana with these contact steps, as (way, minutes)."""
    reach = tuple(ReachStep(ways=(way,), after=timedelta(minutes=minutes)) for way, minutes in plan)
    return replace(book, people={**book.people, "ana": replace(book.people["ana"], reach=reach)})


def test_when_nobody_is_next_the_goodbye_says_that_calling_goes_on() -> None:
    """Behind the last step it repeats without end."""
    night = playing()
    night.after(minutes=30)
    while "reach/priya" in night.incident.clocks:
        night.after(minutes=1)
    assert words(answered(call_to(night, "priya"), 4)) == "No key pressed. I keep calling people until somebody takes it. Goodbye."


def test_whoever_takes_it_hears_whom_to_call_by_when_and_no_number() -> None:
    """The customer is said to be told only if they are."""
    night = playing()
    night.act("acknowledge", "ana")
    told = words(after_key(call_to(night), "taken", "1", 1))
    due = call_to(night).time(night.incident.promise.contact_by if night.incident.promise else None)
    assert told == f"You have it. The customer is told now. Call Northwind by {due}. The number is in your messages. Goodbye."
    assert ":" not in due
    mute = playing(phone="")
    mute.act("acknowledge", "ana")
    assert words(after_key(call_to(mute), "taken", "1", 1)) == "You have it. Goodbye."


def test_who_holds_it_already_is_not_asked_to_take_it() -> None:
    """They took it by text while the telephone rang."""
    night = playing()
    night.act("acknowledge", "ana")
    script = answered(call_to(night), 1)
    assert words(script).startswith("You have it already. Call Northwind by ")
    assert ends(script)


def test_passing_names_who_is_called_now() -> None:
    """Or says that nobody else is left, and when they are called again."""
    night = playing()
    night.act("pass", "ana")
    assert words(after_key(call_to(night), "passed", "2", 1)) == "Passed on. I am calling Ben, Chloe now. Good night."
    night.after(minutes=30)
    for who in {page.person for page in night.incident.pages}:
        night.act("pass", who)
    assert words(after_key(call_to(night, "priya"), "passed", "2", 1)).startswith(
        "Noted, but nobody else is left to call. You will be called again at "
    )


@pytest.mark.parametrize("result", ["", "taken by other", "passed", "details", "wrong key", "repeat"])
def test_who_comes_too_late_hears_who_has_it(result: str) -> None:
    """At the start of a call and after every key that decided nothing for them."""
    night = playing()
    night.act("acknowledge", "ben")
    script = after_key(call_to(night), result, "3", 1) if result not in {"", "passed"} else answered(call_to(night), 2)
    assert words(script) == f"Ben took this at {call_to(night).time(night.at)}. Nothing for you to do. Good night."
    assert ends(script)


def test_a_closed_incident_says_who_closed_it() -> None:
    """And nothing can be pressed."""
    night = playing()
    night.act("resolve", "ben")
    assert words(answered(call_to(night), 1)).startswith("Ben closed this at ")
    assert ends(answered(call_to(night), 1))


def test_help_is_joined_and_not_taken() -> None:
    """The holder keeps it."""
    night = playing()
    night.act("acknowledge", "ana")
    night.act("escalate", "ana")
    menu = words(answered(call_to(night, "ben"), 1))
    assert "Ana has it and needs help. To help, press 1." in menu
    night.act("acknowledge", "ben")
    assert words(after_key(call_to(night, "ben"), "joined", "1", 1)) == "You help Ana with it. Goodbye."
    assert words(answered(call_to(night, "ben"), 1)) == "You help Ana with it. Goodbye."
    assert words(answered(call_to(night, "chloe"), 1)).startswith("Ana took this at ")


def test_a_key_that_could_not_be_decided_is_not_said_to_have_worked() -> None:
    """The incident is parked and the last resort alarmed (decisions.md 14)."""
    script = after_key(call_to(playing()), "parked", "1", 1)
    assert words(script) == "Your key could not be handled. The last resort is alarmed. Goodbye."
    assert ends(script)


def test_details_are_twenty_seconds_of_a_strangers_words_without_links_or_numbers_in_one_breath() -> None:
    """Fifty words, then the question again."""
    night = playing(details="see https://evil.example/now " + "word " * 200)
    said = words(after_key(call_to(night), "details", "3", 1))
    assert said.startswith("Reported at ")
    assert "evil" not in said
    assert said.count("word") == 49
    assert said.endswith("To take it, press 1. To pass it on, press 2.")


@pytest.mark.parametrize(
    ("key", "meaning"),
    [("1", "acknowledge"), ("4", "acknowledge"), ("2", "pass"), ("5", "pass"), ("3", "details"), ("*", "repeat"), ("6", "advice"),
     ("0", "wrong key"), ("7", "wrong key"), ("8", "wrong key"), ("9", "wrong key"), ("#", "wrong key"), ("", "wrong key"), ("11", "wrong key")],
)  # fmt: skip
def test_what_keys_mean(key: str, meaning: str) -> None:
    """Old habits of other pagers do no harm; nothing closes."""
    assert understand_key(key) == meaning


def test_a_wrong_key_is_named_and_asked_again() -> None:
    """The round goes on from there."""
    script = after_key(call_to(playing()), "wrong key", "7", 2)
    assert words(script) == "Not 7. To take it, press 1. To pass it to Ben, Chloe, press 2."
    assert script.parts[-1] == ComeBack(round=3)


def test_a_language_is_spoken_only_if_the_company_has_every_sentence_in_it() -> None:
    """One voice reads them all; half a translation is read in English."""
    book = playing().book
    german = {about: f"de {pattern}" for about, pattern in CALLS.items()}
    whole, half = replace(book, texts={"de": german}), replace(book, texts={"de": {"call_take": "Taste 1"}})
    assert [language_of(one, "de") for one in (book, half, whole)] == ["en", "en", "de"]
    assert language_of(replace(book, texts={"tlh": german}), "tlh") == "en"
    night = playing()
    night.book = replace(whole, people={**book.people, "ana": replace(book.people["ana"], language="de")})
    script = answered(call_to(night), 1)
    assert script.language == LANGUAGES["de"] == "de-DE"
    assert "de To take it, press 1." in words(script)
    assert answered(call_to(night, "ben"), 1).language == "en-US"


def test_every_language_code_is_a_language_and_its_country() -> None:
    """A pair the provider does not know would fail the whole verb."""
    assert all(code.startswith(language + "-") and code[-2:].isupper() for language, code in LANGUAGES.items())


def test_trouble_comes_back_three_times_and_then_asks_for_a_text() -> None:
    """It never says that something was taken."""
    book = playing().book
    for before in range(MOST_TROUBLE):
        assert trouble(book, before).parts[-1] == TryAgain(trouble=before + 1)
    last = trouble(book, MOST_TROUBLE)
    assert "send the code of your page as a text" in words(last)
    assert ends(last)


def test_an_unknown_call_is_greeted_and_ended() -> None:
    """Without a word about anything that is going on."""
    assert ends(unknown(playing().book))
