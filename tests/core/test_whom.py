"""Whom somebody wants forgotten: what they type, and where texts speak of them."""

from __future__ import annotations

import pytest

from oncall.core.whom import Kind, whom_of


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ("+31 6 5550 1234", Kind.PHONE, "+31655501234"),
        (" +44 (7700) 900-123 ", Kind.PHONE, "+447700900123"),
        ("M.Visser@Example.com", Kind.EMAIL, "m.visser@example.com"),
        ("1001", Kind.NAME, "1001"),
        ("K7F2", Kind.NAME, "K7F2"),
        ("Northwind  Traders", Kind.NAME, "Northwind Traders"),
    ],
)
def test_what_is_typed_is_a_number_an_address_or_a_name(given: str, kind: Kind, text: str) -> None:
    whom = whom_of(given)
    assert (whom.kind, whom.text) == (kind, text)


@pytest.mark.parametrize(("given", "words"), [("06 5550 1234", "international form"), ("+31", "international form"), ("  ", "nobody is named")])
def test_what_can_mean_nobody_is_refused_with_an_example(given: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        whom_of(given)


@pytest.mark.parametrize("text", ["+31655501234", "call +31 6 5550-1234!", "0031 6 5550 1234", '"phone":"+31655501234"', "+31 (6) 5550.1234"])
def test_a_number_is_found_however_it_is_grouped(text: str) -> None:
    assert whom_of("+31655501234").is_in(text)


@pytest.mark.parametrize("text", ["+316555012345", "+3165550123", "31655501234", "10031655501234"])
def test_a_longer_or_a_shorter_number_is_another(text: str) -> None:
    assert not whom_of("+31655501234").is_in(text)


def test_an_address_is_found_whole_and_in_any_letters() -> None:
    whom = whom_of("ana@example.com")
    assert whom.is_in("write to <ANA@example.com>.")
    assert not whom.is_in("joana@example.com")
    assert not whom.is_in("ana@example.community")


def test_a_name_is_looked_for_in_no_text() -> None:
    """It may be a common word."""
    assert not whom_of("Shop").is_in("Shop")
