"""What AH310 lets pass is kept: the first who are called sleep, the next take it at their second ring, and the customer is contacted in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from oncall.core.messages import Contact, Reported
from oncall.core.model import Handbook
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.promise import Use, Worst, ladder_of, late_promises, report_at, worst_of
from oncall.core.simulate import Answer, Assumptions, Behaviour, Fault, Kind, Line, Result, simulate
from oncall.handbook import parse
from tests.core.rotas import utc

NOW = utc("2026-10-20T00:00")
DAYS = 8
"""With the end of summer time in Berlin in it."""
PEOPLE = ("ana", "ben", "chloe", "dev")
REACHES = ("slack + sms, call after 90s, call after 3m", "sms, call after 60s", "call, sms after 1m, call after 2m", "sms", "call",
           "sms + call", "slack, sms after 30s, call after 4m", "sms, call after 5m")  # fmt: skip
HANDOVERS = ("daily 09:00", "daily 08:00, 20:00", "mon 09:00", "mon 08:00, thu 17:00")
TARGETS = ("one", "two", "behind", "ana", "dev", "[ana, ben]", "[one, chloe]")
NEVER = Behaviour(answer=Answer.NEVER)


@st.composite
def ladders(draw: st.DrawFn) -> str:
    """A small handbook without its promise: four people, three rotations, one to four steps, a gap, and a time in which two are away."""
    reach = {who: draw(st.sampled_from(REACHES)) for who in PEOPLE}
    people = "\n".join(f"  {who}: {{name: {who}, phone: +44 7700 90000{n}, slack: U{n}, reach: [{reach[who]}]}}" for n, who in enumerate(PEOPLE))
    rings = [", ".join(draw(st.permutations(PEOPLE))[: draw(st.integers(2, 4))]) for _ in range(2)]
    hours = draw(st.sampled_from(("", ", hours: 'daily 08:00-20:00'", ", hours: 'mon-fri 09:00-17:00'")))
    steps = ", ".join(
        f"{{page: {draw(st.sampled_from(TARGETS))}, wait: {draw(st.sampled_from((60, 90, 120, 240, 300, 600)))}s}}"
        for _ in range(draw(st.integers(1, 4)))
    )
    return f"""version: 1
timezone: Europe/Berlin
people:
{people}
  mats: {{name: mats, phone: +44 7700 900009}}
rotations:
  one: {{people: [{rings[0]}], handover: "{draw(st.sampled_from(HANDOVERS))}", start: 2026-01-05, gaps: allowed{hours}}}
  two: {{people: [{rings[1]}], handover: "{draw(st.sampled_from(HANDOVERS))}", start: 2026-01-05}}
  behind: {{backs_up: one}}
away: [ana 2026-10-22 to 2026-10-23, ben 2026-10-23 to 2026-10-24]
changes: [{{rotation: two, from: 2026-10-21 12:00, to: 2026-10-21 12:05, put: nobody}}]
escalations: {{main: {{repeat: {draw(st.sampled_from((1, 1, 2)))}, steps: [{steps}]}}}}
roles: {{admin: [mats]}}
policy:
  company: Example
  severities: {{sev1: {{means: down, contact_within: {{phone: WITHIN}}, escalation: main}}}}
  triage: [{{otherwise: sev1}}]
  last_resort: [{draw(st.sampled_from(("mats", "ana", "'+447700900099'")))}]
"""


def read(content: str, within: timedelta) -> Handbook:
    """The handbook that promises contact within this time."""
    reading = parse({"config/all.yaml": content.replace("WITHIN", f"{within.total_seconds():.0f}s")})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def ahead_of(handbook: Handbook) -> Ahead:
    """The days that are looked ahead."""
    return Ahead(handbook=handbook, start=NOW, end=NOW + timedelta(days=DAYS))


def worst(handbook: Handbook) -> Worst | None:
    """The longest that it can take."""
    return worst_of(ladder_of(ahead_of(handbook), Use(escalation="main", service="", needs="")))


def late(handbook: Handbook) -> list[str]:
    """What AH310 says."""
    return [one.what for one in late_promises(ahead_of(handbook))]


@dataclass(frozen=True, kw_only=True)
class Called:
    """Whom a night in which nobody answers calls first, whom next who is new, and when each has rung on two ways, or all they have."""

    first: frozenset[str]
    following: frozenset[str]
    second_ring: dict[str, timedelta]


def called(handbook: Handbook, lines: tuple[Line, ...]) -> Called:
    """Read off the timeline, up to the end of the escalation; what repeats behind it calls nobody new, unless the rotation changes."""
    rings: dict[str, dict[str, datetime]] = {}
    for line in lines:
        if line.kind is Kind.RANG:
            rings.setdefault(line.who, {}).setdefault(line.way, line.at)
    paged = [line for line in lines if line.kind is Kind.PAGED]
    first = frozenset(line.who for line in paged if line.at == paged[0].at)
    end = next((line.at for line in paged if "the last step has passed unanswered" in line.text), paged[-1].at)
    new = next((line.at for line in paged if line.who not in first and line.at <= end), None)
    following = frozenset(line.who for line in paged if line.at == new and line.who not in first)
    ways = {who: {way for step in person.reach for way in step.ways} - {"slack"} for who, person in handbook.people.items()}
    second = {who: max(mine.values()) - min(mine.values()) for who, mine in rings.items() if set(mine) == ways.get(who, {"sms", "voice"})}
    return Called(first=first, following=following, second_ring=second)


def contacted(handbook: Handbook, at: datetime, faults: dict[str, Fault]) -> timedelta | None:
    """How long after a report at `at` the customer is contacted, when the first sleep and the next take it at their second ring.

    When nobody else is there, the first ones take it. None: nobody does.
    """
    caller = Contact(name="customer", phone="+15125550100")
    report = Reported(at=at, seed="", source="test", channel="phone", summary="", severity="sev1", contact=caller)
    silent = simulate(handbook, report, Assumptions(otherwise=NEVER, faults=faults))
    who = called(handbook, silent.lines)
    takers = who.following or who.first
    people = {one: Behaviour(after=who.second_ring[one]) for one in takers if one in who.second_ring}
    outcome = simulate(handbook, report, Assumptions(people=people, otherwise=NEVER, faults=faults))
    return outcome.at - at if outcome.result is Result.CONTACTED else None


ALL_SLOW = {"slack": Fault.HANGS, "sms": Fault.SLOW, "voice": Fault.SLOW}
"""Texts and calls go out at the last moment, and a page that begins in Slack is handed over to nobody before."""
SLOW = st.sampled_from(({}, {"sms": Fault.SLOW}, {"voice": Fault.SLOW}, {"sms": Fault.SLOW, "voice": Fault.SLOW}, ALL_SLOW))
MINUTES = st.lists(st.integers(0, DAYS * 1440 - 120), min_size=4, max_size=4)
BEFORE_EDGES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 1300)), min_size=6, max_size=6)
"""Which change of whoever is on call, and how many seconds before it."""


# Shrinking what it found would take longer than a test may.
@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(content=ladders(), minutes=MINUTES, before=BEFORE_EDGES, faults=SLOW)
def test_a_promise_that_is_let_pass_is_kept_at_any_time(
    content: str, minutes: list[int], before: list[tuple[int, int]], faults: dict[str, Fault]
) -> None:
    """The promise is the very shortest that is let pass, and reports come at any minute, and shortly before whatever changes."""
    case = worst(read(content, timedelta(hours=1)))
    assume(case is not None and case.takes is not None)
    assert case is not None
    assert case.takes is not None
    handbook = read(content, case.takes)
    assert late(handbook) == []
    assert late(read(content, case.takes - timedelta(seconds=1)))
    edges = ahead_of(handbook).edges(("one", "two", "behind"))
    times = [report_at(case), *(NOW + timedelta(minutes=one) for one in minutes)]
    times += [edges[index % len(edges)] - timedelta(seconds=early) for index, early in before]
    for at in times:
        took = contacted(handbook, max(at, NOW), faults)
        assert took is not None, at
        assert took <= case.takes, at


TIGHT = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: ana, phone: +44 7700 900000, slack: U0, reach: [slack, sms after 4m, call after 5m]}
  ben: {name: ben, phone: +44 7700 900001, slack: U1, reach: [slack, sms after 4m, call after 5m]}
  mats: {name: mats, phone: +44 7700 900009}
rotations:
  one: {people: [ana, ben], handover: mon 09:00, start: 2026-01-05}
  two: {people: [ben, ana], handover: mon 09:00, start: 2026-01-05}
  gap: {people: [ana], handover: mon 09:00, start: 2026-01-05, hours: 'daily 09:00-08:00', gaps: allowed}
escalations: {main: {repeat: ROUNDS, steps: [STEPS]}}
roles: {admin: [mats]}
policy:
  company: Example
  severities: {sev1: {means: down, contact_within: {phone: WITHIN}, escalation: main}}
  triage: [{otherwise: sev1}]
  last_resort: [mats]
"""
AHEAD = 90 + 10 + 300
"""From being paged: Mats is called after 90 s, the send takes 10 s, and five minutes to act."""


@pytest.mark.parametrize(
    ("steps", "rounds", "seconds"),
    [
        pytest.param("{page: one, wait: 6m}, {page: mats, wait: 5m}", 1, 360 + 20 + AHEAD, id="two steps"),
        pytest.param("{page: one, wait: 6m}", 3, 3 * (360 + 20) + AHEAD, id="the last resort behind three rounds"),
        pytest.param("{page: one, wait: 6m}, {page: one, wait: 7m}, {page: mats, wait: 5m}", 1, 360 + 20 + 420 + 20 + AHEAD, id="the same one twice"),
        pytest.param("{page: one, wait: 6m}, {page: two, wait: 6m}, {page: mats, wait: 5m}", 1, 2 * (360 + 20) + AHEAD, id="a handover in between"),
        pytest.param("{page: gap, wait: 1m}, {page: ben, wait: 9m}, {page: mats, wait: 5m}", 1, 540 + 20 + AHEAD, id="a gap before the slow"),
    ],
)  # fmt: skip
def test_the_figure_is_reached_to_the_second_by_its_own_example(steps: str, rounds: int, seconds: float) -> None:
    """The report that the finding names takes as long as it says, when every send takes as long as it may: the bound is no guess from above."""
    content = TIGHT.replace("STEPS", steps).replace("ROUNDS", str(rounds))
    case = worst(read(content, timedelta(hours=3)))
    assert case is not None
    assert case.takes is not None
    assert case.takes == timedelta(seconds=seconds)
    assert contacted(read(content, timedelta(hours=3)), report_at(case), ALL_SLOW) == case.takes


def test_who_may_never_be_rung_on_two_ways_is_not_rung_on_two_ways() -> None:
    """Paged anew every 90 s and called after 90: the call is planned anew each time and never made, as the proof says."""
    content = TIGHT.replace("STEPS", "{page: mats, wait: 90s}").replace("ROUNDS", "1")
    handbook = read(content, timedelta(minutes=30))
    case = worst(handbook)
    assert case is not None
    assert case.takes is None
    report = Reported(at=NOW, seed="", source="test", channel="phone", summary="", severity="sev1", contact=Contact(phone="+15125550100"))
    lines = simulate(handbook, report, Assumptions(otherwise=NEVER)).lines
    assert {line.way for line in lines if line.kind is Kind.RANG and line.who == "mats"} == {"sms"}
    assert len([line for line in lines if line.kind is Kind.RANG]) > 15
