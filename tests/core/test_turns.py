"""The ring: people join and leave it by dates, and nobody else's turn ever moves for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.model import Handbook
from oncall.core.schedule import duties, on_call
from tests.core.rotas import rota, utc


def ring(people: str, handover: str = "mon 09:00", start: str = "2026-01-05", more: str = "") -> Handbook:
    """One rotation with this ring."""
    return rota(f"rotations: {{r: {{people: [{people}], handover: '{handover}', start: {start}{more}}}}}\n")


def weeks(book: Handbook, start: str, count: int) -> list[str]:
    """Who has each of `count` weeks, asked on its Wednesday; `start` is a Monday."""
    first = utc(start) + timedelta(days=2)
    return ["+".join(on_call(book, "r", first + timedelta(weeks=week)).people) for week in range(count)]


def test_who_joins_has_the_turn_at_which_the_ring_reaches_them() -> None:
    """Dev stands behind ben and joins in chloe's week: chloe, ana and ben are not moved, then it is dev's."""
    book = ring("ana, ben, dev from 2026-01-21, chloe")
    assert weeks(book, "2026-01-05", 8) == ["ana", "ben", "chloe", "ana", "ben", "dev", "chloe", "ana"]


def test_who_joins_on_the_day_of_a_handover_may_have_that_turn() -> None:
    """`from` is the first day on which a turn of theirs may begin."""
    assert weeks(ring("ana, ben, dev from 2026-01-19"), "2026-01-05", 4) == ["ana", "ben", "dev", "ana"]
    assert weeks(ring("ana, ben, dev from 2026-01-20"), "2026-01-05", 4) == ["ana", "ben", "ana", "ben"]


def test_who_leaves_finishes_the_turn_that_runs_and_takes_no_other() -> None:
    """Ben's last day is the Wednesday of his week; he has it to its end."""
    book = ring("ana, ben until 2026-01-14, chloe")
    assert weeks(book, "2026-01-05", 6) == ["ana", "ben", "chloe", "ana", "chloe", "ana"]
    assert on_call(book, "r", utc("2026-01-19T07:59")).people == ("ben",)


def test_a_turn_that_begins_on_the_last_day_is_still_theirs() -> None:
    """`until` is inclusive."""
    assert weeks(ring("ana, ben until 2026-01-12, chloe"), "2026-01-05", 3) == ["ana", "ben", "chloe"]
    assert weeks(ring("ana, ben until 2026-01-11, chloe"), "2026-01-05", 3) == ["ana", "chloe", "ana"]


def test_with_an_hour_it_is_a_hard_stop_and_the_next_covers_the_rest_and_then_has_a_turn_of_their_own() -> None:
    """From Wednesday noon on the wall ben is not called any more."""
    book = ring("ana, ben until 2026-01-14 12:00, chloe")
    found = [(f"{one.start:%m-%d %H:%M}", one.people) for one in duties(book, "r", utc("2026-01-12T08:00"), utc("2026-02-02T08:00"))]
    assert found == [("01-12 08:00", ("ben",)), ("01-14 11:00", ("chloe",)), ("01-19 08:00", ("chloe",)), ("01-26 08:00", ("ana",))]
    assert "chloe covers ben (left)" in on_call(book, "r", utc("2026-01-15T12:00")).because


def test_at_the_minute_of_a_handover_who_joins_has_the_turn_and_who_leaves_has_not() -> None:
    """An hour that is given is the first of one and no longer the other's."""
    assert weeks(ring("ana, ben, dev from 2026-01-19 09:00"), "2026-01-05", 4) == ["ana", "ben", "dev", "ana"]
    assert weeks(ring("ana, ben, dev from 2026-01-19 09:01"), "2026-01-05", 4) == ["ana", "ben", "ana", "ben"]
    assert weeks(ring("ana, ben until 2026-01-12 09:00, chloe"), "2026-01-05", 3) == ["ana", "chloe", "ana"]


def test_who_has_left_is_never_called_even_if_nobody_else_is_there() -> None:
    """A gap is reported; somebody who left is the wrong person to wake."""
    duty = on_call(ring("ana until 2026-01-14 12:00, ben from 2026-02-01"), "r", utc("2026-01-15T12:00"))
    assert duty.people == ()


def test_two_entries_with_one_name_are_two_stays() -> None:
    """Dev helps out in January and comes back in March."""
    book = ring("ana, dev until 2026-01-18, ben, dev from 2026-02-09")
    assert weeks(book, "2026-01-05", 9) == ["ana", "dev", "ben", "ana", "ben", "dev", "ana", "ben", "dev"]


def test_a_pair_joins_and_leaves_together() -> None:
    """The dates are the entry's."""
    assert weeks(ring("ana, ben + chloe until 2026-01-12"), "2026-01-05", 4) == ["ana", "ben+chloe", "ana", "ana"]


def test_a_ring_with_nobody_in_it_is_a_gap_and_goes_on_where_it_stopped() -> None:
    """Nobody in February; behind ana, who was last, comes ben."""
    book = ring("ana until 2026-01-31, ana from 2026-03-02, ben from 2026-03-02")
    assert weeks(book, "2026-01-19", 7) == ["ana", "ana", "", "", "", "", "ana"]


def test_one_alone_without_a_handover_is_on_call_from_day_to_day() -> None:
    """There is no turn to finish."""
    book = rota("rotations: {r: {people: ana from 2026-01-05 until 2026-01-06}}")
    found = [(f"{one.start:%m-%d %H:%M}", one.people) for one in duties(book, "r", utc("2026-01-01"), utc("2026-01-10"))]
    assert found == [("01-01 00:00", ()), ("01-04 23:00", ("ana",)), ("01-06 23:00", ())]


def test_nobody_covers_who_is_not_in_the_ring() -> None:
    """Before dev joins it is chloe who covers ben."""
    away = "away: [ben 2026-01-12 to 2026-01-18]\n"
    book = rota("rotations: {r: {people: [ana, ben, dev from 2026-02-01, chloe], handover: mon 09:00, start: 2026-01-05}}\n" + away)
    assert weeks(book, "2026-01-12", 1) == ["chloe"]


@pytest.mark.parametrize("entry", ["dev from 2026-01-21", "dev from 2026-01-21 until 2026-02-20", "dev from 2026-01-26 09:00"])
def test_somebody_who_joins_moves_no_turn_that_began_before(entry: str) -> None:
    """Wherever in the list they are written."""
    names = ["ana", "ben", "chloe"]
    for place in range(4):
        book = ring(", ".join([*names[:place], entry, *names[place:]]))
        assert weeks(book, "2026-01-05", 3) == names


class Entry(NamedTuple):
    """An entry of a random ring, in days since the start."""

    joins: int | None
    leaves: int | None


DAYS = st.one_of(st.none(), st.integers(-5, 60))
ENTRIES = st.lists(st.builds(Entry, DAYS, DAYS), min_size=1, max_size=4).filter(
    lambda found: all(one.joins is None or one.leaves is None or one.joins <= one.leaves for one in found)
)
START = datetime(2026, 3, 2)  # noqa: DTZ001 -- a local time
WHO = ("ana", "ben", "chloe", "dev")


def written(entries: list[Entry]) -> str:
    """The ring in YAML."""
    texts = []
    for name, entry in zip(WHO, entries, strict=False):
        joins = "" if entry.joins is None else f" from {START + timedelta(days=entry.joins):%Y-%m-%d}"
        leaves = "" if entry.leaves is None else f" until {START + timedelta(days=entry.leaves):%Y-%m-%d}"
        texts.append(f"{name}{joins}{leaves}")
    return ", ".join(texts)


def first_day(entry: Entry) -> int:
    """On which a turn of theirs may begin."""
    return -99 if entry.joins is None else entry.joins


def last_day(entry: Entry) -> int:
    """On which a turn of theirs may begin."""
    return 999 if entry.leaves is None else entry.leaves


def walked(entries: list[Entry], begins: list[int]) -> list[str]:
    """Turn after turn around the ring, as one would with a finger; `begins`: the day of each turn. '' when nobody is in it."""
    found, last = [], -1
    for day in begins:
        order = [(last + step) % len(entries) for step in range(1, len(entries) + 1)]
        fits = [one for one in order if first_day(entries[one]) <= day <= last_day(entries[one])]
        last = fits[0] if fits else last
        found.append(WHO[fits[0]] if fits else "")
    return found


@given(entries=ENTRIES, every=st.sampled_from([1, 7]), weekdays=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_ring_agrees_with_walking_it_turn_by_turn(entries: list[Entry], every: int, weekdays: bool) -> None:
    """Daily and weekly, over the change of the clocks, with and without days that use up nobody."""
    hours = ", hours: 'mon-fri 09:00-17:00'" if weekdays else ""
    book = ring(written(entries), "daily 09:00" if every == 1 else "mon 09:00", f"{START:%Y-%m-%d}", hours)
    begins = [day for day in range(0, 70, every) if not weekdays or every == 7 or day % 7 < 5]
    middays = [datetime(2026, 3, 2, 11, tzinfo=UTC) + timedelta(days=day) for day in begins]
    assert ["+".join(on_call(book, "r", at).people) for at in middays] == walked(entries, begins)
