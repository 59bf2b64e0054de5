"""An edit is told in shifts: who is on call instead of whom, exactly when, and what to write if a running turn should not move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.differences import advice, differences, taken_turns
from oncall.core.model import Handbook
from oncall.core.schedule import on_call
from tests.core.rotas import rota, utc

START, END = utc("2026-01-14T12:00"), utc("2026-02-11T12:00")


def ring(people: str, more: str = "") -> Handbook:
    """One weekly rotation; the first Monday is the fifth of January."""
    return rota(f"rotations: {{r: {{people: [{people}], handover: mon 09:00, start: 2026-01-05}}}}\n{more}")


def told(old: Handbook, new: Handbook) -> list[str]:
    """The differences in words."""
    return [f"{one.start:%m-%d %H:%M} {'+'.join(one.before)}>{'+'.join(one.after)}" for one in differences(old, new, START, END)]


def test_nothing_moves_for_an_edit_that_changes_nobody() -> None:
    """A comment, a name, another order of lines."""
    assert told(ring("ana, ben, chloe"), ring("ana, ben, chloe")) == []


def test_an_undated_newcomer_moves_the_present_and_is_told_what_to_write() -> None:
    """The loudest complaint about other tools, seen before it is merged."""
    old, new = ring("ana, ben, chloe"), ring("ana, dev, ben, chloe")
    assert told(old, new)[0] == "01-14 12:00 ben>dev"
    assert differences(old, new, START, END)[0].is_running
    assert advice(old, new, "r", START) == ("'dev from 2026-01-19' instead of 'dev'",)


def test_a_dated_newcomer_moves_nobody_who_is_on_call() -> None:
    """The first difference is the turn at which the ring reaches them."""
    assert told(ring("ana, ben, chloe"), ring("ana, ben, dev from 2026-01-21, chloe")) == ["02-09 08:00 chloe>dev"]


def test_who_is_left_out_is_told_to_be_dated() -> None:
    """Ben's turn runs."""
    old, new = ring("ana, ben, chloe"), ring("ana, chloe")
    assert told(old, new)[0] == "01-14 12:00 ben>chloe"
    assert advice(old, new, "r", START) == ("'ben until 2026-01-14' instead of leaving it out",)
    assert not differences(old, ring("ana, ben until 2026-01-14, chloe"), START, END)[0].is_running


def test_a_change_is_exactly_its_span() -> None:
    """From minute to minute, equal neighbours as one."""
    change = "changes: [{rotation: r, from: 2026-01-18 12:00, to: 2026-01-20 12:00, put: dev}]\n"
    assert told(ring("ana, ben, chloe"), ring("ana, ben, chloe", change)) == ["01-18 11:00 ben>dev", "01-19 08:00 chloe>dev"]


def test_a_rotation_that_comes_or_goes_has_nobody_on_the_other_side() -> None:
    """Both are told."""
    two = rota("rotations: {r: {people: ana}, s: {people: ben}}\n")
    one = rota("rotations: {r: {people: ana}}\n")
    assert [(found.rotation, found.before, found.after) for found in differences(one, two, START, END)] == [("s", (), ("ben",))]
    assert [(found.rotation, found.before, found.after) for found in differences(two, one, START, END)] == [("s", ("ben",), ())]


NIGHTS = "rotations: {{r: {{people: [{}], handover: mon 09:00, start: 2026-01-05, hours: mon-fri 18:00-08:00, gaps: allowed}}}}\n"


def test_a_turn_that_has_begun_is_somebodys_also_outside_its_hours() -> None:
    """At noon nobody is on call, so nothing that runs is moved; the nights of the week are."""
    old, new = rota(NIGHTS.format("ana, ben, chloe")), rota(NIGHTS.format("ana, dev, ben, chloe"))
    assert not any(one.is_running for one in differences(old, new, START, END))
    (found,) = taken_turns(old, new, START)
    assert (found.rotation, found.began, found.before, found.after) == ("r", utc("2026-01-12T08:00"), ("ben",), ("dev",))
    assert advice(old, new, "r", START) == ("'dev from 2026-01-19' instead of 'dev'",)


def test_a_dated_edit_a_change_or_an_absence_takes_no_turn_that_has_begun() -> None:
    """They say from when on they are meant."""
    old = rota(NIGHTS.format("ana, ben, chloe"))
    change = "changes: [{rotation: r, from: 2026-01-14 18:00, to: 2026-01-15 08:00, put: dev}]\n"
    away = "away: [ben 2026-01-14 to 2026-01-20]\n"
    for new in (rota(NIGHTS.format("ana, ben, dev from 2026-01-19, chloe")), rota(NIGHTS.format("ana, ben, chloe") + change + away)):
        assert list(taken_turns(old, new, START)) == []


def test_a_turn_that_nobody_has_any_more_is_told() -> None:
    old, new = rota(NIGHTS.format("ana, ben")), rota(NIGHTS.format("ana, ben").replace("2026-01-05", "2026-03-02"))
    assert [one.after for one in taken_turns(old, new, START)] == [()]


RINGS = st.permutations(["ana", "ben", "chloe", "dev"]).map(lambda names: names[:3])


@given(old=RINGS, new=RINGS, away=st.integers(0, 25), at=st.integers(0, 28 * 24 - 1))
@settings(max_examples=80, deadline=None)
def test_at_every_instant_the_differences_say_what_both_handbooks_say(old: list[str], new: list[str], away: int, at: int) -> None:
    """Inside a difference the two disagree as it says, outside they agree."""
    day = datetime(2026, 1, 14, tzinfo=UTC) + timedelta(days=away)
    books = ring(", ".join(old)), ring(", ".join(new), f"away: [ana {day:%Y-%m-%d} to {day:%Y-%m-%d}]\n")
    when = START + timedelta(hours=at)
    found = [one for one in differences(*books, START, END) if one.start <= when < one.end]
    was, now = (on_call(book, "r", when).people for book in books)
    assert [(one.before, one.after) for one in found] == ([(was, now)] if was != now else [])
