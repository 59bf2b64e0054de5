"""Who is on call, and why: turns, shifts, absences, changes, clock changes; calendars and pages ask the same function."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.model import Handbook
from oncall.core.schedule import current_duty, duties, on_call
from tests.core.rotas import rota, utc

WEEKLY = "rotations: {r: {people: [ana, ben, chloe], handover: mon 09:00, start: 2026-01-05}}\n"


def who(book: Handbook, at: str) -> tuple[str, ...]:
    """On call at an instant."""
    return on_call(book, "r", utc(at)).people


def line(book: Handbook, start: str, end: str) -> list[tuple[str, str]]:
    """The duties between two instants, as (begin, people)."""
    return [(f"{duty.start:%m-%d %H:%M}", "+".join(duty.people)) for duty in duties(book, "r", utc(start), utc(end))]


def test_a_week_passes_on_at_its_hour_on_the_wall_over_both_clock_changes() -> None:
    """Nine o'clock in Berlin is 08:00 and 07:00 in UTC."""
    assert line(rota(WEEKLY), "2026-03-20", "2026-04-03") == [("03-20 00:00", "ben"), ("03-23 08:00", "chloe"), ("03-30 07:00", "ana")]
    assert line(rota(WEEKLY), "2026-10-20", "2026-10-29") == [("10-20 00:00", "chloe"), ("10-26 08:00", "ana")]


def test_nobody_is_on_call_before_the_start() -> None:
    """A gap, and it says which rotation."""
    duty = on_call(rota(WEEKLY), "r", utc("2026-01-05T07:59"))
    assert (duty.people, "r" in duty.because) == ((), True)
    assert who(rota(WEEKLY), "2026-01-05T08:00") == ("ana",)


@pytest.mark.parametrize(
    ("handover", "start", "turns"),
    [
        ("mon 09:00, fri 17:00", "2026-01-05", [("01-05 08:00", "ana"), ("01-09 16:00", "ben"), ("01-12 08:00", "chloe"), ("01-16 16:00", "ana")]),
        ("daily 08:00, 20:00", "2026-01-16", [("01-16 07:00", "ana"), ("01-16 19:00", "ben"), ("01-17 07:00", "chloe"), ("01-17 19:00", "ana")]),
        ("daily 09:00", "2026-01-17", [("01-17 08:00", "ana"), ("01-18 08:00", "ben")]),
    ],
)
def test_turns_follow_the_ring_at_every_handover(handover: str, start: str, turns: list[tuple[str, str]]) -> None:
    """Two a week, two a day, one a day."""
    book = rota(f"rotations: {{r: {{people: [ana, ben, chloe], handover: '{handover}', start: {start}}}}}")
    assert [one for one in line(book, f"{start}", "2026-01-19") if one[1]][: len(turns)] == turns


def test_one_alone_needs_no_handover_and_two_joined_are_on_call_together() -> None:
    """`ana + ben` is one place in the ring."""
    assert who(rota("rotations: {r: {people: ana + ben}}"), "2026-05-05") == ("ana", "ben")


def test_the_first_shift_that_applies_wins() -> None:
    """Nights and weekends fall through to the second."""
    book = rota("rotations: {r: {shifts: [{name: day, hours: office, people: ana}, {name: night, people: ben}]}}")
    assert line(book, "2026-11-27T12:00", "2026-11-30T12:00") == [("11-27 12:00", "ana"), ("11-27 16:00", "ben"), ("11-30 08:00", "ana")]


def test_a_turn_without_hours_uses_up_nobody() -> None:
    """A daily rotation of the office does not burn people on Saturdays and Sundays."""
    book = rota("rotations: {r: {people: [ana, ben, chloe], handover: daily 09:00, start: 2026-01-05, hours: office}}")
    days = [who(book, f"2026-01-{day:02}T10:00") for day in range(5, 14)]
    assert days == [("ana",), ("ben",), ("chloe",), ("ana",), ("ben",), (), (), ("chloe",), ("ana",)]


def test_an_absence_is_covered_by_the_next_for_exactly_its_time() -> None:
    """Whole days, in the person's own zone; nobody else's turn moves."""
    book = rota(WEEKLY + "away: [ben 2026-01-13 to 2026-01-14]\n")
    assert line(book, "2026-01-12T08:00", "2026-01-26T08:00") == [
        ("01-12 08:00", "ben"),
        ("01-12 23:00", "chloe"),
        ("01-14 23:00", "ben"),
        ("01-19 08:00", "chloe"),
    ]
    assert "chloe covers ben (away)" in on_call(book, "r", utc("2026-01-13T12:00")).because
    chicago = rota("rotations: {r: {people: [dev, ana], handover: mon 09:00, start: 2026-01-05}}\naway: [dev 2026-01-06 to 2026-01-06]\n")
    assert line(chicago, "2026-01-06", "2026-01-08")[1:] == [("01-06 06:00", "ana"), ("01-07 06:00", "dev")]


def test_when_everybody_is_away_the_holder_is_on_call_all_the_same() -> None:
    """Marked, and never empty (decisions.md 22)."""
    book = rota(WEEKLY + "away: [ana 2026-01-01 to 2026-02-01, ben 2026-01-01 to 2026-02-01, chloe 2026-01-01 to 2026-02-01]\n")
    duty = on_call(book, "r", utc("2026-01-13T12:00"))
    assert (duty.people, "nobody else is there" in duty.because) == (("ben",), True)


@pytest.mark.parametrize(
    ("change", "people"),
    [
        ("put: dev", ("dev",)), ("put: nobody", ()), ("put: [ana, dev]", ("ana", "dev")), ("cover: ben, by: dev", ("dev",)),
        ("cover: ana, by: dev", ("ben",)), ("cover: ana, by: ben", ("ben",)), ("swap: [ana, chloe]", ("ben",)),
        ("swap: [ben, ana]", ("ana",)), ("add: dev", ("ben", "dev")),
    ],
)  # fmt: skip
def test_a_change_does_what_it_says_and_only_then(change: str, people: tuple[str, ...]) -> None:
    """Ben has the week of the twelfth; bare dates are whole days."""
    book = rota(WEEKLY + f"changes: [{{rotation: r, from: 2026-01-13, to: 2026-01-13, {change}}}]\n")
    assert who(book, "2026-01-13T12:00") == people
    assert who(book, "2026-01-12T22:59") == who(book, "2026-01-13T23:00") == ("ben",)


def test_a_later_change_wins() -> None:
    """In the order of the file."""
    book = rota(
        WEEKLY + "changes: [{rotation: r, from: 2026-01-13, to: 2026-01-14, put: dev}, {rotation: r, from: 2026-01-14, to: 2026-01-14, put: ana}]\n"
    )
    assert (who(book, "2026-01-13T12:00"), who(book, "2026-01-14T12:00")) == (("dev",), ("ana",))


BOOK = rota(
    "rotations: {r: {shifts: [{name: day, hours: office, people: [ana, ben], handover: mon 08:00, start: 2026-01-05},"
    " {name: night, people: [chloe, dev, ana], handover: daily 20:00, start: 2026-01-05}]}}\n"
    "away: [ana 2026-03-27 to 2026-03-30, dev 2026-10-24 12:00 to 2026-10-25 02:30]\n"
    "changes: [{rotation: r, from: 2026-03-29 01:00, to: 2026-03-29 03:30, put: ben},"
    " {rotation: r, from: 2026-10-20, to: 2026-11-02, swap: [chloe, dev]}]\n"
)


@given(start_min=st.integers(0, 60 * 24 * 330), days=st.integers(1, 12), offsets=st.lists(st.integers(0, 999), max_size=20))
@settings(max_examples=60, deadline=None)
def test_the_calendar_covers_every_instant_and_agrees_with_the_pager(start_min: int, days: int, offsets: list[int]) -> None:
    """No hole, no overlap, equal neighbours merged, and at each instant the one who would be paged."""
    start = datetime(2026, 1, 8, tzinfo=UTC) + timedelta(minutes=start_min)
    end = start + timedelta(days=days)
    found = duties(BOOK, "r", start, end)
    assert (found[0].start, found[-1].end) == (start, end)
    for one, following in pairwise(found):
        assert one.end == following.start
        assert (one.people, one.because) != (following.people, following.because)
    for offset in offsets:
        at = start + (end - start) * offset // 1000
        duty = next(one for one in found if one.start is not None and one.end is not None and one.start <= at < one.end)
        assert duty.people == on_call(BOOK, "r", at).people


def test_the_nights_of_the_clock_changes_agree_minute_by_minute() -> None:
    """Around both changes of 2026, every minute, against the calendar."""
    for night in ("2026-03-28T20:00", "2026-10-24T20:00"):
        start = utc(night)
        found = duties(BOOK, "r", start, start + timedelta(hours=12))
        for minute in range(12 * 60):
            at = start + timedelta(minutes=minute)
            duty = next(one for one in found if one.start is not None and one.end is not None and one.start <= at < one.end)
            assert duty.people == on_call(BOOK, "r", at).people


def test_a_duty_knows_since_when_and_until_when() -> None:
    """For people; None where it is further away than anybody asks."""
    duty = current_duty(rota(WEEKLY), "r", utc("2026-01-13T12:00"))
    assert (duty.start, duty.end) == (utc("2026-01-12T08:00"), utc("2026-01-19T08:00"))
    alone = current_duty(rota("rotations: {r: {people: ana}}"), "r", utc("2026-01-13T12:00"))
    assert (alone.start, alone.end) == (None, None)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ("put: dev, why: wedding", "changed: dev put in (wedding)"), ("put: [ana, dev]", "changed: ana + dev put in"),
        ("put: nobody", "changed: nobody put in"), ("cover: ben, by: dev", "r, turn of ben; dev covers ben"),
        ("swap: [ben, ana], why: a birthday", "r, turn of ben; ben and ana swapped (a birthday)"), ("add: dev", "r, turn of ben; dev added"),
    ],
)  # fmt: skip
def test_the_reason_says_what_was_changed_and_why(change: str, because: str) -> None:
    """In words that a page's story and a calendar can show."""
    book = rota(WEEKLY + f"changes: [{{rotation: r, from: 2026-01-13, to: 2026-01-13, {change}}}]\n")
    assert on_call(book, "r", utc("2026-01-13T12:00")).because == because


def test_a_duty_says_that_nobody_fits_only_when_that_is_so() -> None:
    """Everybody away forces the holder; a cover, a stop and an ordinary turn do not."""
    away = "away: [ana 2026-01-13 to 2026-01-13, ben 2026-01-13 to 2026-01-13, chloe 2026-01-13 to 2026-01-13]\n"
    assert on_call(rota(WEEKLY + away), "r", utc("2026-01-13T12:00")).is_forced
    assert not on_call(rota(WEEKLY), "r", utc("2026-01-13T12:00")).is_forced
    assert not on_call(rota(WEEKLY + "away: [ben 2026-01-13 to 2026-01-13]\n"), "r", utc("2026-01-13T12:00")).is_forced
    stopped = rota("rotations: {r: {people: [ana until 2026-01-14 12:00, ben from 2026-02-01], handover: mon 09:00, start: 2026-01-05}}\n")
    assert not on_call(stopped, "r", utc("2026-01-15T12:00")).is_forced


def test_a_season_begins_and_ends_at_its_minute() -> None:
    """From the first instant on, and not at the last."""
    book = rota("rotations: {r: {people: ana, from: 2026-02-02 09:00, until: 2026-02-03 09:00}}\n")
    assert [who(book, at) for at in ("2026-02-02T07:59", "2026-02-02T08:00", "2026-02-03T07:59", "2026-02-03T08:00")] == [(), ("ana",), ("ana",), ()]
