"""The form of the public page: what a person types becomes a fact, or a sentence beside the field that says what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.core.messages import Contact
from oncall.intake import INTAKES, Received, Refused
from oncall.intake.form import NO_CONTACT, NO_WORDS, NOT_EMPTY, WRONG_EMAIL, WRONG_PHONE
from oncall.intake.report import Why

AT = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
GOOD = {"what": "Checkout is down", "name": "Dana Example", "phone": "+1 (512) 555-0104", "email": "dana@example.com", "company": "Northwind"}


def read(**fields: str) -> Received:
    """What becomes of a form."""
    return INTAKES["form"](urlencode(fields).encode(), at=AT, seed="00" * 16, source="form")


def refused(**fields: str) -> dict[str, str]:
    """The sentences by field."""
    with pytest.raises(Refused) as caught:
        read(**fields)
    assert caught.value.why is Why.WRONG_FIELDS
    return caught.value.fields


def test_a_filled_in_form_becomes_a_fact() -> None:
    received = read(**GOOD, severity="sev1", service="checkout", token="t", unknown="x")
    fact = received.fact
    assert (fact.summary, fact.details, fact.customer, fact.severity, fact.service) == ("Checkout is down", "", "Northwind", "sev1", "checkout")
    assert (fact.channel, fact.source, fact.at, fact.dedup_key) == ("form", "form", AT, "")
    assert fact.contact == Contact(name="Dana Example", phone="+15125550104", email="dana@example.com")
    assert received.remarks == ()


def test_many_words_are_the_details_and_their_beginning_is_the_summary() -> None:
    story = "Checkout is down.\r\nSince " + "x" * 400
    fact = read(**{**GOOD, "what": story}).fact
    assert fact.details == story.replace("\r\n", "\n")
    assert fact.summary == ("Checkout is down. Since " + "x" * 400)[:300]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"what": " \n "}, {"what": NO_WORDS}),
        ({"phone": "", "email": ""}, {"phone": NO_CONTACT}),
        ({"phone": "06 5550 1234", "email": ""}, {"phone": WRONG_PHONE}),
        ({"phone": "", "email": "dana at example"}, {"email": WRONG_EMAIL}),
        ({"phone": "12", "email": "dana@"}, {"phone": WRONG_PHONE, "email": WRONG_EMAIL}),
        ({"phone": "", "email": "dana@example.com, eve@example.com"}, {"email": WRONG_EMAIL}),
        ({"website": "https://spam.example"}, {"website": NOT_EMPTY}),
    ],
)
def test_a_mistake_gets_a_sentence_at_its_field(change: dict[str, str], wrong: dict[str, str]) -> None:
    assert refused(**{**GOOD, **change}) == wrong


def test_with_one_way_to_be_reached_a_mistake_in_the_other_does_not_keep_an_emergency_out() -> None:
    by_mail = read(**{**GOOD, "phone": "06 5550 1234"})
    assert by_mail.fact.contact == Contact(name="Dana Example", phone="", email="dana@example.com")
    assert by_mail.fact.details == "Contact's phone as given: 06 5550 1234"
    by_phone = read(**{**GOOD, "email": "dana at example"})
    assert by_phone.fact.contact == Contact(name="Dana Example", phone="+15125550104", email="")
    assert by_phone.fact.details == "Contact's e-mail as given: dana at example"
    assert by_phone.remarks == ("Contact's e-mail as given: dana at example",)


def test_what_nobody_types_is_taken_out_and_lines_stay_where_there_may_be_some() -> None:
    fact = read(**{**GOOD, "what": "a\x00b\tc\rd", "name": "Dana\nExample\x1b[31m"}).fact
    assert (fact.summary, fact.details) == ("a b c d", "a b c\nd")
    assert fact.contact.name == "Dana Example [31m"


def test_fields_are_cut_to_what_the_page_lets_in() -> None:
    fact = read(**{**GOOD, "what": "x" * 5000, "name": "y" * 500}).fact
    assert (len(fact.details), len(fact.contact.name)) == (4000, 200)


@pytest.mark.parametrize("raw", [b"\xff", b"&".join([b"a=b"] * 31)])
def test_what_is_no_form_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        INTAKES["form"](raw, at=AT, seed="", source="form")
    assert (caught.value.why, caught.value.reason) == (Why.NOT_READABLE, "this is no form")


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        INTAKES["form"](b"what=" + b"x" * 65_536, at=AT, seed="", source="form")
    assert caught.value.why is Why.TOO_LARGE


@given(raw=st.binary(max_size=200) | st.dictionaries(st.sampled_from([*GOOD, "website"]), st.text()).map(lambda values: urlencode(values).encode()))
def test_junk_never_raises_anything_but_a_refusal(raw: bytes) -> None:
    try:
        fact = INTAKES["form"](raw, at=AT, seed="", source="form").fact
    except Refused:
        return
    assert fact.summary
    assert fact.contact.phone or fact.contact.email
