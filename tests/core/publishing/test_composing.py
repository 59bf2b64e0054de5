"""What the published policy says follows from the handbook, and every sentence is one that the daemon keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.core.publishing import Document, Ways, compose, texts_of
from oncall.core.publishing.document import Listed, Table, Words
from oncall.core.publishing.reading_level import grade, syllables
from tests.core.publishing.policies import BOTH, example, small


def section(document: Document, name: str) -> str:
    """The words under a section's heading; '' if it is not there."""
    return next(("\n".join(texts_of(replace(document, title="", sections=(one,)))[2:]) for one in document.sections if one.id == name), "")


def rows(document: Document) -> tuple[tuple[str, ...], ...]:
    """The rows of the table of promises."""
    return next(block.rows for one in document.sections for block in one.blocks if isinstance(block, Table))


def test_the_table_promises_what_triage_promises_by_severity_and_channel() -> None:
    assert rows(compose(example(), BOTH)) == (
        ("A product is down or losing data, and there is no way around it.",
         "phone, text message, form, chat, customer portal, a program of yours", "within 15 minutes"),
        ("A product is down or losing data, and there is no way around it.", "e-mail", "within 30 minutes"),
        ("A product works badly for many, or one important part of it is down.",
         "phone, text message, form, chat, customer portal, a program of yours", "within 45 minutes"),
        ("A product works badly for many, or one important part of it is down.", "e-mail", "within 1 hour"),
        ("Everything else.", "any way", "within 1 hour after we open"),
    )  # fmt: skip


def test_a_channel_that_nobody_named_gets_the_slowest_promise() -> None:
    assert rows(compose(small(), BOTH))[:2] == (
        ("The shop is down.", "text message", "within 15 minutes"),
        ("The shop is down.", "e-mail, any other way", "within 90 minutes"),
    )


def test_what_customers_can_try_first_stands_before_how_to_reach_us() -> None:
    document = compose(small(("name: Shop,", "name: Shop, help: [Restart the till., 'See https://status.example.com'],")), BOTH)
    names = [one.id for one in document.sections]
    assert names.index("help") + 1 == names.index("reach")
    assert section(document, "help").splitlines()[1:] == ["Shop", "Restart the till.", "See https://status.example.com"]
    assert "help" not in [one.id for one in compose(small(), BOTH).sections]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("60s", "1 minute"),
        ("90s", "2 minutes"),
        ("1h", "1 hour"),
        ("150m", "150 minutes"),
        ("24h", "24 hours"),
        ("2d", "2 days"),
        ("36h", "36 hours"),
    ],
)
def test_a_span_is_said_in_its_largest_whole_unit_and_never_too_short(written: str, said: str) -> None:
    assert rows(compose(small(("sms: 15m, email: 90m", f"sms: {written}")), BOTH))[0][2] == f"within {said}"


def test_what_waits_with_a_promise_by_channel_is_promised_from_the_opening_on() -> None:
    book = small(("contact_within: opening + 1h", "contact_within: {email: 2h}"))
    assert rows(compose(book, BOTH))[2] == ("A wish.", "e-mail, any other way", "within 2 hours after we open")


def test_how_often_there_is_a_word_is_said_where_it_is_promised_and_can_be_told() -> None:
    said = section(compose(example(), BOTH), "fast").splitlines()
    assert said[-2:] == [
        "A product is down or losing data, and there is no way around it. At least once in 30 minutes.",
        "A product works badly for many, or one important part of it is down. At least once in 1 hour.",
    ]
    assert "you hear from us again" in said[-3]
    assert "hear from us" not in section(compose(example(), Ways()), "fast")
    assert "hear from us" not in section(compose(small(), BOTH), "fast")


def test_only_ways_that_exist_are_offered() -> None:
    book = example()
    assert section(compose(book, BOTH), "reach").splitlines()[:2] == [
        "Send a text message to +15125550101. This number takes texts, not calls.",
        "Fill in the form at https://oncall.example.com/report",
    ]
    by_text, by_form, neither = (compose(book, ways) for ways in (Ways(phone=BOTH.phone), Ways(url=BOTH.url), Ways()))
    assert "form" not in section(by_text, "reach") + section(by_text, "then") + section(by_text, "overrule")
    assert "press" not in "".join(texts_of(by_text))
    assert "text message" not in section(by_form, "reach") + section(by_form, "then")
    assert "URGENT" not in "".join(texts_of(by_form))
    assert section(neither, "reach").splitlines()[0] == "Use the way that you and Example have agreed on."
    assert section(neither, "overrule") == ""
    assert "tell you" not in section(neither, "then") + section(neither, "late")


@pytest.mark.parametrize(
    ("ways", "told", "reopened"),
    [
        (Ways(mail=True), "We tell you by e-mail, if we have your address.", "Report it again, and we wake"),
        (
            Ways(phone=BOTH.phone, mail=True),
            "We tell you by text message or by e-mail, if we have",
            "Answer our text with the word REOPEN, and we wake",
        ),
        (Ways(url=BOTH.url, mail=True), "We tell you by e-mail, if we have your address.", "Press “Still broken” on the page of your case, and we"),
        (replace(BOTH, mail=True), "We tell you by text message or by e-mail, if we have", "Answer our text with the word REOPEN, or press “Still"),
    ],
)
def test_that_customers_are_told_by_mail_is_said_where_a_mail_server_is_set(ways: Ways, told: str, reopened: str) -> None:
    said = section(compose(example(), ways), "then")
    assert said.splitlines()[-1].startswith(told)
    assert "Answers to our e-mails wake nobody, so each says how to reach us." in said
    assert reopened in said
    assert ("a page of its own that tells you the same" in said) == bool(ways.form)
    assert "we tell you so in that minute" in section(compose(example(), ways), "late")
    assert "you hear from us again" in section(compose(example(), ways), "fast")
    assert "by e-mail" not in section(compose(example(), replace(ways, mail=False)), "then")


def test_what_is_left_out_is_said_with_the_time_when_a_person_answers() -> None:
    assert section(compose(example(), BOTH), "left_out").splitlines()[0] == (
        "Invoices and contracts. Our office answers these. A person contacts you within 4 hours after we open."
    )
    excluded = "  exclusions: [{id: code, about: Code of your own., services: [books]}]\n  triage: ["
    assert section(compose(small(("  triage: [", excluded)), BOTH), "left_out").splitlines()[0] == (
        "Code of your own (Bookkeeping). We do not handle this after hours. Please tell us again when we are open."
    )


def test_without_office_hours_what_is_left_out_is_never_handled_and_everything_else_wakes_somebody() -> None:
    edits = (("  office: office\n", ""), ("after_hours: wait, contact_within: opening + 1h", "contact_within: {sms: 1h}"))
    excluded = "  exclusions: [{id: wish, about: Wishes, words: [wish], contact_within: opening + 4h}]\n  triage: ["
    document = compose(small(*edits, ("  triage: [", excluded)), BOTH)
    assert section(document, "left_out").splitlines()[0] == "Wishes. We do not handle this."
    assert section(document, "applies").splitlines()[0].startswith("We have no office hours. This page is for every hour of the day and night.")
    assert section(document, "waits") == ""
    assert "A wish." in section(document, "emergency")


def test_a_severity_that_is_declined_has_no_promise() -> None:
    document = compose(small(("after_hours: wait", "after_hours: decline")), BOTH)
    assert section(document, "left_out").splitlines() == [
        "A wish.",
        "We do not handle this after hours. Please tell us again when we are open.",
    ]
    assert [row[0] for row in rows(document)] == ["The shop is down."] * 2


def test_in_doubt_somebody_is_woken_is_said_only_where_it_is_so() -> None:
    assert "we wake somebody" in section(compose(small(), BOTH), "emergency")
    assert "we wake somebody" not in section(compose(small(("{otherwise: sev1}", "{otherwise: sev2}")), BOTH), "emergency")


def test_contracts_that_cover_less_are_said_without_naming_a_customer() -> None:
    assert "contract" not in section(compose(small(), BOTH), "applies")
    book = small(("policy:\n", "customers: {acme: {name: Acme, contract: [shop], contacts: [{name: C. Mer, phone: +44 7700 900050}]}}\npolicy:\n"))
    document = compose(book, BOTH)
    assert "A report about the others waits until we open." in section(document, "applies")
    assert "Acme" not in "".join(texts_of(document))
    assert "Mer" not in "".join(texts_of(document))


def test_how_to_overrule_us_is_left_out_where_nothing_waits() -> None:
    all_page = (("after_hours: wait, ", ""), ("  office: office\n", ""), ("opening + 1h", "{sms: 1h}"))
    assert section(compose(small(*all_page), BOTH), "overrule") == ""
    assert "Answer our text with the word URGENT, or press" in section(compose(small(), BOTH), "overrule")


def test_the_owner_is_told_by_role() -> None:
    """Priya is one of the managers' rotation in the example; Ben is an admin only."""
    assert "A manager of our support answers for it." in section(compose(example(), BOTH), "about")
    book = small(("  office: office\n", "  office: office\n  owner: ben\n"))
    assert section(compose(book, BOTH), "about").splitlines()[0] == "A person in our company answers for it by name."
    assert section(compose(small(), BOTH), "about") == ""


def test_the_manager_is_named_only_where_there_is_one() -> None:
    assert "and tell their manager" in section(compose(example(), BOTH), "late")
    assert "manager" not in section(compose(small(), BOTH), "late")


def test_steps_are_numbered_and_sentences_are_filled() -> None:
    document = compose(example(), BOTH)
    (steps,) = [block for one in document.sections if one.id == "then" for block in one.blocks if isinstance(block, Listed)]
    assert (steps.numbered, len(steps.items)) == (True, 6)
    for text in texts_of(document):
        assert text
        assert not set("{}[]") & set(text), text
    assert [block.text for one in document.sections for block in one.blocks if isinstance(block, Words) and block.strong] == [
        *(severity.means for severity in example().severities.values()),
        "Checkout",
    ]


def test_a_twelve_year_old_can_read_it() -> None:
    """The whole page, and each section with a little room; grade 7 is a pupil of twelve."""
    document = compose(example(), BOTH)
    assert grade(texts_of(document)) <= 5
    for one in document.sections:
        assert grade(texts_of(replace(document, title="", sections=(one,)))) <= 7, one.id


@pytest.mark.parametrize(
    ("word", "count"), [("page", 1), ("called", 1), ("wanted", 2), ("table", 2), ("emergency", 4), ("we", 1), ("makes", 1), ("engineer", 3)]
)
def test_syllables_are_counted(word: str, count: int) -> None:
    assert syllables(word) == count


def test_officialese_is_found_hard_to_read() -> None:
    """The formula would be no gate if it let this pass."""
    text = "Notwithstanding contractual exclusions, remediation of operational incidents is undertaken commensurate with applicable severity."
    assert grade([text]) > 15
    assert grade([]) == 0.0
