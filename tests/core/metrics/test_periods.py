"""Periods are those of the company's clock, seasons and years of weeks among them."""

from __future__ import annotations

import pytest

from oncall.core.metrics.periods import before, last_over, period_of
from tests.core.rotas import utc

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("name", "start", "end", "words"),
    [
        ("2026-11", "2026-10-31T23:00", "2026-11-30T23:00", "November 2026"),
        ("2026-03", "2026-02-28T23:00", "2026-03-31T22:00", "March 2026"),
        ("2026-12", "2026-11-30T23:00", "2026-12-31T23:00", "December 2026"),
        ("2026-W47", "2026-11-15T23:00", "2026-11-22T23:00", "week 47 of 2026 (16 Nov to 22 Nov)"),
        ("2026-W01", "2025-12-28T23:00", "2026-01-04T23:00", "week 1 of 2026 (29 Dec to 04 Jan)"),
        ("2026-W53", "2026-12-27T23:00", "2027-01-03T23:00", "week 53 of 2026 (28 Dec to 03 Jan)"),
        ("2026", "2025-12-31T23:00", "2026-12-31T23:00", "2026"),
    ],
)
def test_a_period_begins_and_ends_at_midnight_there(name: str, start: str, end: str, words: str) -> None:
    found = period_of(name, BERLIN)
    assert (found.start, found.end, found.words) == (utc(start), utc(end), words)


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-00", "2025-W53", "2026-W00", "26-11", "2026-1", "", "november", "9999-12", "2026-11-01", "2026-W4"]
)
def test_what_is_no_period_is_said_to_be_none(name: str) -> None:
    with pytest.raises(ValueError, match=r"is no period; write a month \(2026-11\)|there is no (week|month)"):
        period_of(name, BERLIN)


@pytest.mark.parametrize(("name", "earlier"), [("2026-01", "2025-12"), ("2026-03", "2026-02"), ("2026-W01", "2025-W52"), ("2027-W01", "2026-W53")])
def test_the_one_before(name: str, earlier: str) -> None:
    assert before(period_of(name, BERLIN), BERLIN).name == earlier
    assert before(period_of("2026", BERLIN), BERLIN).name == "2025"


def test_the_last_that_is_over_is_so_by_the_companys_clock() -> None:
    """Half past eleven at night in UTC on the last of November is December in Berlin."""
    assert last_over("month", utc("2026-11-30T23:30"), BERLIN).name == "2026-11"
    assert last_over("month", utc("2026-11-30T22:30"), BERLIN).name == "2026-10"
    assert last_over("week", utc("2026-11-23T07:30"), BERLIN).name == "2026-W47"
    assert last_over("week", utc("2026-01-05T07:30"), BERLIN).name == "2026-W01"
