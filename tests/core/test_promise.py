"""AH310: how long it can take until the customer is contacted, to the second; and what is said when a promise is shorter than that."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from oncall.core.model import Handbook
from oncall.core.proofs import Finding, prove
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.calling import SENT_AGAIN_WITHIN, SENT_WITHIN
from oncall.core.proofs.promise import TIME_TO_ACT, Use, Worst, ladder_of, report_at, worst_of
from oncall.engine.sending import SEND_LIMIT_S, UNKNOWN_ATTEMPTS
from oncall.handbook import parse
from tests.core.rotas import utc

NOW = utc("2026-07-01T00:00")
BOOK = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001, slack: UANA, skills: [ledger]}
  ben: {name: Ben Example, phone: +44 7700 900002, slack: UBEN}
  chloe: {name: Chloe Example, phone: +44 7700 900003, slack: UCHLOE, skills: ledger from 2026-07-13}
  dev: {name: Dev Example, slack: UDEV}
  mats: {name: Mats Example, phone: [+44 7700 900004, +44 7700 900005]}
hours: {office: mon-fri 08:00-17:00}
rotations:
  support: {people: [ana, ben, chloe], handover: mon 09:00, start: 2026-01-05}
  second: {people: [chloe, ana, ben], handover: mon 09:00, start: 2026-01-05}
escalations:
  main: {repeat: 1, steps: [{page: support, wait: 5m}, {page: mats, wait: 5m}]}
  slow: [{page: support, wait: 10m}, {page: mats, wait: 5m}]
services:
  shop: {escalation: main}
roles: {admin: [mats]}
policy:
  company: Example
  office: office
  severities:
    sev1: {means: down, contact_within: {phone: 12m, api: 12m, email: 30m}, escalation: main}
    sev2: {means: slow, after_hours: wait, contact_within: opening + 1h, escalation: slow}
  triage: [{words: [down], severity: sev1}, {otherwise: sev1}]
  last_resort: [mats]
"""
STEPS = "[{page: support, wait: 5m}, {page: mats, wait: 5m}]"


def book(*edits: tuple[str, str]) -> Handbook:
    """The handbook with some edits."""
    content = BOOK
    for old, new in edits:
        assert old in content, old
        content = content.replace(old, new, 1)
    reading = parse({"config/all.yaml": content})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def found(*edits: tuple[str, str], now: datetime = NOW) -> list[Finding]:
    """What AH310 finds in four weeks."""
    return [one for one in prove(book(*edits), now, 28) if one.code == "AH310"]


def worst(*edits: tuple[str, str], steps: str = STEPS, needs: str = "", days: int = 28) -> Worst:
    """The worst case of the escalation 'main'."""
    handbook = book((f"main: {{repeat: 1, steps: {STEPS}", f"main: {{repeat: 1, steps: {steps}"), *edits)
    case = worst_of(ladder_of(Ahead(handbook=handbook, start=NOW, end=NOW + timedelta(days=days)), Use(escalation="main", service="", needs=needs)))
    assert case is not None
    return case


def seconds(case: Worst) -> float | None:
    """How long it takes without the time to act; None: it may never be."""
    return None if case.takes is None else (case.takes - TIME_TO_ACT).total_seconds()


def test_the_numbers_are_those_of_the_engine() -> None:
    """The core cannot ask it, so this does."""
    assert SENT_WITHIN.total_seconds() == SEND_LIMIT_S
    assert SENT_AGAIN_WITHIN.total_seconds() == SEND_LIMIT_S * UNKNOWN_ATTEMPTS


def test_a_promise_that_just_holds_is_no_finding_and_a_second_less_is_one() -> None:
    """Five minutes' wait and 20 s for its hand-over, 90 s to the call, 10 s to send it, five minutes to act: twelve minutes."""
    assert seconds(worst()) == 300 + 20 + 90 + 10
    assert found() == []
    assert [one.code for one in found(("phone: 12m", "phone: 719s"))] == ["AH310"]


def test_it_says_who_is_late_when_and_what_to_write_instead() -> None:
    """With a report that shows it, in local time and in UTC; equal promises are told together."""
    (one,) = found(("phone: 12m, api: 12m", "phone: 10m, api: 10m"))
    assert one.severity == "error"
    assert one.what == (
        "'sev1' promises contact within 10m (phone, api), but with 'main' it can take 12 min: mats of step 2 may be rung on two ways only 7 min "
        "after the report, and has 5 min to act; e.g. a report of Wed 2026-07-01 02:00:00 (2026-07-01T00:00:00Z)"
    )
    assert one.hint == "let step 1 of 'main' (config/all.yaml:14:29) wait 3m, or promise 12m"
    assert BOOK.splitlines()[one.place.line - 1].startswith("    sev1:")


@pytest.mark.parametrize(
    "paste", [("{page: support, wait: 5m}", "{page: support, wait: 3m}"), ("phone: 10m, api: 10m", "phone: 12m, api: 12m")], ids=["wait", "promise"]
)
def test_either_remedy_can_be_pasted(paste: tuple[str, str]) -> None:
    """And then nothing is left to say."""
    assert found(("phone: 12m, api: 12m", "phone: 10m, api: 10m"), paste) == []


def test_each_promise_and_each_escalation_is_told_once() -> None:
    """Four weeks, seven stretches and three channels make two findings, for two lengths; a second escalation makes its own."""
    both = found(("phone: 12m, api: 12m, email: 30m", "phone: 1m, api: 1m, email: 2m"))
    assert [one.what.partition(", but")[0] for one in both] == [
        "'sev1' promises contact within 1m (phone, api)",
        "'sev1' promises contact within 2m (email)",
    ]
    others = found(("shop: {escalation: main}", "shop: {escalation: slow}"))
    assert [one.what.partition(": mats")[0] for one in others] == [
        "'sev1' promises contact within 12m (phone, api), but with 'slow' for 'shop' it can take 17 min"
    ]
    assert others[0].hint == "let step 1 of 'slow' (config/all.yaml:15:10) wait 5m, or promise 17m"


def test_severities_that_wait_are_looked_at_too() -> None:
    """A customer can answer URGENT, and at the opening it is paged."""
    (one,) = found(("opening + 1h", "opening + 15m"))
    assert one.what.startswith("'sev2' promises contact within 15m (after the opening), but with 'slow' it can take 17 min")


CALLED_LATE = (("slack: UANA,", "slack: UANA, reach: [sms, call after 14m],"), ("slack: UBEN", "slack: UBEN, reach: [sms, call after 14m]"),
               ("slack: UCHLOE,", "slack: UCHLOE, reach: [sms, call after 14m],"))  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "edits", "wanted"),
    [
        pytest.param("[{page: support, wait: 5m}, {page: mats, wait: 5m}, {page: dev, wait: 5m}]", (), 420, id="a third step does not count"),
        pytest.param("[{page: support, wait: 2m}, {page: support, wait: 4m}, {page: mats, wait: 5m}]", (), 120 + 20 + 240 + 20 + 100,
                     id="whoever was silent is no help a second time"),
        pytest.param("[{page: support, wait: 5m}, {page: dev, wait: 3m}, {page: mats, wait: 5m}]", (), 300 + 20 + 180 + 20 + 100,
                     id="a step that only Slack reaches is waited at, and rings nobody"),
        pytest.param("[{page: support, wait: 5m}, {page: [dev, mats], wait: 5m}]", (), 420, id="the one of a step who can be rung counts"),
        pytest.param(STEPS, (("900005]}", "900005], reach: [sms, call after 4m]}"),), 300 + 20 + 240 + 10, id="everybody's own reach"),
        pytest.param(STEPS, (("hours:", "reach: [slack, call + sms after 2m]\nhours:"),), 300 + 20 + 10, id="what cannot be used is passed over"),
        pytest.param(STEPS, (("900005]}", "900005], reach: sms}"),), 300 + 20 + 20, id="an only way is tried again"),
        pytest.param(STEPS, CALLED_LATE, 14 * 60 + 10, id="the first step may be the late one"),
        pytest.param("[{page: support, wait: 5m}]", (), 420, id="behind the last step is the last resort"),
        pytest.param("[{page: support, wait: 5m}]", (("repeat: 1, steps: [{page: support", "repeat: 3, steps: [{page: support"),), 3 * 320 + 100,
                     id="behind all the rounds"),
        pytest.param("[{page: mats, wait: 5m}]", (), 100, id="where there is nobody else, one must do"),
        pytest.param("[{page: mats, wait: 2m}]", (("900005]}", "900005], reach: [sms, call after 3m]}"),), None,
                     id="paged anew every two minutes, never called"),
        pytest.param("[{page: mats, wait: 100s}]", (), None, id="what is sent at the last moment may be taken back"),
        pytest.param("[{page: mats, wait: 101s}]", (), 100, id="a second more is enough"),
        pytest.param("[{page: mats, wait: 1m}, {page: ana, wait: 1m}, {page: mats, wait: 5m}]",
                     (("900005]}", "900005], reach: [sms, call after 100s]}"), ("slack: UANA,", "slack: UANA, reach: sms,")), 100 + 10,
                     id="what is left of a reach goes on while others are paged"),
    ],
)  # fmt: skip
def test_the_longest_time_to_the_second_way(steps: str, edits: tuple[tuple[str, str], ...], wanted: float | None) -> None:
    """To the second, without the time to act."""
    assert seconds(worst(*edits, steps=steps)) == wanted


def test_a_step_that_has_nobody_is_not_waited_at() -> None:
    """Then the step behind it is the first, and the next one the second."""
    gap = ("hours: {office", "changes: [{rotation: support, from: 2026-07-06, to: 2026-07-06, put: nobody}]\nhours: {office")
    steps = "[{page: support, wait: 1m}, {page: mats, wait: 9m}, {page: ana, wait: 5m}]"
    case = worst(gap, steps=steps)
    assert (case.rung.who, seconds(case), report_at(case)) == ("ana", 540 + 20 + 100, utc("2026-07-05T22:00"))
    assert seconds(worst(steps=steps)) == 60 + 20 + 100


def test_who_is_untrained_is_not_counted() -> None:
    """For a service that needs a skill others are called, from the minute on in which they have it."""
    slow = ("slack: UCHLOE, skills", "slack: UCHLOE, reach: [sms, call after 4m], skills")
    steps = "[{page: mats, wait: 5m}, {page: [chloe, ana], wait: 5m}]"
    assert seconds(worst(slow, steps=steps, needs="ledger")) == 420
    only = "[{page: mats, wait: 5m}, {page: [chloe, ben], wait: 5m}]"
    case = worst(slow, steps=only, needs="ledger")
    assert (case.rung.who, seconds(case), report_at(case)) == ("chloe", 570, utc("2026-07-12T21:54:40"))


def test_a_handover_between_two_steps_calls_the_same_person_again() -> None:
    """On Monday at 9 whoever was first becomes second: a report of five minutes before rings nobody new until the third step."""
    steps = "[{page: support, wait: 5m}, {page: second, wait: 5m}, {page: mats, wait: 5m}]"
    case = worst(steps=steps)
    assert (case.rung.who, seconds(case), report_at(case)) == ("mats", 740, utc("2026-07-06T06:54:40"))
    assert [one.people for one in case.path] == [("ben",), ("ben",), ("mats",)]
    quiet = worst(("second: {people: [chloe, ana, ben]", "second: {people: [ben, chloe, ana]"), steps=steps)
    assert (seconds(quiet), len(quiet.path)) == (420, 2)


def test_a_service_that_needs_nobody_new_is_told_with_the_escalation_alone() -> None:
    """Reports without a service and services that use the same one are one case."""
    (one,) = found(("phone: 12m, api: 12m", "phone: 719s"), ("shop: {escalation: main}", "shop: {}"))
    assert "with 'main' it can take" in one.what


def test_no_escalation_at_all_rings_the_last_resort_at_once() -> None:
    """It is the only one that is called then."""
    covered = ("escalation: main}\n    sev2", "contact_within: {phone: 6m}}\n    sev2")
    handbook = book((", contact_within: {phone: 12m, api: 12m, email: 30m}", ""), covered)
    told = [one.what for one in prove(handbook, NOW, 28) if one.code == "AH310"]
    assert len(told) == 2
    assert told[0].startswith(
        "'sev1' promises contact within 6m (phone), but without an escalation it can take 6 min 40 s: mats of the last resort may be rung"
    )


OFFICE = ("api: 12m, email: 30m}, escalation: main}", "api: 12m, email: 30m}, escalation: main, office: {escalation: slow}}")


def test_reports_while_the_office_is_open_go_the_way_of_the_office() -> None:
    """It takes 17 minutes there, and the report that shows it comes at eight; at night nothing is late."""
    (one,) = found(OFFICE)
    assert one.what == (
        "'sev1' promises contact within 12m (phone, api), but with 'slow' while the office is open it can take 17 min: mats of step 2 may be "
        "rung on two ways only 12 min after the report, and has 5 min to act; e.g. a report of Wed 2026-07-01 08:00:00 (2026-07-01T06:00:00Z)"
    )


def test_what_is_slow_after_hours_alone_is_shown_by_a_report_after_hours() -> None:
    """The way of the night is slow, that of the office is not: the example is of the first minute of the night, not of the day before it."""
    slow_night = OFFICE[0], "api: 12m, email: 30m}, escalation: slow, office: {escalation: main}}"
    (one,) = found(slow_night, ("shop: {escalation: main}", "shop: {}"), now=utc("2026-07-01T08:00"))
    assert "but with 'slow' after hours it can take 17 min" in one.what
    assert "a report of Wed 2026-07-01 17:00:00 (2026-07-01T15:00:00Z)" in one.what


def test_who_is_on_call_only_at_night_makes_no_office_late() -> None:
    """Each way is looked at in its own hours: the people of the other hours do not count, a minute after them they would."""
    late_at_night = ("900005]}", "900005], reach: [sms, call after 4m]}")
    shifts = "{shifts: [{name: day, hours: office, people: [ben]}, {name: night, people: [mats]}]}"
    rota = ("  second: {people: [chloe, ana, ben], handover: mon 09:00, start: 2026-01-05}", f"  second: {shifts}")
    ladder = ("slow: [{page: support, wait: 10m}, {page: mats, wait: 5m}]", "slow: [{page: ana, wait: 5m}, {page: second, wait: 5m}]")
    fast = (
        ("shop: {escalation: main}", "shop: {}"),
        ("main: {repeat: 1, steps: " + STEPS, "main: {repeat: 1, steps: [{page: ana, wait: 5m}, {page: ben, wait: 5m}]"),
    )
    (one,) = [one for one in found(late_at_night, rota, ladder, *fast, OFFICE) if "'sev1'" in one.what]
    assert "a report of Wed 2026-07-01 16:54:40 (2026-07-01T14:54:40Z)" in one.what
    quiet = ("mon-fri 08:00-17:00}", "mon-fri 08:00-17:00, early: mon-fri 08:00-16:54}"), ("office: office", "office: early")
    assert [one for one in found(late_at_night, rota, ladder, *fast, OFFICE, *quiet) if "'sev1'" in one.what] == []


def test_an_exclusion_that_promises_too_much_is_found_at_the_opening() -> None:
    """What waits is paged when the office opens, so its example is of that moment."""
    left_out = "\n  exclusions: [{id: billing, about: Invoices, words: [invoice], contact_within: opening + 10m}]\n  last_resort"
    (one,) = found(("\n  last_resort", left_out), ("slow: [{page: support, wait: 10m}", "slow: [{page: support, wait: 2m}"))
    assert one.what == (
        "exclusion 'billing' promises contact within 10m (after the opening), but with 'main' at the opening it can take 12 min: mats of step 2 may "
        "be rung on two ways only 7 min after the report, and has 5 min to act; e.g. a report of Wed 2026-07-01 08:00:00 (2026-07-01T06:00:00Z)"
    )
    assert BOOK.splitlines()[one.place.line - 1].startswith("  last_resort")
    enough = ("\n  last_resort", left_out.replace("10m", "12m")), ("slow: [{page: support, wait: 10m}", "slow: [{page: support, wait: 2m}")
    assert found(*enough) == []
