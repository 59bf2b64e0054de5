"""Every intake of JSON: junk is refused in plain words and never raises anything else; a good report becomes the same fact."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.core.messages import Contact
from oncall.intake import INTAKES, Received, Refused
from oncall.intake.report import Why

JSON = sorted(INTAKES.keys() - {"form"})
AT = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


def read(name: str, raw: bytes) -> Received:
    """What the intake `name` makes of `raw`."""
    return INTAKES[name](raw, at=AT, seed="00" * 16, source="shop")


def refused(name: str, raw: bytes) -> Refused:
    """The refusal of `raw`."""
    with pytest.raises(Refused) as caught:
        read(name, raw)
    return caught.value


@pytest.mark.parametrize("name", JSON)
def test_a_full_report_becomes_a_fact(name: str) -> None:
    contact = {"name": "Dana Example", "phone": "+1 (512) 555-0104", "email": "dana@example.com"}
    body = {
        "summary": " Checkout is down ",
        "details": "since 2 am",
        "customer": "Northwind",
        "contact": contact,
        "channel": "phone",
        "dedup_key": "c1",
    }
    received = read(name, json.dumps(body).encode())
    fact = received.fact
    assert (fact.summary, fact.customer, fact.channel, fact.source, fact.at) == ("Checkout is down", "Northwind", "phone", "shop", AT)
    assert fact.contact == Contact(name="Dana Example", phone="+15125550104", email="dana@example.com")
    assert received.remarks == ()


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize(
    ("raw", "why", "words"),
    [
        (b"", Why.NOT_READABLE, "not JSON"),
        (b"{", Why.NOT_READABLE, "not JSON"),
        (b"[]", Why.NOT_READABLE, "must be a JSON object"),
        (b'"x"', Why.NOT_READABLE, "must be a JSON object"),
        (b'{"summary": "\xff\xfe"}', Why.NOT_READABLE, "not text in UTF-8 (byte 13)"),
        (b'{"summary": "\\ud800"}', Why.NOT_READABLE, "not JSON"),
        (b"[" * 20_000, Why.NOT_READABLE, "not JSON"),
        (b'{"summary": "' + b"x" * 65_536 + b'"}', Why.TOO_LARGE, "larger than 64 KiB"),
        (b'{"summary": "  "}', Why.WRONG_FIELDS, "summary: string should have at least 1 character"),
        (b"{}", Why.WRONG_FIELDS, "summary: is missing"),
        (b'{"summary": 5}', Why.WRONG_FIELDS, "summary: input should be a valid string"),
        (b'{"summary": "x", "sevrity": "sev1"}', Why.WRONG_FIELDS, "sevrity: is no field of a report; did you mean severity?"),
        (b'{"summary": "x", "channel": "fax"}', Why.WRONG_FIELDS, "channel: must be one of phone, sms"),
        (b'{"summary": "x", "contact": {"phne": "1"}}', Why.WRONG_FIELDS, "contact.phne: is no field of a report; did you mean phone?"),
    ],
)
def test_bad_bytes_are_refused_with_the_reason(name: str, raw: bytes, why: Why, words: str) -> None:
    refusal = refused(name, raw)
    assert refusal.why is why
    assert words in str(refusal)


@pytest.mark.parametrize("name", JSON)
def test_every_wrong_field_is_named_at_once(name: str) -> None:
    refusal = refused(name, b'{"summary": 1, "severity": 2, "contact": {"name": 3}}')
    assert set(refusal.fields) == {"summary", "severity", "contact.name"}


@pytest.mark.parametrize("name", JSON)
@given(
    raw=st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.text() | st.integers(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_junk_never_raises_anything_but_a_refusal(name: str, raw: bytes) -> None:
    with suppress(Refused):
        assert read(name, raw).fact.summary


@pytest.mark.parametrize("email", ["none", "dana@", "dana@customer", "Dana <dana@customer.example>", "a@b.example\r\nBcc: c@d.example"])
def test_an_emergency_is_never_refused_for_its_mail_address(email: str) -> None:
    received = read("api", json.dumps({"summary": "down", "contact": {"phone": "+15125550104", "email": email}}).encode())
    assert (received.fact.contact.phone, received.fact.contact.email) == ("+15125550104", "")
    assert received.fact.details == f"Contact's email as given: {email}"
    assert received.remarks == ("the contact's email is no mail address, so the customer cannot be written to; it stands in the details",)


@pytest.mark.parametrize("phone", ["call me", "12", "0512 555 0104", "+1 512", "+999 1234567890123456"])
def test_an_emergency_is_never_refused_for_its_telephone_number(phone: str) -> None:
    received = read("api", json.dumps({"summary": "down", "details": "all", "contact": {"phone": phone}}).encode())
    assert received.fact.contact.phone == ""
    assert received.fact.details == f"all\nContact's phone as given: {phone}"
    assert "cannot be texted" in received.remarks[0]


def test_the_international_prefix_may_be_written_as_00() -> None:
    assert read("api", b'{"summary": "x", "contact": {"phone": "0049 170 1234567"}}').fact.contact.phone == "+491701234567"
