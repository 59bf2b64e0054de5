"""Customers read their own language: every text, letter and sentence is there, names what the English one names, and asks for words that we know."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from oncall.core import letters, wording
from oncall.core.letters import letter
from oncall.core.publishing import wording as publishing
from oncall.core.replies import case_named, understand_customer
from oncall.core.texts_en import CUSTOMER, CUSTOMERS_SAY, NAMES, SURVEYS
from oncall.core.texts_policy_en import POLICY
from oncall.core.wording import PLACEHOLDER, SEGMENT, clock_text, problems, septets, template, text

LANGUAGES = ("de", "nl")
ORDINARY = {
    "company": "Example", "case": "K7F2", "due": "03:17", "holder": "Ana", "by": "Ben", "since": "Mo 03:05", "next": "unsere Leitung vom Dienst",
    "opening": "Mo 08:00", "words": "Wir haben die Ursache gefunden.", "update": "04:15", "topic": "Rechnungen", "answer": "",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_letter_and_sentence_is_there(language: str) -> None:
    assert wording.TRANSLATED[language].keys() == {*CUSTOMER, *SURVEYS, *NAMES}
    assert letters.TRANSLATED[language].keys() == letters.BUILT_IN.keys()
    assert publishing.TRANSLATED[language].keys() == POLICY.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_says_no_less_and_no_more_than_the_english_text(language: str) -> None:
    for about, pattern in wording.TRANSLATED[language].items():
        assert problems(about, pattern) == ()
        assert set(PLACEHOLDER.findall(pattern)) == set(PLACEHOLDER.findall({**CUSTOMER, **SURVEYS, **NAMES}[about])), about
    for about, pattern in letters.TRANSLATED[language].items():
        assert letters.problems(about, pattern) == ()
        assert set(PLACEHOLDER.findall(pattern)) == set(PLACEHOLDER.findall(letters.BUILT_IN[about])), about
    for about, pattern in publishing.TRANSLATED[language].items():
        assert publishing.problems(about, pattern) == ()
        assert set(PLACEHOLDER.findall(pattern)) == set(PLACEHOLDER.findall(POLICY[about])), about


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", sorted({**CUSTOMER, **SURVEYS}))
def test_a_translated_text_fits_one_segment_and_keeps_its_time(language: str, about: str) -> None:
    out = text({}, language, about, ORDINARY)
    assert septets(out) <= SEGMENT, out
    assert not re.search(r"[{}\[\]]", out)
    for name in {"case", "due", "update", "opening"} & set(PLACEHOLDER.findall({**CUSTOMER, **SURVEYS}[about])):
        assert ORDINARY[name] in out


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_translation_asks_for_is_understood(language: str) -> None:
    """Not every word in capitals is one to answer; each that a text asks for is."""
    asked = {word for one in wording.TRANSLATED[language].values() for word in re.findall(r"(?:Antworten Sie|Antwoord) ([A-Z]+)", one)}
    assert {understand_customer(word) for word in asked} == {"urgent", "reopen", "call"}
    assert {understand_customer(f"{word.lower()}!") for word in asked} == {"urgent", "reopen", "call"}
    assert [word for word in sorted(asked) if not case_named(f"{word} k7f2")] == [one for one in CUSTOMERS_SAY["call"] if one in asked]


def test_a_word_inside_a_sentence_is_no_answer() -> None:
    assert understand_customer("Dringend: Kasse geht nicht") == "words"
    assert understand_customer("opnieuw kapot") == "words"


def test_the_companys_own_words_come_before_ours_and_ours_in_a_language_before_its_english_ones() -> None:
    texts = {"en": {"added": "{company}: ours {case}"}, "de": {"taken": "{company} {case}: {holder} macht das[ bis {due}]"}}
    assert template(texts, "de", "taken").endswith("macht das[ bis {due}]")
    assert template(texts, "de", "added") == wording.TRANSLATED["de"]["added"]
    assert template(texts, "nl", "added") == wording.TRANSLATED["nl"]["added"]
    assert template(texts, "fr", "added") == "{company}: ours {case}"


def test_a_companys_own_text_must_ask_for_a_word_that_we_know_and_name_every_day() -> None:
    urgent = ", ".join(CUSTOMERS_SAY["urgent"])
    assert problems("declined", "{company}: {case} noté. Répondez URGENCE.") == (f"the text 'declined' must ask for a word that we know: {urgent}",)
    assert problems("declined", "{company}: {case} noté. Répondez URGENT.") == ()
    assert problems("weekdays", "lun mar mer jeu ven sam") == ("the text 'weekdays' must be 7 words",)
    assert letters.problems("letter_declined", "a\nb\nc\nd\ne") == (
        f"the letter 'letter_declined' must ask for a word that we know: {urgent}",
    )  # fmt: skip


def test_times_have_the_readers_days_and_months() -> None:
    at, german = datetime(2026, 12, 7, 8, tzinfo=UTC), wording.TRANSLATED["de"]
    names = german["weekdays"], german["months"]
    assert clock_text(at, "Europe/Berlin", at - timedelta(days=2), *names) == "Mo 09:00"
    assert clock_text(at + timedelta(days=90), "Europe/Berlin", at, *names) == "So 7 Mär 09:00"


def test_a_letter_is_whole_in_another_language() -> None:
    known = {**ORDINARY, "name": "Dana", "summary": "Kasse geht nicht", "reported": "03:02", "number": "+15125550101", "page": "", "policy": "",
             "written": "2026-11-24 03:06", "zone": "Europe/Berlin"}  # fmt: skip
    out = letter({}, "de", "taken", known)
    assert out.splitlines()[0] == "[K7F2] Ana hat Ihren Fall"
    assert "Was wir tun: Ana hat Ihren Fall und meldet sich bis 03:17 bei Ihnen." in out
    assert out.splitlines()[-1] == "Example, Fall K7F2. Geschrieben 2026-11-24 03:06; Zeiten gelten für Europe/Berlin."
