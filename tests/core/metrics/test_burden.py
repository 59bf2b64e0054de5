"""What being on call costs people: interruptions, windows on their own clock, points, and who carries more than their share."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from oncall.core.metrics.burden import Burden, Window, burdens, fairness, interruptions, night_of, window_of
from oncall.core.metrics.coverage import coverage
from oncall.core.model import Handbook
from oncall.handbook import parse
from tests.core.metrics.tale import Tale, at
from tests.core.rotas import utc

BOOK = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001}
  ben: {name: Ben Example, phone: +44 7700 900002}
  sue: {name: Sue Example, phone: +44 7700 900003, timezone: America/Chicago}
hours: {office: mon-fri 08:00-17:00 except holidays}
holidays: {ours: {calendar: DE-BE, plus: [2026-11-18]}}
rotations:
  r: {RING}
escalations: {main: [{page: r, wait: 5m}, {page: sue, wait: 5m}]}
roles: {admin: sue}
policy:
  company: Example
  office: office
  holidays: ours
  severities: {sev1: {means: down, contact_within: {api: 15m}, escalation: main}}
  triage: [{otherwise: sev1}]
  last_resort: [sue]
"""
WEEK = "{people: [ana, ben], handover: mon 09:00, start: 2026-11-02}"
LOCK = "version: 1\nfrom: 2026-01-01\nto: 2028-12-31\ncalendars:\n  DE-BE: {2026-12-25: 'Christmas Day'}\n"


def book(ring: str = WEEK) -> Handbook:
    """A week each for Ana and Ben in Berlin; Sue is paged by name."""
    reading = parse({"config/all.yaml": BOOK.replace("{RING}", ring), "config/holidays.lock": LOCK})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def spans(*minutes: tuple[str, float, str]) -> list[tuple[float, float, int]]:
    """Ana's interruptions of events ('page' or an act) as (start, end, pages)."""
    tale = Tale()
    for nth, (what, when, way) in enumerate(minutes):
        if what == "page":
            tale.news(when, "ana", way=way, nth=nth)
        else:
            tale.then(when, what, "ana")
    found = interruptions([tale.case()]).get("ana", ())
    return [((one.start - at(0)).total_seconds() / 60, (one.end - at(0)).total_seconds() / 60, len(one.rings)) for one in found]


def test_pages_less_than_a_quarter_of_an_hour_apart_are_one_interruption() -> None:
    assert spans(("page", 0, "sms"), ("page", 14.9, "voice"), ("page", 29.9, "sms")) == [(0, 14.9, 2), (29.9, 29.9, 1)]


def test_a_reply_prolongs_an_interruption_and_begins_none() -> None:
    events = (("Acknowledged", 0, ""), ("page", 20, "sms"), ("Acknowledged", 30, ""), ("page", 44, "sms"), ("Resolved", 90, ""))
    assert spans(*events) == [(20, 44, 2)]


def test_slack_interrupts_nobody_and_neither_does_a_page_that_no_provider_took() -> None:
    assert spans(("page", 0, "slack")) == []
    assert interruptions([Tale().news(0, "ana", "SendFailed").case()]) == {}


def test_pages_of_two_cases_at_once_are_one_interruption() -> None:
    found = interruptions([Tale().news(0, "ana").case(), Tale("1002").news(3, "ana").case()])
    assert [len(one.rings) for one in found["ana"]] == [2]


@pytest.mark.parametrize(
    ("local", "window"),
    [
        ("2026-11-24T07:59", Window.EVENING), ("2026-11-24T08:00", Window.DAY), ("2026-11-24T17:59", Window.DAY),
        ("2026-11-24T18:00", Window.EVENING), ("2026-11-24T21:59", Window.EVENING), ("2026-11-24T22:00", Window.SLEEP),
        ("2026-11-24T06:59", Window.SLEEP), ("2026-11-28T12:00", Window.EVENING), ("2026-11-29T23:00", Window.SLEEP),
        ("2026-11-18T12:00", Window.EVENING), ("2026-12-25T12:00", Window.EVENING),
    ],
)  # fmt: skip
def test_windows_of_the_day_the_weekend_and_holidays(local: str, window: Window) -> None:
    assert window_of(book(), utc(local).replace(tzinfo=None)) is window


def test_a_night_is_named_after_its_evening() -> None:
    assert night_of(utc("2026-11-24T23:30").replace(tzinfo=None)) == date(2026, 11, 24)
    assert night_of(utc("2026-11-25T02:30").replace(tzinfo=None)) == date(2026, 11, 24)


def measured(tales: list[Tale], start: str = "2026-11-23", end: str = "2026-11-30", ring: str = WEEK) -> dict[str, Burden]:
    """Everybody's burden of a span."""
    return {one.who: one for one in burdens(book(ring), interruptions([one.case() for one in tales]), utc(start), utc(end))}


def test_a_week_on_call_counts_its_nights_and_the_days_of_its_weekend() -> None:
    """Ben has the week from Monday the 23rd, nine o'clock; the night before was Ana's, of which most lies before the span."""
    found = measured([])
    assert {who: (one.nights, one.weekend_days, one.points) for who, one in found.items()} == {"ana": (0, 0, 0.0), "ben": (7, 2, 5.5)}


def test_a_handover_at_midnight_gives_the_night_to_who_has_more_of_it() -> None:
    """From ten in the evening to seven, midnight leaves seven of nine hours to who comes."""
    found = measured([], ring="{people: [ana, ben], handover: wed 00:00, start: 2026-11-04}")
    assert {who: one.nights for who, one in found.items()} == {"ana": 1, "ben": 6}


def test_interruptions_are_weighed_by_the_clock_of_who_was_woken() -> None:
    """Two at night in Berlin is seven in the evening in Chicago."""
    found = measured([Tale().news(0, "ana").news(0, "sue", nth=1)])
    assert found["ana"].windows == {Window.DAY: 0, Window.EVENING: 0, Window.SLEEP: 1}
    assert found["sue"].windows == {Window.DAY: 0, Window.EVENING: 1, Window.SLEEP: 0}
    assert (found["ana"].points, found["sue"].points) == (4.0, 2.0)


def test_who_was_awake_for_long_has_a_point_more() -> None:
    """Half an hour exactly is not yet long."""
    half = Tale().news(0, "sue").then(10, "Acknowledged", "sue").then(20, "Noted", "sue").then(30, "Contacted", "sue")
    assert (measured([half])["sue"].points, measured([half])["sue"].longest) == (2.0, timedelta(minutes=30))
    assert measured([half.then(31, "Resolved", "sue")])["sue"].points == 3.0


def test_disrupted_hours_are_hours_of_the_clock() -> None:
    """Pages at 02:50, 03:05 and 03:20: one interruption, two hours."""
    found = measured([Tale().news(50, "ana").news(60, "ana", nth=1).news(74, "ana", nth=2)])["ana"]
    assert (found.interruptions, found.disrupted_hours) == (1, 2)


def test_the_worst_night_counts_from_evening_to_morning() -> None:
    """Three in the night to Wednesday, one in the next."""
    night = Tale(minutes=20 * 60).news(20 * 60 + 30, "ana").news(22 * 60, "ana", nth=1).news(25 * 60, "ana", nth=2).news(45 * 60, "ana", nth=3)
    found = measured([night])["ana"]
    assert (found.worst_night, found.woken_nights, found.windows[Window.SLEEP]) == (3, 2, 4)


def test_a_bare_number_is_nobody() -> None:
    assert "+447700900099" not in measured([Tale().news(0, "+447700900099")])


def test_points_stand_beside_the_median_of_ninety_days() -> None:
    """By the rota alone Ana and Ben have nearly the same; Ana was woken ten times more."""
    end = utc("2026-12-28T08:00")
    nights = [Tale(str(n)).news(n * 24 * 60, "ana", nth=n) for n in range(10)]
    known = interruptions([one.case() for one in nights])
    found = {one.who: one.times for one in fairness(book(), burdens(book(), known, utc("2026-12-01"), end), known, end)}
    points = {one.who: one.points for one in burdens(book(), known, end - timedelta(days=90), end)}
    middle = sorted(points.values())
    expected = (middle[0] + middle[1]) / 2
    assert found == {who: pytest.approx(points[who] / expected) for who in found}
    assert (found["ana"] or 0) > (found["ben"] or 0)


def test_who_is_new_is_measured_by_their_days_in_the_rota() -> None:
    """Ben joined 18 days ago and had every second week since, as Ana had over all of the ninety."""
    ring = "{people: [ana, ben from 2026-12-07], handover: daily 09:00, start: 2026-01-05}"
    end = utc("2026-12-25T08:00")
    times = {one.who: one.times for one in fairness(book(ring), burdens(book(ring), {}, end - timedelta(days=90), end), {}, end)}
    alone = 90 / 18 * 9 / (81 + 9)
    assert times["ben"] is not None
    assert times["ana"] is not None
    assert times["ben"] / times["ana"] == pytest.approx(alone, rel=0.15)


def test_coverage_is_measured_after_hours_alone() -> None:
    """Nobody on Saturday: 24 of 123 hours after hours that week; nobody on Tuesday between nine and ten is the office's time."""
    whole = coverage(book(), utc("2026-11-22T23:00"), utc("2026-11-29T23:00"))
    assert (whole.percent, whole.gaps) == (100.0, ())
    hole = coverage(book(WEEK.replace("}", ", hours: 'sun-fri 00:00-24:00'}")), utc("2026-11-22T23:00"), utc("2026-11-29T23:00"))
    assert hole.percent == pytest.approx(100 * (1 - 24 / 123))
    assert hole.gaps == (("r", utc("2026-11-27T23:00"), utc("2026-11-28T23:00")),)
    day = "[tue 00:00-09:00, tue 10:00-24:00, wed-mon 00:00-24:00]"
    assert coverage(book(WEEK.replace("}", f", hours: {day}}}")), utc("2026-11-22T23:00"), utc("2026-11-29T23:00")).percent == 100.0
