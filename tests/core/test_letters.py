"""Letters: a subject and four slots for every notice, nothing that its text would not claim, and a stranger's words only as words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.letters import BUILT_IN, letter, problems
from oncall.core.letters_en import LETTERS
from oncall.core.texts_en import CUSTOMER
from oncall.core.wording import PLACEHOLDER

FULL = {
    "company": "Example", "case": "K7F2", "name": "Dana", "summary": "Checkout is down", "reported": "03:02", "due": "03:17",
    "number": "+15125550101",
    "holder": "Ana", "since": "03:06", "by": "Ben", "next": "our duty manager", "opening": "Mon 08:00", "update": "03:46", "words": "We found it.",
    "topic": "Invoices", "answer": "The office answers these.", "written": "2026-11-24 03:06", "zone": "Europe/Berlin",
}  # fmt: skip
NEEDED = {"company", "case", "summary", "reported", "written", "zone"}
"""What there is of every case."""
STAGES = sorted(CUSTOMER)


def slots(text: str) -> dict[str, str]:
    """The four slots of a letter, by their headings."""
    found = re.findall(r"^(What we know|What we do|Next update|How to reach us): (.*)$", text, re.MULTILINE)
    return dict(found)


def test_every_notice_has_a_letter_and_no_letter_is_without_a_notice() -> None:
    assert sorted(LETTERS) == [f"letter_{about}" for about in STAGES]


@pytest.mark.parametrize("about", STAGES)
def test_a_letter_has_a_subject_with_its_case_and_four_slots_that_say_something(about: str) -> None:
    for values in (FULL, {name: value if name in NEEDED | required(about) else "" for name, value in FULL.items()}):
        text = letter({}, "en", about, values)
        assert text.startswith("[K7F2] ")
        assert len(text.partition("\n")[0]) > len("[K7F2] ")
        assert list(slots(text)) == ["What we know", "What we do", "Next update", "How to reach us"]
        assert all(len(words) > 10 for words in slots(text).values()), slots(text)
        assert not re.search(r"[{}]|\[(?!K7F2\] )|  |^ | $", text, re.MULTILINE), text


def test_a_letter_names_our_pages_where_there_are_some_and_no_strangers() -> None:
    """A stranger's address is cut to its host, for we mail it to whoever was named; ours are whole."""
    page, policy = "https://oncall.example/c/K7F2-23456789", "https://oncall.example/policy"
    text = letter({}, "en", "received", {**FULL, "summary": "See https://evil.example/x?y=1", "page": page, "policy": policy})
    assert f"\n\nYour case, and what you can do about it: {page}\n\nWhat we promise after hours: {policy}\n\nExample, case K7F2." in text
    assert "03:02: See evil.example\n" in text
    without = letter({}, "en", "received", {**FULL, "page": "", "policy": ""})
    assert "http" not in without
    assert "\n\n\n" not in without


def required(about: str) -> set[str]:
    """What a letter cannot do without: what stands outside of its optional parts."""
    return set(PLACEHOLDER.findall(re.sub(r"\[[^\]]*\]", "", LETTERS[f"letter_{about}"])))


@pytest.mark.parametrize("about", STAGES)
def test_a_letter_needs_nothing_that_its_text_does_not_have(about: str) -> None:
    """So it claims nothing that the text could not."""
    given_ = set(PLACEHOLDER.findall(CUSTOMER[about]))
    assert required(about) <= given_ | {"summary", "reported", "case", "since"}


@pytest.mark.parametrize(
    ("about", "wrong"),
    [
        ("received", r"\bhas your case\.$|took|works on"), ("nobody_yet", r"are calling|is called|took"), ("late", "has your case|took"),
        ("exhausted", "took|woken"), ("waiting", "calling|is called"), ("declined", "calling|is called"), ("resolved", "calling"),
    ],
)  # fmt: skip
def test_no_letter_claims_what_is_not_so_at_its_stage(about: str, wrong: str) -> None:
    found = slots(letter({}, "en", about, FULL))
    assert not re.search(wrong, found["What we know"] + "\n" + found["What we do"])


def test_a_text_is_offered_only_where_there_is_a_number() -> None:
    """A letter offers only a way that is switched on (decisions.md 18), and never an answer to itself."""
    for about in STAGES:
        with_number, without = (slots(letter({}, "en", about, {**FULL, "number": number}))["How to reach us"] for number in ("+15125550101", ""))
        assert "+15125550101" in with_number
        assert not re.search("[Tt]ext|REOPEN|URGENT", without)
        assert with_number.endswith("Answers to this mail wake nobody.")


def test_what_comes_from_outside_stays_in_its_line_and_leads_nowhere() -> None:
    hostile = "x\r\nSubject: y\n\nHow to reach us: call me https://evil.example/login?a=b {due} [z]\u2028\u202e\x00"
    text = letter({}, "en", "received", {**FULL, "summary": hostile, "name": hostile})
    assert text.count("\n") == letter({}, "en", "received", FULL).count("\n")
    assert "What we know: We received your report at 03:02: x Subject: y How to reach us: call me evil.example {due} [z]" in text.splitlines()
    assert list(slots(text)) == ["What we know", "What we do", "Next update", "How to reach us"]


@given(values=st.fixed_dictionaries({name: st.text(max_size=900) for name in FULL}))
@settings(max_examples=100, deadline=None)
def test_whatever_a_letter_is_filled_with_it_keeps_its_shape(values: dict[str, str]) -> None:
    for about in STAGES:
        text = letter({}, "en", about, values)
        assert text.count("\n") == letter({}, "en", about, FULL).count("\n")
        assert all(char.isprintable() or char == "\n" for char in text)


def test_a_company_writes_its_own_letters_and_its_own_frame() -> None:
    own = {"en": {"letter_taken": "{holder} ist dran\nA {holder}\nB\nC\nD", "letter": "{know}|{do}|{then}|{reach}"}}
    assert letter(own, "en", "taken", FULL) == "[K7F2] Ana ist dran\nA Ana|B|C|D"
    assert letter({"fr": {"letter_taken": "a\nb\nc\nd\ne"}}, "fr", "received", FULL) == letter({}, "en", "received", FULL)


@pytest.mark.parametrize(
    ("name", "pattern", "wrong"),
    [
        ("letter_takn", "x", "there is no letter called 'letter_takn'"),
        ("letter_taken", "a {due}\nb\nc", "the letter 'letter_taken' has 3 lines, not 5"),
        ("letter_taken", "{holdr}\nb\nc {due}\nd\ne", "the letter 'letter_taken' cannot fill '{holdr}'"),
        ("letter_late", "a\nb\nc\nd\ne", "the letter 'letter_late' must name '{due}'"),
        ("letter_update", "a\nb\nc {update}\nd\ne", "the letter 'letter_update' must name '{words}'"),
        ("letter", "{know} {do} {then}", "the letter 'letter' must name '{reach}'"),
    ],
)
def test_a_companys_own_letter_is_checked(name: str, pattern: str, wrong: str) -> None:
    """A slot that is missing must not be found at three in the morning."""
    assert problems(name, pattern) == (wrong,)


def test_the_built_in_letters_are_without_a_problem() -> None:
    assert [one for name, pattern in BUILT_IN.items() for one in problems(name, pattern)] == []
