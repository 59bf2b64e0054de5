"""Weekly hours: open or closed, exactly, over nights, weekends and clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.hours import edges, holidays_known, is_open, next_change, next_opening
from oncall.core.rota import Calendar, Hours
from oncall.core.schedule import on_call
from tests.core.rotas import hours, rota, utc

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


HOLIDAYS = "holidays: {ours: {plus: [2026-12-24, 2026-12-25, 2026-12-26]}}\nrotations: {r: {people: ana, start: 2020-01-01, hours: %s}}\n"


def on_holidays(text: str) -> Hours:
    """Weekly hours of a shift whose calendar has three days at Christmas; the 24th is a Thursday."""
    found = rota(HOLIDAYS % text).rotations["r"].shifts[0].hours
    assert found is not None
    return found


def test_holidays_are_cut_out_as_whole_local_days() -> None:
    """From midnight to midnight on the wall; the night before a holiday ends there, and the one after begins there."""
    office, night = on_holidays("mon-fri 09:00-17:00 except holidays"), on_holidays("daily 22:00-06:00 except holidays")
    assert [is_open(office, BERLIN, utc(f"2026-12-{day}T10:00")) for day in (23, 24, 25, 28)] == [True, False, False, True]
    assert list(edges(night, BERLIN, utc("2026-12-23T12:00"), utc("2026-12-27T12:00"))) == [
        utc("2026-12-23T21:00"), utc("2026-12-23T23:00"), utc("2026-12-26T23:00"), utc("2026-12-27T05:00"),
    ]  # fmt: skip


def test_only_the_parts_that_say_so_leave_holidays_out() -> None:
    """Saturday the 26th is served all the same."""
    hours = on_holidays("['mon-fri 09:00-17:00 except holidays', 'sat 10:00-12:00']")
    assert not is_open(hours, BERLIN, utc("2026-12-25T10:00"))
    assert is_open(hours, BERLIN, utc("2026-12-26T10:00"))


def test_after_hours_hold_the_holidays_by_construction() -> None:
    """The complement of hours without holidays is open on them, all day."""
    closed = (
        rota("holidays: {ours: {plus: [2026-12-24]}}\nrotations: {r: {people: ana, start: 2020-01-01, hours: not weekdays}}\n")
        .rotations["r"]
        .shifts[0]
        .hours
    )
    assert closed is not None
    assert list(edges(closed, BERLIN, utc("2026-12-23T12:00"), utc("2026-12-25T12:00"))) == [utc("2026-12-23T16:00"), utc("2026-12-25T08:00")]


def test_the_office_opens_again_after_a_closed_season() -> None:
    """Weeks of holidays are looked over, to the first day that is none."""
    days = ", ".join(str(date(2026, 7, 1) + timedelta(days=day)) for day in range(60))
    found = rota(f"holidays: {{ours: {{plus: [{days}]}}}}\nrotations: {{r: {{people: ana, hours: 'mon-fri 09:00-17:00 except holidays'}}}}\n")
    office = found.rotations["r"].shifts[0].hours
    assert office is not None
    assert next_opening(office, BERLIN, utc("2026-07-01T10:00")) == utc("2026-08-31T07:00")


def test_holidays_move_nobodys_turn() -> None:
    """Christmas is not worked, and whoever has it has it: a corrected list moves nobody (rotations.md 1.5)."""
    lines = "rotations: {r: {people: [ana, ben, chloe], handover: daily 09:00, start: 2026-12-21, hours: '%s'}}\n"
    with_them, without = (rota("holidays: {ours: {plus: [2026-12-24]}}\n" + lines % f"mon-fri 09:00-17:00{end}") for end in (" except holidays", ""))
    at = utc("2026-12-28T10:00")
    assert on_call(with_them, "r", at).people == on_call(without, "r", at).people
    assert on_call(with_them, "r", utc("2026-12-24T10:00")).people == ()


def of_shift(text: str) -> Hours:
    """Weekly hours as a shift has them."""
    found = rota(f"rotations: {{r: {{people: ana, start: 2020-01-01, hours: {text}}}}}\n").rotations["r"].shifts[0].hours
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["['tue 08:00-12:00', 'tue 12:00-17:00']", "['tue 08:00-13:00', 'tue 11:00-17:00', 'tue 09:00-10:00']"])
def test_hours_that_touch_or_overlap_are_one_stretch(text: str) -> None:
    """Nothing closes at noon, and nothing opens there."""
    hours = of_shift(text)
    assert all(is_open(hours, BERLIN, utc(f"2026-11-24T{hour:02}:30")) for hour in range(7, 16))
    assert list(edges(hours, BERLIN, utc("2026-11-24T00:00"), utc("2026-11-25T00:00"))) == [utc("2026-11-24T07:00"), utc("2026-11-24T16:00")]


def test_edges_are_those_from_the_beginning_of_a_span_up_to_its_end() -> None:
    """So that two spans side by side have each edge once."""
    office = of_shift("'tue 08:00-17:00'")
    opens, closes = utc("2026-11-24T07:00"), utc("2026-11-24T16:00")
    assert list(edges(office, BERLIN, opens, closes)) == [opens]
    assert list(edges(office, BERLIN, closes, utc("2026-11-25T00:00"))) == [closes]


def test_hours_that_a_clock_leaves_out_have_no_edges() -> None:
    """Nothing opens for no time at all."""
    assert list(edges(hours("late"), BERLIN, utc("2026-03-28T12:00"), utc("2026-03-29T12:00"))) == []


def test_a_turn_with_nothing_but_office_hours_uses_up_nobody_of_a_rotation_that_is_closed_then() -> None:
    """The complement counts minute by minute as well: Monday nine to five is nobody's turn, the rest of the week is."""
    book = rota("rotations: {r: {people: [ana, ben, chloe], handover: 'mon 09:00, mon 17:00', start: 2026-01-05, hours: closed}}\n")
    assert [on_call(book, "r", utc(at)).people for at in ("2026-01-05T10:00", "2026-01-05T20:00", "2026-01-12T20:00", "2026-01-19T20:00")] == [
        (), ("ana",), ("ben",), ("chloe",),
    ]  # fmt: skip


def test_holidays_are_known_up_to_the_last_day_of_the_lock_file() -> None:
    """Its day counts to midnight on the wall, and hours that leave nothing out need to know nothing."""
    calendar = Calendar(id="x", days=frozenset(), until=date(2026, 12, 31))
    office = replace(of_shift("'tue 08:00-17:00'"), calendar=calendar)
    cut = replace(office, spans=tuple(replace(span, except_holidays=True) for span in office.spans))
    assert [holidays_known(cut, BERLIN, utc(at)) for at in ("2026-12-31T22:59", "2026-12-31T23:00")] == [True, False]
    assert holidays_known(office, BERLIN, utc("2027-06-01T00:00"))
    assert holidays_known(of_shift("'tue 08:00-17:00'"), BERLIN, utc("2027-06-01T00:00"))
