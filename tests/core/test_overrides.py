"""Changes that are taken at night: they come behind those of the files, are refused with the reason, and are never counted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from oncall.core.model import Handbook
from oncall.core.overrides import Override, gained, joined, lost, moves, objections
from oncall.core.place import Place
from oncall.core.rota import Change, ChangeKind
from oncall.core.schedule import on_call
from oncall.handbook import parse
from tests.core.rotas import utc

BOOK = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana, phone: +44 7700 900001, skills: ledger}
  ben: {name: Ben, phone: +44 7700 900002, skills: ledger}
  chloe: {name: Chloe, phone: +44 7700 900003}
  mats: {name: Mats, phone: +44 7700 900004, skills: ledger}
rotations: {r: {people: [ana, ben, chloe], handover: mon 09:00, start: 2026-01-05}}
escalations: {main: [{page: r, wait: 5m}, {page: mats, wait: 5m}]}
services: {ledger: {escalation: main, needs: ledger}}
roles: {admin: mats}
policy:
  company: Example
  severities: {sev1: {means: down, contact_within: {api: 15m}, escalation: main}}
  triage: [{otherwise: sev1}]
  last_resort: [mats]
"""
NOW = utc("2026-01-14T12:00")
"""A Wednesday in ben's week."""


def book(more: str = "") -> Handbook:
    """Ana's week is the fifth of January, then ben's, then chloe's."""
    reading = parse({"config/all.yaml": BOOK + more})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def change(kind: ChangeKind, *people: str, start: str = "2026-01-14T18:00", end: str = "2026-01-15T06:00") -> Change:
    """A change of a night, in UTC."""
    first, last = (datetime.fromisoformat(at) for at in (start, end))
    return Change(rotation="r", kind=kind, people=people, start=first, end=last, timezone="UTC", why="", place=Place(file="x", line=1, column=1))


def taken(*changes: Change) -> list[Override]:
    """Changes as they come from the store."""
    return [Override(id=index, change=one, by="mats", made_at=NOW) for index, one in enumerate(changes, start=1)]


NIGHT = utc("2026-01-15T00:00")
COVER = change(ChangeKind.COVER, "ben", "ana")


def test_a_change_that_is_taken_counts_and_comes_behind_those_of_the_files() -> None:
    """The files put chloe there; who covers chloe is said later, so it wins."""
    assert on_call(joined(book(), taken(COVER)), "r", NIGHT).people == ("ana",)
    files = book("changes: [{rotation: r, from: 2026-01-14, to: 2026-01-15, put: chloe}]\n")
    assert on_call(joined(files, taken(COVER)), "r", NIGHT).people == ("chloe",)
    assert on_call(joined(files, taken(change(ChangeKind.COVER, "chloe", "ana"))), "r", NIGHT).people == ("ana",)


def test_a_change_that_the_files_say_by_now_is_not_counted_twice() -> None:
    """Two swaps of the same two would undo each other."""
    swap = change(ChangeKind.SWAP, "ana", "ben")
    files = book("changes: [{rotation: r, from: 2026-01-14 19:00, to: 2026-01-15 07:00, swap: [ana, ben]}]\n")
    assert on_call(joined(files, taken(swap)), "r", NIGHT).people == ("ana",)
    assert joined(files, taken(swap)) is files


def test_a_change_that_was_ended_counts_until_then() -> None:
    """What it did stays as it was; one that was ended before it began never was."""
    ended = [replace(one, ended_at=utc("2026-01-14T23:00")) for one in taken(COVER)]
    assert on_call(joined(book(), ended), "r", utc("2026-01-14T22:59")).people == ("ana",)
    assert on_call(joined(book(), ended), "r", NIGHT).people == ("ben",)
    never = [replace(one, ended_at=utc("2026-01-14T12:00")) for one in taken(COVER)]
    assert joined(book(), never).changes == ()


def test_a_change_that_names_somebody_who_is_gone_is_left_out() -> None:
    """A page to them would reach nobody; whoever has the turn is called."""
    gone = [change(ChangeKind.PUT, "eve"), change(ChangeKind.COVER, "ben", "eve"), replace(COVER, rotation="old")]
    assert joined(book(), taken(*gone)).changes == ()
    assert on_call(joined(book(), taken(*gone)), "r", NIGHT).people == ("ben",)


def test_what_it_moves_is_told_from_now_on() -> None:
    """A night that began already is changed for the rest of it."""
    found = moves(book(), COVER, utc("2026-01-14T20:00"))
    assert gained(found) == {"ana": (utc("2026-01-14T20:00"), utc("2026-01-15T06:00"))}
    assert lost(found) == {"ben": (utc("2026-01-14T20:00"), utc("2026-01-15T06:00"))}
    assert moves(book(), COVER, utc("2026-01-15T06:00")) == ()


def test_a_change_without_effect_moves_nobody() -> None:
    """Ana is not on call that night."""
    assert moves(book(), change(ChangeKind.COVER, "ana", "mats"), NOW) == ()


@pytest.mark.parametrize(
    ("lines", "wish", "against"),
    [
        ("", COVER, ()),
        ("away: [ana 2026-01-15 to 2026-01-16]\n", COVER, ("ana is away in that time",)),
        ("away: [ana 2026-01-16 to 2026-01-16]\n", COVER, ()),
        ("", change(ChangeKind.COVER, "ben", "chloe"), ("chloe not trained for ledger, which 'ledger' needs",)),
        ("", change(ChangeKind.COVER, "chloe", "ana", start="2026-01-25T08:00", end="2026-01-26T02:00"),
         ("ana ends 'r' at 2026-01-26 03:00 and begins 'r' 6 h later",
          "ana is on call 8 days in a row, from Sun 2026-01-25 09:00 to Mon 2026-02-02 09:00 (8 days)")),
    ],
)  # fmt: skip
def test_a_change_is_refused_for_absence_skills_and_rest(lines: str, wish: Change, against: tuple[str, ...]) -> None:
    """Each with its reason; what was so before is nobody's fault."""
    assert objections(book(lines), wish, moves(book(lines), wish, NOW)) == against


def test_a_week_in_a_row_with_the_own_one_is_told() -> None:
    """Chloe's week for ben, who had the one before."""
    wish = change(ChangeKind.COVER, "chloe", "ben", start="2026-01-19T08:00", end="2026-01-26T08:00")
    assert objections(book(), wish, moves(book(), wish, NOW)) == (
        "ben is on call 14 days in a row, from Mon 2026-01-12 09:00 to Mon 2026-01-26 09:00 (14 days)",
    )
