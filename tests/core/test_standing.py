"""How rotations and people stand to each other: backups, rotations apart, shadows, skills; and nobody is ever left out in silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.escalation import decide
from oncall.core.messages import ACTS, Contact, Reported
from oncall.core.model import Handbook
from oncall.core.rotation import is_trained
from oncall.core.schedule import duties, on_call, paged, shadows
from oncall.handbook import parse
from tests.core.escalation.player import FixedView
from tests.core.rotas import rota, utc

RING = "primary: {people: [ana, ben, chloe], handover: mon 09:00, start: 2026-01-05}"
AT = "2026-01-14T12:00"
"""A Wednesday in ben's week."""


def who(book: Handbook, rotation: str, at: str = AT, needs: str = "") -> tuple[str, ...]:
    """On call at an instant."""
    return on_call(book, rotation, utc(at), needs).people


def standing(more: str = "", lines: str = "") -> Handbook:
    """A primary and what stands beside it."""
    return rota(f"rotations: {{{RING}{more}}}\n{lines}")


SECOND = ", second: {backs_up: primary}"


def test_the_backup_is_the_next_in_line() -> None:
    """Behind ben comes chloe; and the reason says behind whom."""
    book = standing(SECOND)
    assert [who(book, "second", f"2026-01-{day:02}T12:00") for day in (7, 14, 21)] == [("ben",), ("chloe",), ("ana",)]
    assert on_call(book, "second", utc(AT)).because == "primary, chloe is next in line behind ben"


@pytest.mark.parametrize(
    ("lines", "primary", "second"),
    [
        ("away: [chloe 2026-01-12 to 2026-01-18]\n", ("ben",), ("ana",)),
        ("away: [ben 2026-01-12 to 2026-01-18]\n", ("chloe",), ("ana",)),
        ("changes: [{rotation: primary, from: 2026-01-14, to: 2026-01-14, put: chloe}]\n", ("chloe",), ("ana",)),
        ("changes: [{rotation: primary, from: 2026-01-14, to: 2026-01-14, put: nobody}]\n", (), ("chloe",)),
        ("changes: [{rotation: primary, from: 2026-01-14, to: 2026-01-14, cover: ben, by: dev}]\n", ("dev",), ("chloe",)),
        ("changes: [{rotation: second, from: 2026-01-14, to: 2026-01-14, put: dev}]\n", ("ben",), ("dev",)),
    ],
)
def test_the_backup_is_never_whom_the_primary_finally_has(lines: str, primary: tuple[str, ...], second: tuple[str, ...]) -> None:
    """After absences, covers and changes; the backup's own changes come last."""
    book = standing(SECOND, lines)
    assert (who(book, "primary"), who(book, "second")) == (primary, second)


def test_a_third_backs_up_the_second_and_is_none_of_both() -> None:
    """A line of three: ben, chloe, ana."""
    book = standing(SECOND + ", third: {backs_up: second}")
    assert [who(book, name) for name in ("primary", "second", "third")] == [("ben",), ("chloe",), ("ana",)]


def test_when_only_one_is_left_the_backup_is_empty_and_says_so() -> None:
    """The escalation goes on without waiting (rotations.md 8.12)."""
    book = standing(SECOND, "away: [ana 2026-01-12 to 2026-01-18, chloe 2026-01-12 to 2026-01-18]\n")
    duty = on_call(book, "second", utc(AT))
    assert (duty.people, duty.because) == ((), "primary, nobody is left to back up primary")


def test_the_backup_has_the_hours_of_what_it_backs_up() -> None:
    """Nobody is woken beside a primary that is asleep."""
    book = rota("rotations: {primary: {people: [ana, ben], handover: mon 09:00, start: 2026-01-05, hours: office}, second: {backs_up: primary}}\n")
    assert (who(book, "second"), who(book, "second", "2026-01-14T22:00")) == (("ana",), ())


APART = ", other: {people: [ben, dev], handover: mon 09:00, start: 2026-01-12, apart_from: primary}"


def test_who_is_on_call_for_the_one_counts_as_not_there_for_the_other() -> None:
    """Ben has both on the 14th; dev covers the other."""
    book = standing(APART)
    assert who(book, "other") == ("dev",)
    assert "dev covers ben (on call for primary)" in on_call(book, "other", utc(AT)).because


def test_apart_or_not_nobody_is_left_without_anybody() -> None:
    """Dev is away too: ben has both, and the reason says so (decisions.md 22)."""
    duty = on_call(standing(APART, "away: [dev 2026-01-12 to 2026-01-18]\n"), "other", utc(AT))
    assert (duty.people, "ben is on call for primary, but nobody else is there" in duty.because) == (("ben",), True)


# Skills

TRAINED = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana, phone: +44 7700 900001, skills: [ledger, portal]}
  ben: {name: Ben, phone: +44 7700 900002, skills: portal}
  chloe: {name: Chloe, phone: +44 7700 900003, skills: [portal, ledger from 2026-02-01]}
  mats: {name: Mats, phone: +44 7700 900004}
rotations: {r: {people: [ana, ben, chloe], handover: mon 09:00, start: 2026-01-05}}
escalations: {main: [{page: r, wait: 5m}, {page: [ben, chloe, ana], wait: 5m}, {page: mats, wait: 5m}]}
services: {ledger: {escalation: main, needs: ledger}, portal: {escalation: main}}
policy:
  company: Example
  severities: {sev1: {means: down, contact_within: {api: 15m}, escalation: main}}
  triage: [{otherwise: sev1}]
  last_resort: [mats]
roles: {admin: mats}
"""


def trained(more: str = "") -> Handbook:
    """Three people of whom two know the ledger, one of them from February on."""
    reading = parse({"config/all.yaml": TRAINED + more})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def test_who_is_not_trained_is_covered_by_the_next_who_is() -> None:
    """Ben's week: chloe does not know the ledger before February, so ana; in March chloe does."""
    book = trained()
    assert who(book, "r") == ("ben",)
    assert (who(book, "r", needs="ledger"), who(book, "r", "2026-03-25T12:00", "ledger")) == (("ana",), ("chloe",))
    assert "ana covers ben (not trained for ledger)" in on_call(book, "r", utc(AT), "ledger").because


def test_a_skill_begins_and_ends_at_its_minute_on_the_persons_own_clock() -> None:
    """Midnight in Berlin; the last day is trained to its end."""
    book = trained().people["chloe"]
    lines = TRAINED.replace("ledger from 2026-02-01", "ledger from 2026-02-01 until 2026-02-02")
    parsed = parse({"config/all.yaml": lines}).handbook
    assert parsed is not None
    times = ("2026-01-31T22:59", "2026-01-31T23:00", "2026-02-02T22:59", "2026-02-02T23:00")
    assert [is_trained(parsed, book.id, "ledger", utc(at)) for at in times] == [False, True, True, False]
    assert is_trained(parsed, "mats", "", utc(AT))


def test_when_nobody_is_trained_the_holder_is_paged_all_the_same() -> None:
    """Untrained is better than asleep (decisions.md 22)."""
    duty = on_call(trained("away: [ana 2026-01-12 to 2026-01-18]\n"), "r", utc(AT), "ledger")
    assert (duty.people, "ben is not trained for ledger, but nobody else is there" in duty.because) == (("ben",), True)


def test_what_an_admin_put_is_done_trained_or_not() -> None:
    """A change is somebody's word; `check` asks about it."""
    book = trained("changes: [{rotation: r, from: 2026-01-14, to: 2026-01-14, put: mats}]\n")
    assert who(book, "r", needs="ledger") == ("mats",)


def test_a_step_that_names_people_leaves_the_untrained_out_unless_there_is_nobody_else() -> None:
    """The list of step two; the single manager of step three."""
    book = trained()
    assert paged(book, ("ben", "chloe", "ana"), utc(AT), "ledger") == ("ana",)
    assert paged(book, ("mats",), utc(AT), "ledger") == ("mats",)
    assert paged(book, ("r", "ben"), utc(AT), "ledger") == ("ana",)


@pytest.mark.parametrize(("service", "person"), [("ledger", "ana"), ("portal", "ben"), ("", "ben")])
def test_a_page_of_a_service_goes_to_who_is_trained_for_it(service: str, person: str) -> None:
    """From the report to the order."""
    report = Reported(
        at=utc(AT),
        incident="1001",
        seed="ab" * 16,
        source="api",
        channel="api",
        summary="down",
        service=service,
        contact=Contact(phone="+31655501234"),
    )
    decision = decide(None, report, trained(), FixedView(), case="K7F2")
    assert [order.recipient for order in decision.orders] == [person]


@given(day=st.integers(0, 120), needs=st.sampled_from(["", "ledger", "portal"]))
@settings(max_examples=60, deadline=None)
def test_with_a_skill_too_the_calendar_agrees_with_the_pager(day: int, needs: str) -> None:
    """Where somebody becomes trained, the calendar has an edge."""
    book = trained("away: [ana 2026-02-03 to 2026-02-10]\n")
    start = datetime(2026, 1, 8, tzinfo=UTC) + timedelta(days=day)
    for one in duties(book, "r", start, start + timedelta(days=20), needs):
        assert one.start is not None
        assert one.end is not None
        for at in (one.start, one.start + (one.end - one.start) / 2, one.end - timedelta(seconds=1)):
            assert on_call(book, "r", at, needs).people == one.people


# Shadows

SHADOWED = TRAINED.replace("start: 2026-01-05}", "start: 2026-01-05, shadows: [dora until 2026-03-01, eli]}").replace(
    "  mats:", "  dora: {name: Dora, phone: +44 7700 900005}\n  eli: {name: Eli, phone: +44 7700 900006}\n  mats:"
)


def shadowed(more: str = "") -> Handbook:
    """The same with two who learn."""
    reading = parse({"config/all.yaml": SHADOWED + more})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def test_shadows_are_on_until_their_date_and_cover_nobody() -> None:
    """They are in no ring."""
    book = shadowed("away: [ana 2026-01-12 to 2026-01-18, ben 2026-01-12 to 2026-01-18, chloe 2026-01-12 to 2026-01-18]\n")
    assert shadows(book, "r", utc(AT)) == ("dora", "eli")
    assert shadows(book, "r", utc("2026-03-02T12:00")) == ("eli",)
    assert who(book, "r") == ("ben",)
    assert shadows(shadowed("away: [eli 2026-01-12 to 2026-01-18]\n"), "r", utc(AT)) == ("dora",)
    put = shadowed("changes: [{rotation: r, from: 2026-01-14, to: 2026-01-14, add: eli}]\n")
    assert (who(put, "r"), shadows(put, "r", utc(AT))) == (("ben", "eli"), ("dora",))


def test_a_shadow_gets_a_copy_and_takes_nothing() -> None:
    """They read who is called, and what they say changes nothing; a colleague who was not paged may take it."""
    book = shadowed()
    report = Reported(
        at=utc(AT), incident="1001", seed="ab" * 16, source="api", channel="api", summary="Checkout is down", contact=Contact(phone="+31655501234")
    )
    opened = decide(None, report, book, FixedView(), case="K7F2")
    copies = {order.recipient: order.text for order in opened.orders if order.about == "shadow"}
    assert copies == dict.fromkeys(("dora", "eli"), "Copy, nothing to do: SEV1 case K7F2: Checkout is down. Ben is called; you shadow.")
    said = decide(opened.incident, ACTS["acknowledge"](at=utc(AT), incident="1001", by="eli", how="slack"), book, FixedView(), case="")
    assert (said.result, said.incident.held_by, said.incident.calling) == ("only a shadow", "", True)
    assert "only shadows" in said.because
    taken = decide(opened.incident, ACTS["acknowledge"](at=utc(AT), incident="1001", by="chloe", how="slack"), book, FixedView(), case="")
    assert taken.incident.held_by == "chloe"
