"""A pulse is shown from five answers on, question by question, in the quarter of the company."""

from __future__ import annotations

from oncall.core.pulse import pulse, quarter_of
from tests.core.rotas import utc


def test_four_answers_are_not_shown_and_not_counted() -> None:
    found = pulse("2026-Q1", 7, [(1, 2, 3, 4, 5)] * 4)
    assert (found.asked, found.answers, found.counts) == (7, None, ())


def test_five_are_shown_question_by_question() -> None:
    found = pulse("2026-Q1", 7, [*[(1, 2, 3, 4, 5)] * 4, (5, 5, 5, 5, 5)])
    assert (found.answers, found.counts[0], found.counts[4]) == (5, (4, 0, 0, 0, 1), (0, 0, 0, 0, 5))


def test_a_quarter_is_that_of_the_company() -> None:
    assert quarter_of(utc("2026-03-31T23:00"), "Europe/Berlin") == "2026-Q2"
    assert [quarter_of(utc(f"2026-{month:02}-15T12:00"), "UTC")[-2:] for month in (1, 3, 4, 9, 10, 12)] == ["Q1", "Q1", "Q2", "Q3", "Q4", "Q4"]
