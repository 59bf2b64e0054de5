"""The version of what is published changes with what customers read, and with nothing else; no form of it names anybody of the staff."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oncall.core.model import Handbook, first_name
from oncall.core.publishing import Ways, compose, languages, mark_in, missing, said_now
from oncall.core.publishing.printing import PRINTED
from oncall.core.texts_policy_en import POLICY
from oncall.handbook import parse
from oncall.web.public.rendering import policy_page
from tests.core.publishing.policies import BOTH, SMALL, example, small

FORMS = ("html", *PRINTED)


def printed(book: Handbook, form: str, ways: Ways = BOTH, language: str = "en") -> str:
    """The policy in a form."""
    document = compose(book, ways, language)
    return policy_page(document, book, ways, live=False) if form == "html" else PRINTED[form](document)


def test_a_new_number_of_somebody_publishes_nothing_new_and_a_new_promise_does() -> None:
    before = compose(small(), BOTH).version
    assert re.fullmatch(r"[0-9a-f]{12}", before)
    assert compose(small(("+44 7700 900001", "+44 7700 900003")), BOTH).version == before
    assert compose(small(("people: [ana, ben]", "people: [ben, ana]")), BOTH).version == before
    assert compose(small(("sms: 15m", "sms: 20m")), BOTH).version != before
    assert compose(small(), Ways(phone="+15125550102", url=BOTH.url)).version != before


@pytest.mark.parametrize("form", FORMS)
def test_every_form_carries_the_version(form: str) -> None:
    version = compose(example(), BOTH).version
    text = printed(example(), form)
    assert mark_in(text) == ("en", version)
    if form != "html":
        assert text.splitlines()[-1] == f"Version policy-en-{version}"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ways", [BOTH, Ways()])
def test_no_form_names_anybody_of_the_staff_or_a_customer(form: str, ways: Ways) -> None:
    """Every name, first name, number, address and Slack id of everybody, and every customer's, in every form."""
    for book in (example(), small()):
        text = printed(book, form, ways)
        assert len(text) > 900
        digits = re.sub(r"[^\d+]", "", text)
        for person in book.people.values():
            for word in (person.name, first_name(person), person.slack or person.name, person.email or person.name):
                assert not re.search(rf"\b{re.escape(word)}\b", text), word
            assert not [phone for phone in person.phones if phone in digits]
        assert not [entry.phone for entry in book.last_resort if entry.phone and entry.phone in digits]
        for customer in book.customers.values():
            assert customer.name not in text
            assert not [contact.name for contact in customer.contacts if contact.name in text or contact.phone in digits]


def test_markdown_of_the_handbook_is_text() -> None:
    book = small(("means: The shop is down.", "means: 'The *shop* | [is](x) <b>down</b>.'"))
    assert r"**The \*shop\* \| \[is\](x) \<b\>down\</b\>.**" in printed(book, "md")
    assert "The *shop* | [is](x) &lt;b&gt;down&lt;/b&gt;." in printed(book, "html")


def test_a_welcome_mail_is_short_and_says_where_the_rest_is() -> None:
    mail = printed(example(), "email")
    assert mail.startswith("Subject: After-hours support of Example Software\n")
    assert "The whole policy: https://oncall.example.com/policy" in mail
    assert len(mail) < len(printed(example(), "txt")) * 2 / 3
    assert "whole policy" not in printed(example(), "email", Ways())


def test_text_is_wrapped_and_addresses_are_not() -> None:
    lines = printed(example(), "txt", Ways(url=f"https://oncall.example.com/{'long-' * 20}")).splitlines()
    assert [line for line in lines if len(line) > 78] == ["  " + f"https://oncall.example.com/{'long-' * 20}/report"]


FRENCH = "\n".join(f"{about}: '{text.replace('policy', '').replace(chr(39), '')}'" for about, text in POLICY.items())


def test_a_language_is_published_when_the_company_has_all_of_its_sentences() -> None:
    """A page half in one language and half in another is read by nobody."""
    whole = small(texts=FRENCH.replace("When this applies", "Quand"), language="fr")
    assert languages(whole) == ("en", "fr")
    assert compose(whole, BOTH, "fr").sections[0].title == "Quand"
    assert compose(whole, BOTH, "fr").mark.startswith("policy-fr-")
    some = small(texts="policy_applies: Quand", language="fr")
    assert languages(some) == ("en",)
    assert missing(some.texts, "fr") == tuple(about for about in POLICY if about != "policy_applies")


def test_a_language_of_ours_is_published_when_the_policy_names_it_and_printed_all_the_same() -> None:
    """What the company itself says stays in its own words, so it must want that."""
    book = small()
    assert languages(book) == ("en",)
    assert languages(replace(book, publication=replace(book.publication, languages=("en", "nl", "de")))) == ("en", "de", "nl")
    assert compose(book, BOTH, "de").sections[0].title == "Wann das gilt"
    assert missing(book.texts, "nl") == ()


def test_a_company_says_a_sentence_in_its_own_words() -> None:
    book = small(texts="policy_danger: In danger? Call 112.", language="en")
    assert "In danger? Call 112." in printed(book, "txt")
    assert "emergency services" not in printed(book, "txt")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("policy_by_text: Text us.", "the text 'policy_by_text' must name '{phone}'"),
        ("policy_danger: Call {ana}.", "the text 'policy_danger' cannot fill '{ana}'"),
        ("policy_weekdays: Mo Di Mi", "the text 'policy_weekdays' must name seven days, from Monday on"),
        ("policy_dangr: x", "there is no text called 'policy_dangr'"),
    ],
)
def test_a_sentence_that_lacks_what_it_must_name_is_a_mistake(text: str, problem: str) -> None:
    reading = parse({"config/all.yaml": SMALL, "config/texts/de.yaml": text})
    assert reading.handbook is None
    assert [one.what for one in reading.problems] == [problem]


def test_a_company_may_leave_its_name_out_of_the_title() -> None:
    assert compose(small(texts="policy_title: Nachts", language="en"), BOTH).title == "Nachts"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("mon-fri 08:00-17:00", "Monday to Friday from 08:00 to 17:00"),
        ("[mon-thu 08:00-17:00, fri 08:00-12:00, sun 10:00-24:00]",
         "Monday to Thursday from 08:00 to 17:00, Friday from 08:00 to 12:00, Sunday from 10:00 to 24:00"),
        ("'mon,wed 08:00-12:00'", "Monday from 08:00 to 12:00, Wednesday from 08:00 to 12:00"),
        ("[mon-tue 08:00-12:00, mon-tue 13:00-17:00]", "Monday to Tuesday from 08:00 to 12:00, Monday to Tuesday from 13:00 to 17:00"),
        ("fri 18:00 - mon 08:00", "from Friday 18:00 to Monday 08:00"),
        ("[sat 22:00-02:00, sun 22:00-02:00]", "from Saturday 22:00 to Sunday 02:00, from Sunday 22:00 to Monday 02:00"),
    ],
)  # fmt: skip
def test_hours_are_said_as_people_say_them(hours: str, words: str) -> None:
    document = compose(small(("office: mon-fri 08:00-17:00", f"office: {hours}")), BOTH)
    assert f"Our office is open {words}." in PRINTED["md"](document)


def test_holidays_are_said_for_all_hours_or_for_those_that_have_them() -> None:
    def said(hours: str, policy_hours: str = "office") -> str:
        book = small(
            (
                "hours: {office: mon-fri 08:00-17:00}",
                f"holidays: {{home: {{plus: [2026-12-24]}}}}\nhours: {{office: {hours}, shut: not office}}",
            ),
            ("  office: office\n", f"  office: {policy_hours}\n"),
        )
        return PRINTED["md"](compose(book, BOTH)).split("\n\n")[2].split(". ")[0]

    assert said("mon-fri 08:00-17:00 except holidays") == "Our office is open Monday to Friday from 08:00 to 17:00, but not on public holidays"
    assert said("[mon 08:00-17:00 except holidays, sat 08:00-12:00]") == (
        "Our office is open Monday from 08:00 to 17:00, but not on public holidays, Saturday from 08:00 to 12:00"
    )
    assert said("mon 08:00-17:00", "shut") == "Our office is open at all times but Monday from 08:00 to 17:00"


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-25T10:00", "Our office is open now, until 18:00."),
        ("2026-11-25T22:00", "Our office is closed now. It opens Thursday 08:00. Emergencies wake an engineer at this hour too."),
        ("2026-11-27T17:00", "Our office is closed now. It opens Monday 08:00. Emergencies wake an engineer at this hour too."),
        ("2026-11-25T05:00", "Our office is closed now. It opens 08:00. Emergencies wake an engineer at this hour too."),
        ("2199-06-05T10:00", "Our office is closed now. Emergencies wake an engineer at this hour too."),
    ],
)
def test_whether_the_office_is_open_is_said_as_far_as_holidays_are_known(at: str, words: str) -> None:
    assert said_now(example(), utc(at)) == words


def test_an_opening_more_than_a_week_ahead_has_its_date() -> None:
    shut = "hours: {office: mon 08:00-17:00 except holidays}"
    book = small(("hours: {office: mon-fri 08:00-17:00}", f"holidays: {{home: {{plus: [2026-11-30]}}}}\n{shut}"))
    assert "It opens 2026-12-07 08:00." in said_now(book, utc("2026-11-25T10:00"))


def test_who_has_no_office_hours_says_so() -> None:
    book = small(("  office: office\n", ""), ("after_hours: wait, contact_within: opening + 1h", "contact_within: {sms: 1h}"))
    assert said_now(book, utc("2026-11-25T10:00")) == "Emergencies wake an engineer at this hour."
