"""Every text fits one GSM-7 segment, keeps what must not be lost, and takes nothing from outside for its own."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.texts_en import ADMIN, ASKED, CALLS, CUSTOMER, DUTY, ENGLISH, NAMES, RESPONDER, SLACK, SURVEYS
from oncall.core.wording import BASIC, EXTENDED, PLACEHOLDER, SEGMENT, asks, clock_text, filled, problems, septets, text, transliterate
from tests.simulation.world import START

FIXED = {"severity": "SEV1", "code": "247", "due": "Mon 03:17", "minutes": "125", "since": "Mon 03:05", "until": "Mon 03:46", "case": "K7F2"}
FIXED |= {"back": "Mon 14 Dec 18:00 to Tue 15 Dec 08:00"}
FIXED |= {"count": "12", "step": "3", "opening": "Mon 08:00", "phone": "...0104", "nothing": "", "update": "Mon 04:15"}
FIXED |= {"page": f"https://oncall.example.com/pulse/{32 * 'a'}"}
FREE = sorted({name for template in ENGLISH.values() for name in PLACEHOLDER.findall(template)} - set(FIXED))
CARRIER_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "YES", "UNSTOP", "HELP", "INFO"}


LONG = {"since": "Mon 14 Dec 18:00", "until": "Tue 15 Dec 08:00"}
"""Days that are far off are named with their date."""


@pytest.mark.parametrize("about", [*sorted(ASKED), *sorted(DUTY), "gap_ahead"])
@given(values=st.fixed_dictionaries({name: st.text(max_size=300) for name in FREE}))
@settings(max_examples=40, deadline=None)
def test_a_question_outside_incidents_is_one_segment_whatever_it_is_filled_with(about: str, values: dict[str, str]) -> None:
    """Names and reasons give way, the hours and the code never."""
    out = text({}, "en", about, {**FIXED, **LONG, **values})
    assert set(out) <= set(BASIC) | set(EXTENDED)
    assert septets(out) <= SEGMENT
    for name in {"code", "since", "until", "back"} & set(PLACEHOLDER.findall(ENGLISH[about])):
        assert (FIXED | LONG)[name] in out


@pytest.mark.parametrize("about", sorted(RESPONDER))
@given(values=st.fixed_dictionaries({name: st.text(max_size=300) for name in FREE}))
@settings(max_examples=40, deadline=None)
def test_a_text_to_a_responder_is_one_segment_whatever_it_is_filled_with(about: str, values: dict[str, str]) -> None:
    """Arbitrary Unicode in, at most 160 septets of GSM-7 out, and the parts that act are still there."""
    out = text({}, "en", about, {**FIXED, **values})
    assert set(out) <= set(BASIC) | set(EXTENDED)
    assert septets(out) <= SEGMENT
    for name in {"severity", "code", "due"} & set(PLACEHOLDER.findall(re.sub(r"\[[^\]]*\]", "", RESPONDER[about]))):
        assert FIXED[name] in out


@pytest.mark.parametrize("about", sorted(ENGLISH))
def test_every_text_fits_one_segment_with_ordinary_values(about: str) -> None:
    """The values of an ordinary night, customers' and admins' texts too."""
    ordinary = {"customer": "Northwind", "summary": "checkout down, all stores", "next": "Ben", "tried": "Ana", "holder": "Ana", "by": "Ben"}
    ordinary |= {
        "details": "tills show error 503",
        "caller": "M. Visser +31655501234",
        "company": "Example",
        "text": "74",
        "reason": "opted out (21610)",
        "topic": "Invoices and contracts",
        "words": "We found the cause and are restoring the checkout.",
    }
    out = text({}, "en", about, {**FIXED, **ordinary, "list": "47 for SEV1 Northwind"})
    assert septets(out) <= SEGMENT, out
    assert "{" not in out
    assert "[" not in out


@pytest.mark.parametrize("about", [*sorted({**RESPONDER, **ASKED, **DUTY}), "gap_ahead"])
def test_a_text_to_us_is_one_segment_when_every_value_is_as_wide_as_can_be(about: str) -> None:
    """Characters of the extension table count twice, and a shortened value keeps six of them."""
    far = LONG if about in {**ASKED, **DUTY, "gap_ahead": ""} else {}
    assert septets(text({}, "en", about, {**FIXED, **far, **dict.fromkeys(FREE, "{" * 8)})) <= SEGMENT


def test_no_two_kinds_of_reader_share_a_text_id() -> None:
    """A responder must never get the customer's words."""
    assert len(ENGLISH) == len(RESPONDER) + len(DUTY) + len(ASKED) + len(ADMIN) + len(CUSTOMER) + len(SURVEYS) + len(NAMES) + len(CALLS) + len(SLACK)


def test_no_text_asks_for_a_word_that_carriers_take() -> None:
    """STOP, CANCEL, YES and their kind never reach us, or silence the reader."""
    asked = {word for about, template in ENGLISH.items() if about != "opted_out" for word in re.findall(r"[Rr]eply ([A-Z]{2,})", template)}
    assert asked == {"URGENT", "REOPEN", "NOMORE", "CALL"}
    assert not asked & CARRIER_WORDS


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        ("café", "café"),
        ("être", "etre"),
        ("“Down” – it’s…", '"Down" - it\'s...'),
        ("on fire 🔥🔥", "on fire"),
        ("a\x00b\u202ec", "abc"),
        ("Łódź", "Lodz"),
        ("x\ny", "x y"),
    ],
)
def test_characters_become_their_plain_form(given_: str, wanted: str) -> None:
    """Transliterated, never a question mark."""
    assert transliterate(given_) == wanted


def test_what_comes_from_outside_is_never_a_template() -> None:
    """Braces and brackets of a customer are characters, and its links lose their path."""
    out = text({}, "en", "page", {**FIXED, "customer": "{code}", "summary": "[x] see https://evil.example/login?a=b now", "next": "Ben"})
    assert out.startswith("SEV1 {code}: [x] see evil.example now.")


def test_an_optional_part_vanishes_with_its_value() -> None:
    """Nobody is told of a deadline that there is not."""
    assert filled("a[ by {due}].", {"due": ""}) == "a."
    assert filled("a[ by {due}].", {"due": "03:17"}) == "a by 03:17."


def test_the_summary_is_shortened_before_the_customer() -> None:
    """In the order of sacrifice: who it is about stays longest."""
    out = text({}, "en", "page", {**FIXED, "customer": "Northwind", "summary": "x" * 500, "next": "Ben"})
    assert "SEV1 Northwind: xxxxxx" in out
    assert septets(out) == SEGMENT


def test_a_time_is_the_readers_and_names_the_day_when_it_is_not_today() -> None:
    """Two in the morning in Berlin is still Monday evening in Chicago."""
    assert clock_text(START, "Europe/Berlin", START) == "02:00"
    assert clock_text(START, "America/Chicago", START) == "19:00"
    assert clock_text(START.replace(day=26), "Europe/Berlin", START) == "Thu 02:00"


def test_a_day_that_could_mean_two_is_named_with_its_date() -> None:
    """The next seven days have a weekday each; "Tue" in two weeks is not this Tuesday."""
    assert clock_text(START + timedelta(days=7), "Europe/Berlin", START) == "Tue 02:00"
    assert clock_text(START + timedelta(days=8), "Europe/Berlin", START) == "Wed 2 Dec 02:00"
    assert clock_text(START - timedelta(days=6), "Europe/Berlin", START) == "Wed 02:00"
    assert clock_text(START - timedelta(days=7), "Europe/Berlin", START) == "Tue 17 Nov 02:00"


@pytest.mark.parametrize(
    ("about", "pattern", "wrong"),
    [
        ("pgae", "x", "there is no text called 'pgae'"),
        ("page", "{severity} {cod} {code}", "the text 'page' cannot fill '{cod}'"),
        ("page", "{severity} down", "the text 'page' must name '{code}'"),
        ("ask_cover", "{by} asks", "the text 'ask_cover' must name '{code}'"),
    ],
)
def test_a_companys_own_text_is_checked(about: str, pattern: str, wrong: str) -> None:
    """A typo in a text must not be found at three in the morning."""
    assert wrong in problems(about, pattern)


@pytest.mark.parametrize("about", ["duty_tomorrow", "duty_begins", "gap_ahead"])
def test_a_companys_own_notice_may_only_tell(about: str) -> None:
    """Texts of before that name no code stay good; they ask nothing."""
    assert problems(about, "{list} until {until}") == ()
    assert asks({}, "en", about)
    assert not asks({"en": {about: "{list} until {until}"}}, "en", about)
