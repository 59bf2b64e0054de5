"""Holiday calendars: their dates come from a lock file that is reviewed; what is wrong in it is named like anything else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oncall.core.model import Handbook
from oncall.handbook import parse, read

HEAD = "version: 1\ntimezone: Europe/Berlin\npeople: {ana: {name: Ana}, ben: {name: Ben}}\n"
LOCK = """version: 1
from: 2026-01-01
to: 2027-12-31
calendars:
  DE-BY:
    2026-01-06: 'Epiphany'
    2026-05-01: 'Labor Day'
  US-IL:
    2026-02-12: 'Lincoln''s Birthday'
"""


def book(lines: str, lock: str = LOCK) -> Handbook:
    """A handbook of a few lines and a lock file."""
    reading = parse({"config/all.yaml": HEAD + lines, "config/holidays.lock": lock}, everything=False)
    assert reading.handbook is not None, [str(problem) for problem in reading.problems]
    return reading.handbook


def calendar_of(lines: str) -> str:
    """The calendar that the first shift's hours go by."""
    hours = book(lines).rotations["r"].shifts[0].hours
    assert hours is not None
    return hours.calendar.id if hours.calendar else ""


def test_a_calendar_is_a_code_with_dates_more_or_fewer() -> None:
    """The names are those of the lock file."""
    calendars = book("holidays: {munich: DE-BY, office: {calendar: DE-BY, plus: [2026-12-24], minus: 2026-05-01}}\n").calendars
    assert calendars["munich"].names == {date(2026, 1, 6): "Epiphany", date(2026, 5, 1): "Labor Day"}
    assert calendars["office"].days == {date(2026, 1, 6), date(2026, 12, 24)}
    assert (calendars["office"].until, calendars["munich"].until) == (date(2027, 12, 31), date(2027, 12, 31))


def test_a_list_of_ones_own_needs_no_lock_file() -> None:
    """And nothing ends it."""
    reading = parse({"config/all.yaml": HEAD + "holidays: {ours: {plus: [2026-12-24]}}\n"}, everything=False)
    assert reading.handbook is not None
    assert reading.handbook.calendars["ours"].until == date.max


DAY = "hours: 'mon-fri 08:00-17:00 except holidays', people: ana"
TWO = "holidays: {munich: DE-BY, chicago: US-IL}\n"
NIGHT = "hours: {day: mon-fri 08:00-17:00 except holidays, night: not day}\n"


@pytest.mark.parametrize(
    ("lines", "calendar"),
    [
        (f"{TWO}rotations: {{r: {{{DAY}, holidays: chicago}}}}\n", "chicago"),
        (f"{TWO}rotations: {{r: {{holidays: munich, shifts: [{{{DAY}, holidays: chicago}}]}}}}\n", "chicago"),
        (f"{TWO}rotations: {{r: {{holidays: munich, shifts: [{{{DAY}}}]}}}}\n", "munich"),
        (f"{TWO}policy: {{company: X, holidays: chicago}}\nrotations: {{r: {{{DAY}}}}}\n", "chicago"),
        (f"holidays: {{munich: DE-BY}}\nrotations: {{r: {{{DAY}}}}}\n", "munich"),
        (f"{TWO}rotations: {{r: {{hours: 'mon-fri 08:00-17:00', people: ana, holidays: chicago}}}}\n", ""),
        (f"{TWO}{NIGHT}rotations: {{r: {{hours: night, people: ana, holidays: munich}}}}\n", "munich"),
    ],
)  # fmt: skip
def test_the_nearest_calendar_counts_else_the_only_one(lines: str, calendar: str) -> None:
    """Shift, rotation, policy (decisions.md 27)."""
    assert calendar_of(lines) == calendar


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: 2", "1:10: version '2' of the lock file is not known; run: oncall holidays update"),
        ("from: 2026-01-01\n", "", "1:1: the file config/holidays.lock has no 'from'"),
        ("2026-01-06:", "2026-01-32:", "6:5: '2026-01-32' is no date; write 2026-07-06, or 2026-07-06 13:00"),
        ("'Epiphany'", "''", "6:17: the name of 2026-01-06 is empty"),
        ("calendars:", "calenders:", "4:1: unknown key 'calenders' in the file config/holidays.lock; did you mean 'calendars'?"),
    ],
)
def test_a_lock_file_that_was_edited_by_hand_is_named_where_it_is_wrong(old: str, new: str, said: str) -> None:
    """It is generated, and git merges it."""
    assert old in LOCK
    reading = parse({"config/all.yaml": HEAD + "holidays: {munich: DE-BY}\n", "config/holidays.lock": LOCK.replace(old, new, 1)}, everything=False)
    assert f"config/holidays.lock:{said}" in [str(problem) for problem in reading.problems]


def test_another_lock_file_is_another_version_of_the_handbook(tmp_path: Path) -> None:
    """What is in force changes when a date is corrected, so it is told like any edit."""
    for name in ("config", "rotations"):
        (tmp_path / name).mkdir()
    (tmp_path / "config" / "all.yaml").write_text(HEAD + "holidays: {munich: DE-BY}\n")
    versions = set()
    for lock in (LOCK, LOCK.replace("05-01", "05-02")):
        (tmp_path / "config" / "holidays.lock").write_text(lock)
        found = read(tmp_path / "config", tmp_path / "rotations", everything=False).handbook
        assert found is not None
        versions.add(found.version)
    assert len(versions) == 2
