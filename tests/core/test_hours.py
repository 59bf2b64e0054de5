"""Weekly hours: open or closed, exactly, over nights, weekends and clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.hours import is_open, next_change, next_opening
from tests.core.rotas import hours, utc

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("name", "at", "is_"),
    [
        ("office", "2026-11-24T08:00", True), ("office", "2026-11-24T07:59", False), ("office", "2026-11-24T16:00", False),
        ("office", "2026-11-28T10:00", False), ("closed", "2026-11-28T10:00", True), ("closed", "2026-11-24T10:00", False),
        ("night", "2026-11-24T21:00", True), ("night", "2026-11-25T04:59", True), ("night", "2026-11-25T05:00", False),
        ("weekend", "2026-11-27T17:00", True), ("weekend", "2026-11-30T06:59", True), ("weekend", "2026-11-30T07:00", False),
    ],
)  # fmt: skip
def test_hours_open_and_close_at_their_minute(name: str, at: str, is_: bool) -> None:
    """Berlin's clock, given in UTC; an end is exclusive."""
    assert is_open(hours(name), BERLIN, utc(at)) is is_


@given(minutes=st.integers(0, 60 * 24 * 400))
@settings(max_examples=200, deadline=None)
def test_the_complement_is_exact_at_every_minute(minutes: int) -> None:
    """Office and not office never overlap and leave no hole."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert is_open(hours("office"), BERLIN, at) is not is_open(hours("closed"), BERLIN, at)


@given(minutes=st.integers(0, 60 * 24 * 400), name=st.sampled_from(["office", "closed", "night", "weekend"]))
@settings(max_examples=150, deadline=None)
def test_nothing_changes_before_the_next_change(minutes: int, name: str) -> None:
    """And there it does."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    change = next_change(hours(name), BERLIN, at)
    assert change is not None
    state = is_open(hours(name), BERLIN, at)
    assert is_open(hours(name), BERLIN, change) is not state
    assert is_open(hours(name), BERLIN, change - timedelta(seconds=1)) is state


def test_the_office_opens_on_monday() -> None:
    """From a Friday evening; a closing is no opening."""
    assert next_opening(hours("office"), BERLIN, utc("2026-11-27T18:00")) == utc("2026-11-30T08:00")
    assert next_opening(hours("office"), BERLIN, utc("2026-11-27T10:00")) == utc("2026-11-30T08:00")


def test_hours_inside_a_repeated_hour_open_once() -> None:
    """02:15 to 02:45 comes twice on the wall on 25 October, and is meant once."""
    late = hours("late")
    opened = [minute for minute in range(180) if is_open(late, BERLIN, utc("2026-10-24T23:30") + timedelta(minutes=minute))]
    assert opened == list(range(45, 75))


def test_hours_inside_a_gap_do_not_happen() -> None:
    """On 29 March there is no 02:15."""
    assert not any(is_open(hours("late"), BERLIN, utc("2026-03-29T00:00") + timedelta(minutes=minute)) for minute in range(180))
