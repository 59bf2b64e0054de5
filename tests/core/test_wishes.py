"""COVER and SWAP in words: every form that is understood, on the sender's own clock, and what is never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.core.replies import plain
from oncall.core.wishes import Wish, cover_of, hours_of, swap_of
from tests.core.rotas import utc
from tests.core.test_overrides import book

NOW = utc("2026-01-14T12:00")
"""A Wednesday at one o'clock in Berlin, at six in the morning in Chicago."""


def hours(words: str, zone: str = "Europe/Berlin", at: str = "2026-01-14T12:00") -> str:
    """Hours in words, as instants in UTC."""
    times = hours_of(plain(words), zone, utc(at))
    return " to ".join(f"{one:%d %H:%M}" for one in times) if times else "not understood"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("fri 18:00 to sat 08:00", "16 17:00 to 17 07:00"),
        ("Friday 18:00 until Saturday 8:00", "16 17:00 to 17 07:00"),
        ("fri 18:00 - sat 08:00", "16 17:00 to 17 07:00"),
        ("fri 18:00-08:00", "16 17:00 to 17 07:00"),
        ("fri 18:00 to fri 22:00", "16 17:00 to 16 21:00"),
        ("wed 14:00 to 15:00", "14 13:00 to 14 14:00"),
        ("tue 09:00 to wed 09:00", "20 08:00 to 21 08:00"),
        ("18:00 to 22:00", "14 17:00 to 14 21:00"),
        ("22:00 to 06:00", "14 21:00 to 15 05:00"),
        ("today 18:00 to tomorrow 08:00", "14 17:00 to 15 07:00"),
        ("tomorrow 18:00 to 20:00", "15 17:00 to 15 19:00"),
        ("now to 18:00", "14 12:00 to 14 17:00"),
        ("now to 08:00", "14 12:00 to 15 07:00"),
        ("now until sat 08:00", "14 12:00 to 17 07:00"),
    ],
)
def test_hours_are_read_on_the_senders_clock(words: str, wanted: str) -> None:
    assert hours(words) == wanted


def test_the_same_words_mean_other_instants_elsewhere() -> None:
    assert hours("fri 18:00 to sat 08:00", "America/Chicago") == "17 00:00 to 17 14:00"


@pytest.mark.parametrize(
    "words",
    [
        "wed 12:00 to thu 08:00", "12:00 to 18:00", "today 09:00 to 18:00", "fri 18:00 to fri 18:00", "fri 18:00 to fri 08:00",
        "fri 18:00 to today 20:00",
        "fri 18:00", "fri to sat", "fri 6pm to sat 8am", "fri 24:00 to sat 08:00", "fri 18:60 to sat 08:00", "fr 18:00 to sa 08:00",
        "16.1. 18:00 to 17.1. 08:00", "fri 18:00 to sat 08:00 please", "the night", "now", "now to now", "next fri 18:00 to sat 08:00",
        "fri 18:00 sat 08:00",
    ],
)  # fmt: skip
def test_what_has_passed_or_is_not_plain_is_not_guessed(words: str) -> None:
    assert hours(words) == "not understood"


def test_hours_over_a_change_of_the_clock_are_what_the_clock_shows() -> None:
    """On 29 March two o'clock is three in Berlin."""
    assert hours("sat 22:00 to sun 06:00", at="2026-03-27T12:00") == "28 21:00 to 29 04:00"
    assert hours("sun 02:30 to 04:00", at="2026-03-28T12:00") == "29 01:00 to 29 02:00"
    assert hours("sun 02:15 to 02:45", at="2026-03-28T12:00") == "not understood"


def test_a_cover_may_name_its_rotation() -> None:
    rotations = ("eu", "eu nights", "r")
    assert cover_of("", rotations, "UTC", NOW) == Wish()
    assert cover_of("eu nights", rotations, "UTC", NOW) == Wish(rotation="eu nights")
    assert cover_of("eu nights 18:00 to 22:00", rotations, "UTC", NOW) == Wish(
        rotation="eu nights", times=(utc("2026-01-14T18:00"), utc("2026-01-14T22:00"))
    )
    assert cover_of("us", rotations, "UTC", NOW) is None
    assert cover_of("for me", rotations, "UTC", NOW) is None


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("ben", Wish(other="ben")), ("ben okafor", Wish(other="ben")), ("ben r", Wish(other="ben", rotation="r")),
        ("ben okafor r", Wish(other="ben", rotation="r")), ("ana", None), ("eve", None), ("", None), ("r", None), ("ben x", None), ("with ben", None),
    ],
)  # fmt: skip
def test_a_swap_names_one_other_person(words: str, wanted: Wish | None) -> None:
    handbook = book()
    people = {**handbook.people, "ben": replace(handbook.people["ben"], name="Ben Okafor")}
    assert swap_of(words, "ana", replace(handbook, people=people)) == wanted


def test_of_two_with_one_name_neither_is_guessed() -> None:
    handbook = book()
    people = {**handbook.people, "ben2": replace(handbook.people["ben"], id="ben2", name="Ben Smith")}
    assert swap_of("ben smith", "ana", replace(handbook, people=people)) == Wish(other="ben2")
    assert swap_of("ben", "ana", replace(handbook, people={one: who for one, who in people.items() if one != "ben"})) == Wish(other="ben2")
    assert swap_of("ben", "ana", replace(handbook, people=people)) is None


@given(st.text(alphabet="fri sat now to 0123456789:-", max_size=40))
def test_whatever_is_understood_ends_after_it_begins_and_lies_ahead(words: str) -> None:
    times = hours_of(plain(words), "Europe/Berlin", NOW)
    assert times is None or NOW <= times[0] < times[1]
