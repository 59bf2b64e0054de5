"""What replies mean: every form that is accepted, every one that is not, and codes that nobody can mistake."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.core.replies import (
    CASE_ALPHABET,
    WRONG_CODES_ALLOWED,
    Act,
    AskedCode,
    HeldCode,
    Meaning,
    case_named,
    draw_case,
    draw_code,
    draw_secret,
    draws,
    understand,
    understand_customer,
)

ONE = (HeldCode(code="47", incident="1001", waits=True),)
TWO = (*ONE, HeldCode(code="52", incident="1002", waits=True))
HELD = (HeldCode(code="47", incident="1001", waits=False),)
ASKED = (AskedCode(code="31", ask=5, waits=True),)
ANSWERED = (AskedCode(code="31", ask=5, waits=False),)


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        (form, "acknowledge")
        for form in (
            "47",
            " 47 ",
            "47 ok",
            "47ok",
            "OK 47",
            "ack47",
            "#47",
            "take 47",
            "47.",
            "“47”",
            "\U0001f44d 47",
            "４７",
            "47\nSent from my phone",
        )
    ]
    + [(form, "pass") for form in ("47N", "47 n", "47next", "47 pass", "pass 47", "N47")]
    + [(form, "resolve") for form in ("47D", "47 done", "done 47", "47 resolved")]
    + [(form, "escalate") for form in ("47H", "47 h")]
    + [(form, "contacted") for form in ("47C", "47 reached", "c47")],
)
def test_a_reply_with_a_code_acts_on_what_the_code_names(words: str, verb: str) -> None:
    """Case, spaces, quotes and order do not matter; waiting or not, the code says it all."""
    for held in (ONE, TWO, HELD):
        assert understand(words, held, 0).acts == (Act(verb=verb, incident="1001"),)


@pytest.mark.parametrize("words", ["ok", "OK!", "Ack", "a", "y", "k", "on it", "👍", "👍🏽", "Take."])
def test_a_bare_word_takes_the_only_page_and_nothing_else(words: str) -> None:
    """With two it is a question, with none it is not understood (decisions.md 32)."""
    assert understand(words, ONE, 0).acts == (Act(verb="acknowledge", incident="1001"),)
    assert understand(words, TWO, 0) == Meaning(answer="ambiguous")
    assert understand(words, HELD, 0) == Meaning(answer="not_understood")


@pytest.mark.parametrize(
    "words",
    [
        "Liked “SEV1 Northwind: down. Reply 47 = take it”",
        "Reacted 👍 to “SEV1”",
        "who is this?",
        "47 is what I saw",
        "I take it",
        "no",
        "done",
        "> 47",
        "",
        "yes",
        "4 7",
        "47 52",
    ],
)
def test_what_is_no_answer_acts_on_nothing(words: str) -> None:
    """Tapbacks, sentences, quotes, two codes: asked again, never guessed."""
    assert understand(words, ONE, 0) == Meaning(answer="not_understood")


@pytest.mark.parametrize("words", ["46", "48", "74", "147", "4711", "7"])
def test_a_code_that_is_nearly_right_is_wrong(words: str) -> None:
    """Never matched by nearness, and counted."""
    assert understand(words, ONE, 0) == Meaning(answer="unknown_code", wrong_code=words)


@pytest.mark.parametrize("words", ["ok", "a", "👍", "on it", "n", "no", "done"])
def test_a_bare_word_acts_on_nothing_while_another_question_waits(words: str) -> None:
    """It could be meant for that; with the question answered it is the page's again (decisions.md 32)."""
    for held in (ONE, TWO, HELD, ()):
        assert understand(words, held, 0, ASKED) == Meaning(answer="which_code")
    assert understand("ok", ONE, 0, ANSWERED).acts == (Act(verb="acknowledge", incident="1001"),)


def test_with_its_code_a_page_is_taken_whatever_else_waits() -> None:
    """A question never stands between a page and its code."""
    assert understand("47", ONE, 0, ASKED).acts == (Act(verb="acknowledge", incident="1001"),)
    assert understand("all", TWO, 0, ASKED).acts == tuple(Act(verb="acknowledge", incident=one) for one in ("1001", "1002"))


@pytest.mark.parametrize(
    ("words", "says"),
    [("31", "yes"), ("31 ok", "yes"), ("Take 31", "yes"), ("31 yes", "yes"), ("31N", "no"), ("31 no", "no"), ("31S", "cover"), ("31 cover", "cover"),
     ("31D", "duplicate"), ("31 too little info", "too little info"), ("31W", "could wait"),
     ("31J", "not our job"), ("31 what", ""), ("31S30", ""), ("31U we found it", "")],
)  # fmt: skip
def test_a_question_is_answered_by_its_code(words: str, says: str) -> None:
    """Also in quarantine, where the answer is that it is over; a word that is none is no answer."""
    for asked in (ASKED, ANSWERED):
        assert understand(words, ONE, 0, asked) == Meaning(ask=5, says=says)


@pytest.mark.parametrize(
    ("words", "wish", "rest"),
    [("COVER", "cover", ""), ("cover Fri 18:00 to Sat 08:00.", "cover", "fri 18:00 to sat 08:00"), ("Swap Ben", "swap", "ben"), ("SWAP", "swap", "")],
)
def test_cover_and_swap_are_wishes_in_words(words: str, wish: str, rest: str) -> None:
    """What the words mean is looked at later; a page that waits changes nothing about it."""
    for held in (ONE, TWO, ()):
        assert understand(words, held, 0, ASKED) == Meaning(wish=wish, words=rest)


@pytest.mark.parametrize("words", ["I need cover", "please swap", "covered", "cover 47", "swap #47"])
def test_what_only_sounds_like_a_wish_is_none(words: str) -> None:
    assert not understand(words, ONE, 0).wish


def test_a_locked_number_wishes_and_answers_nothing() -> None:
    """And the carrier's words keep their meaning."""
    for words in ("COVER", "31", "31N"):
        assert understand(words, (), WRONG_CODES_ALLOWED, ASKED) == Meaning()
    assert understand("stop", ONE, 0, ASKED) == Meaning(opted_out=True)
    assert understand("help", ONE, 0, ASKED) == Meaning()
    assert understand("yes", ONE, 0, ASKED) == Meaning(answer="not_understood")


def test_all_takes_every_page_that_waits() -> None:
    """And only those."""
    assert [act.incident for act in understand("All", (*TWO, HeldCode(code="60", incident="1003", waits=False)), 0).acts] == ["1001", "1002"]
    assert understand("all", HELD, 0) == Meaning(answer="not_understood")


def test_details_and_reminders_carry_what_they_ask_for() -> None:
    """A reminder always has an end, of twelve hours at the most."""
    assert understand("47?", ONE, 0).asks_about == "1001"
    assert understand("47S30", ONE, 0).acts == (Act(verb="snooze", incident="1001", minutes=30),)
    assert understand("47 s 999", ONE, 0).acts == (Act(verb="snooze", incident="1001", minutes=720),)


@pytest.mark.parametrize("words", ["47 SEV2", "47sev2", "#47 Sev 2."])
def test_a_code_with_a_severity_says_how_bad_it_is(words: str) -> None:
    """Only a severity that the policy has, and never without the code."""
    assert understand(words, ONE, 0, severities=("sev1", "sev2")).acts == (Act(verb="reclassify", incident="1001", severity="sev2"),)
    assert understand(words, ONE, 0, severities=("sev1",)) == Meaning(answer="not_understood")
    assert understand("sev2", ONE, 0, severities=("sev1", "sev2")) == Meaning(answer="not_understood")
    assert understand("48 sev2", ONE, 0, severities=("sev1", "sev2")).wrong_code == "48"


@pytest.mark.parametrize(("words", "out"), [("STOP", True), ("Unsubscribe", True), ("arrêt", True), ("START", False), ("unstop", False)])
def test_words_of_the_carriers_are_followed_not_answered(words: str, out: bool) -> None:
    """They change what the carrier does with our texts, so we must know."""
    meaning = understand(words, ONE, 0)
    assert (meaning.opted_out, meaning.opted_in, meaning.answer) == (out, not out, "")


@pytest.mark.parametrize("words", ["help", "INFO"])
def test_words_that_the_carrier_answers_are_left_to_it(words: str) -> None:
    """Two answers to one word would only confuse."""
    assert understand(words, ONE, 0) == Meaning()


def test_five_wrong_codes_lock_the_answers_of_a_number() -> None:
    """Even a right code does nothing then; the carrier's words still do."""
    assert understand("47", ONE, WRONG_CODES_ALLOWED - 1).acts
    assert understand("47", ONE, WRONG_CODES_ALLOWED) == Meaning()
    assert understand("stop", ONE, WRONG_CODES_ALLOWED).opted_out


@given(st.text())
def test_no_text_whatever_raises_or_acts_without_its_code(words: str) -> None:
    """Strangers' input never breaks the night."""
    for act in understand(words, HELD, 0, ASKED).acts:
        assert act.incident == "1001"


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Urgent!", "urgent"), ("REOPEN", "reopen"), ("stop", "opted out"), ("it is urgent", "words"), ("", "words"),
        ("URGENT K7F2", "urgent"), ("reopen k7f2.", "reopen"), ("stop k7f2", "words"), ("urgent now", "words"), ("K7F2", "words"),
    ],
)  # fmt: skip
def test_customers_may_overrule_and_reopen(words: str, meaning: str) -> None:
    """One word does it; a sentence is a sentence."""
    assert understand_customer(words) == meaning


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("URGENT K7F2", "K7F2"), (" reopen  k7f2! ", "K7F2"), ("URGENT", ""), ("K7F2", ""), ("K7F2 is down", ""), ("reopen K7F2 please", ""),
        ("urgent down", ""), ("REOPEN K7F22", ""), ("OK K7F2", ""),
    ],
)  # fmt: skip
def test_a_case_is_named_only_by_a_word_that_wakes_somebody_and_nothing_else(words: str, named: str) -> None:
    """So no text about an emergency can be taken for a word on an old case."""
    assert case_named(words) == named


def test_codes_are_two_digits_and_never_one_that_is_in_use() -> None:
    """21 to 99; from the seed alone, so that a replay draws the same."""
    used = frozenset(str(code) for code in range(21, 80))
    drawn = {draw_code(f"{seed:032x}", "ana", used) for seed in range(400)}
    assert drawn == {str(code) for code in range(80, 100)}
    assert draw_code("ab" * 16, "ana", used) == draw_code("ab" * 16, "ana", used)
    assert len({draw_code("ab" * 16, f"person{one}", frozenset()) for one in range(40)}) > 20


def test_with_few_codes_left_three_digits_are_used() -> None:
    """Fewer than ten free ones could be guessed."""
    used = frozenset(str(code) for code in range(21, 91))
    assert 200 <= int(draw_code("ab" * 16, "ana", used)) <= 999


def test_a_case_reference_can_be_read_aloud() -> None:
    """Four characters, none that sounds or looks like another, and another one for each attempt."""
    drawn = [draw_case("ab" * 16, attempt) for attempt in range(50)]
    assert len(set(drawn)) == 50
    assert all(len(case) == 4 and set(case) <= set(CASE_ALPHABET) for case in drawn)
    assert not set("AEIOU01LBS") & set(CASE_ALPHABET)
    assert list(islice(draws("x", "y"), 20)) == list(islice(draws("x", "y"), 20))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("47U We found the cause.", "We found the cause."),
        ("47 u: Back at 04:15, sorry!", "Back at 04:15, sorry!"),
        ("#47update It's OK", "It's OK"),
        ("47U first line\nsecond line\n> quoted of ours", "first line\nsecond line"),
    ],
)
def test_words_behind_a_u_go_to_the_customer_as_they_were_written(text: str, words: str) -> None:
    """Case, dots and lines are theirs."""
    held = (HeldCode(code="47", incident="1001", waits=True),)
    assert understand(text, held, 0).acts == (Act(verb="update", incident="1001", text=words),)


@pytest.mark.parametrize(("text", "answer"), [("47U", "not_understood"), ("47up", "not_understood"), ("48U hello", "unknown_code")])
def test_a_u_without_words_or_with_a_wrong_code_sends_nothing(text: str, answer: str) -> None:
    """No customer reads what was meant for another one."""
    meaning = understand(text, (HeldCode(code="47", incident="1001", waits=True),), 0)
    assert (meaning.acts, meaning.answer) == ((), answer)


def test_the_secret_of_a_case_follows_from_its_seed_and_says_nothing_of_its_reference() -> None:
    """The same seed draws the same, so that a replay is exact and a link that was given out stays good."""
    assert draw_secret("ab" * 16) == "FHH29428"
    secrets = [draw_secret(f"{number:032x}") for number in range(500)]
    assert len(set(secrets)) == 500
    assert {len(one) for one in secrets} == {8}
    assert set("".join(secrets)) == set(CASE_ALPHABET)
    assert draw_case("ab" * 16, 0) not in draw_secret("ab" * 16)
