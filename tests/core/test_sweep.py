"""Sweeps: what is said of a stretch holds at every instant in it, found by as few plays as it takes and never by sampling."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from oncall.core.messages import Contact, Reported
from oncall.core.model import Handbook
from oncall.core.simulate import Answer, Assumptions, Behaviour, Outcome, Run, simulate, sweep
from oncall.handbook import parse
from tests.core.rotas import book_of, utc
from tests.core.test_promise_is_sound import ladders

START = utc("2026-10-20T00:00")
END = START + timedelta(days=4)
NEVER = Behaviour(answer=Answer.NEVER)
REPORT = Reported(at=START, seed="", source="test", channel="phone", summary="", severity="sev1", contact=Contact(phone="+15125550100"))
BOOK = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001}
  ben: {name: Ben Example, phone: +44 7700 900002}
  mats: {name: Mats Example, phone: +44 7700 900009}
hours: {office: mon-fri 08:00-17:00}
rotations: {support: {people: [ana, ben], handover: "daily 09:00", start: 2026-10-19}}
escalations: {main: {steps: [{page: support, wait: 5m}, {page: mats, wait: 5m}]}, day: [{page: ben, wait: 5m}]}
roles: {admin: [mats]}
policy:
  company: Example
  office: office
  severities:
    sev1: {means: down, contact_within: {phone: 15m}, escalation: main}
    sev2: {means: slow, after_hours: wait, contact_within: opening + 1h, escalation: main, office: {escalation: day}}
  triage: [{otherwise: sev1}]
  last_resort: [mats]
"""


def swept(book: Handbook, assumed: Assumptions, severity: str = "sev1") -> list[Run]:
    """The sweep of four days, whose stretches follow each other without a gap."""
    runs = list(sweep(book, replace(REPORT, severity=severity), assumed, END))
    assert (runs[0].start, runs[-1].end) == (START, END)
    assert all(one.end == following.start for one, following in pairwise(runs))
    return runs


def told(outcome: Outcome, at: datetime) -> tuple[object, ...]:
    """What an outcome says, as it can be compared with that of a report at another time. What waits is told by its own clock."""
    since = at if outcome.opening is None else outcome.opening
    return (
        outcome.result,
        outcome.by,
        outcome.spare,
        outcome.opening,
        tuple((line.at - since, line.kind, line.who, line.way) for line in outcome.lines[1:]),
    )


def test_who_sleeps_is_missed_from_the_second_on_at_which_it_can_be_their_turn() -> None:
    """Ben and Mats sleep, so from Ben's first moment on nobody is there, and in the minutes before Ana's it is she who answers too late."""
    runs = swept(book_of(BOOK), Assumptions(people={"ben": NEVER, "mats": NEVER}))
    kept = [(one.start, one.end) for one in runs if one.outcome.is_kept]
    assert kept[0][0] == START
    assert {one.outcome.by for one in runs if one.outcome.is_kept} == {"ana"}
    missed = [one for one in runs if not one.outcome.is_kept]
    assert (missed[0].start, missed[-1].end) == (utc("2026-10-20T07:00"), utc("2026-10-23T07:00"))


def test_what_waits_is_one_stretch_until_the_office_opens() -> None:
    """From five in the afternoon to eight in the morning; in the office it goes another way."""
    runs = swept(book_of(BOOK), Assumptions(), "sev2")
    night = [(one.start, one.end) for one in runs if one.outcome.opening is not None]
    assert night[:2] == [(START, utc("2026-10-20T06:00")), (utc("2026-10-20T15:00"), utc("2026-10-21T06:00"))]
    assert {one.outcome.targets for one in runs} == {("ben",)}


def test_it_is_played_a_few_times_for_each_change() -> None:
    """Three handovers, and office hours that open or close eight times."""
    assert len(swept(book_of(BOOK), Assumptions())) <= 20


SLEEPERS = st.sets(st.sampled_from(("ana", "ben", "chloe", "dev", "mats")), max_size=3)


@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=(HealthCheck.too_slow,))
@given(content=ladders(), sleepers=SLEEPERS, moments=st.lists(st.integers(0, 4 * 86_400 - 1), min_size=12, max_size=12), office=st.booleans())
def test_what_is_said_of_a_stretch_holds_at_every_instant_in_it(content: str, sleepers: set[str], moments: list[int], office: bool) -> None:
    """At its last microsecond, and anywhere; with an office that goes its own way, and without."""
    found = content.replace("WITHIN", "25m")
    if office:
        found = found.replace("rotations:", "hours: {office: mon-fri 08:00-17:00}\nrotations:").replace(
            "company: Example", "company: Example\n  office: office"
        )
        found = found.replace("escalation: main}}", "escalation: main, office: {escalation: day}}}").replace(
            "{main: {", "{day: [{page: dev, wait: 3m}], main: {"
        )
    reading = parse({"config/all.yaml": found})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    book, assumed = reading.handbook, Assumptions(people=dict.fromkeys(sleepers, NEVER))
    runs = swept(book, assumed)
    last = [one.end - timedelta(microseconds=1) for one in runs[:: max(1, len(runs) // 12)]]
    for at in (*last, *(START + timedelta(seconds=one) for one in moments)):
        run = next(one for one in runs if one.start <= at < one.end)
        assert told(simulate(book, replace(REPORT, at=at), assumed), at) == told(run.outcome, run.start), at
