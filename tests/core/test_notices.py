"""Notices of duty: once for each turn, before it, at its beginning and at its end; what can wait for daylight wakes nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.model import Handbook
from oncall.core.notices import gaps_ahead, notices
from oncall.handbook import parse
from tests.core.rotas import utc

BOOK = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana, phone: +44 7700 900001}
  ben: {name: Ben, phone: +44 7700 900002}
  sue: {name: Sue, phone: +44 7700 900003, timezone: America/Chicago}
  mats: {name: Mats, phone: +44 7700 900004}
rotations:
  r: {RING}
escalations: {main: [{page: r, wait: 5m}, {page: mats, wait: 5m}]}
roles: {admin: mats}
policy:
  company: Example
  severities: {sev1: {means: down, contact_within: {api: 15m}, escalation: main}}
  triage: [{otherwise: sev1}]
  last_resort: [mats]
"""
WEEK = "{people: [ana, ben], handover: mon 09:00, start: 2026-01-05}"


def book(ring: str = WEEK, more: str = "") -> Handbook:
    """A rotation that is paged, of this ring."""
    reading = parse({"config/all.yaml": BOOK.replace("{RING}", ring) + more})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def told(handbook: Handbook, start: str = "2026-01-10", end: str = "2026-01-14") -> list[str]:
    """The notices of a span in words, in UTC."""
    return [f"{one.due_at:%d %H:%M} {one.about.removeprefix('duty_')} {one.who}" for one in notices(handbook, utc(start), utc(end))]


def test_a_week_is_told_a_day_before_soon_before_at_its_beginning_and_at_its_end() -> None:
    """Nine o'clock in Berlin is eight in UTC."""
    assert told(book()) == ["11 08:00 tomorrow ben", "12 07:45 soon ben", "12 08:00 over ana", "12 08:00 begins ben"]
    begins = next(one for one in notices(book(), utc("2026-01-12"), utc("2026-01-13")) if one.about == "duty_begins")
    assert (begins.start, begins.end) == (utc("2026-01-12T08:00"), utc("2026-01-19T08:00"))


def test_the_nights_of_a_week_are_one_duty_and_told_of_once() -> None:
    """From Monday evening to the next Monday morning, not five times."""
    nights = book("{people: [ana, ben], handover: mon 09:00, start: 2026-01-05, hours: 'mon-sun 18:00-08:00', gaps: allowed}")
    assert told(nights, "2026-01-10", "2026-01-19T08:30") == [
        "11 17:00 tomorrow ben", "12 07:00 over ana", "12 16:45 soon ben", "12 17:00 begins ben", "18 17:00 tomorrow ana", "19 07:00 over ben",
    ]  # fmt: skip


def test_what_falls_into_the_night_is_told_the_evening_before_or_the_morning_after() -> None:
    """A handover at two in the morning: nobody who sleeps is woken a day early, or to be thanked. Who begins is told at the minute."""
    night = book(WEEK.replace("mon 09:00", "tue 02:00").replace("2026-01-05", "2026-01-06"))
    assert told(night, "2026-01-10", "2026-01-14") == ["11 17:00 tomorrow ben", "13 00:45 soon ben", "13 01:00 begins ben", "13 07:00 over ana"]
    late = book(WEEK.replace("mon 09:00", "mon 23:00"))
    assert told(late, "2026-01-10", "2026-01-14") == ["11 17:00 tomorrow ben", "12 21:45 soon ben", "12 22:00 begins ben", "13 07:00 over ana"]


def test_night_is_what_the_readers_clock_says() -> None:
    """Nine in Berlin is two in Chicago."""
    assert told(book(WEEK.replace("[ana, ben]", "[ana, sue]"))) == [
        "11 00:00 tomorrow sue",
        "12 07:45 soon sue",
        "12 08:00 over ana",
        "12 08:00 begins sue",
    ]


def test_who_goes_on_without_a_break_hears_nothing_and_who_covers_hears_of_the_cover() -> None:
    """Ben covers ana's last days and goes on with his own week: one duty."""
    cover = book(WEEK, "away: [ana 2026-01-11 to 2026-01-14]\n")
    assert told(cover, "2026-01-10", "2026-01-14") == ["10 22:45 soon ben", "10 23:00 begins ben", "11 07:00 over ana"]


def test_who_always_has_it_and_a_rotation_that_nothing_pages_are_not_told() -> None:
    """There is nothing to say, and nobody to wake."""
    assert told(book("{people: ana}"), "2026-01-01", "2026-03-01") == []
    unpaged = book(WEEK + "\n  other: {people: [ana, ben], handover: daily 12:00, start: 2026-01-05}")
    assert told(unpaged) == told(book())


def test_a_turn_without_any_length_is_not_told() -> None:
    """02:30 does not exist on 29 March, so the turn of 02:30 to 03:00 is nobody's night."""
    swallowed = book("{people: [ana, ben, sue], handover: 'daily 02:30, 03:00', start: 2026-03-27}")
    found = notices(swallowed, utc("2026-03-29T00:00"), utc("2026-03-29T02:00"))
    assert all(one.end > one.start for one in found)
    assert len([one for one in found if one.about == "duty_begins"]) == 1


@given(first=st.integers(0, 4000), cuts=st.lists(st.integers(1, 3000), max_size=4))
@settings(max_examples=40, deadline=None)
def test_however_the_time_is_cut_each_notice_comes_once(first: int, cuts: list[int]) -> None:
    """A restart, or a plan made anew, neither loses nor repeats one."""
    weekly = book(more="away: [ben 2026-01-14 to 2026-01-15]\n")
    start = datetime(2026, 1, 8, tzinfo=UTC) + timedelta(minutes=first)
    edges = [start + timedelta(minutes=cut) for cut in sorted({0, *cuts, 3000})]
    pieces = [one for since, until in pairwise(edges) for one in notices(weekly, since, until)]
    assert pieces == list(notices(weekly, edges[0], edges[-1]))


def test_a_gap_is_told_days_before_and_only_if_nobody_meant_it() -> None:
    """The next of each rotation, where it is paged."""
    hole = book(WEEK.replace("}", ", hours: 'mon-sat 00:00-24:00'}"))
    assert [(gap.rotation, gap.start, gap.end) for gap in gaps_ahead(hole, utc("2026-01-09"), utc("2026-01-12"))] == [
        ("r", utc("2026-01-10T23:00"), utc("2026-01-11T23:00"))
    ]
    assert gaps_ahead(hole, utc("2026-01-06"), utc("2026-01-09")) == ()
    assert gaps_ahead(book(WEEK.replace("}", ", gaps: allowed, hours: 'mon-sat 00:00-24:00'}")), utc("2026-01-09"), utc("2026-01-12")) == ()
    meant = "changes: [{rotation: r, from: 2026-01-11, to: 2026-01-11, put: nobody}]\n"
    assert gaps_ahead(book(WEEK, meant), utc("2026-01-09"), utc("2026-01-12")) == ()


MAIN = "{main: [{page: r, wait: 5m}, {page: mats, wait: 5m}]}"


def backed(escalations: str, more: str = "") -> list[tuple[str, ...]]:
    """Who is named as the backup of ben's week from the twelfth on, a day before and at its beginning. `b` backs up `r`."""
    ring = WEEK.replace("[ana, ben]", "[ana, ben, sue]") + "\n  b: {backs_up: r}"
    reading = parse({"config/all.yaml": BOOK.replace("{RING}", ring).replace(MAIN, escalations) + more})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    found = notices(reading.handbook, utc("2026-01-10"), utc("2026-01-13"))
    return [one.backups for one in found if one.who == "ben" and one.rotation == "r" and one.about in {"duty_tomorrow", "duty_begins"}]


def test_the_backup_is_named_where_every_escalation_says_the_same() -> None:
    behind = "{main: [{page: r, wait: 5m}, {page: b, wait: 5m}]}"
    assert backed(behind) == [("sue",), ("sue",)]
    assert backed(MAIN) == [("mats",), ("mats",)]
    assert backed(behind.replace("}]}", "}], more: [{page: r, wait: 5m}, {page: mats, wait: 5m}]}")) == [(), ()]
    assert backed("{main: [{page: r, wait: 5m}]}") == [(), ()]
    assert backed(MAIN.replace("mats", "ben")) == [(), ()]


def test_a_backup_that_changes_within_the_duty_is_not_named() -> None:
    """Sue is away for a day of it, and somebody else backs up then."""
    assert backed("{main: [{page: r, wait: 5m}, {page: b, wait: 5m}]}", "away: [sue 2026-01-14 to 2026-01-14]\n") == [(), ()]
