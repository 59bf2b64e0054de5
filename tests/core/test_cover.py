"""Who is asked for cover or a swap, and of which duty: never a guess, and nobody against whom something stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from oncall.core.asks import Request, Stage, Topic, ask_of, change_of, order_key
from oncall.core.cover import Plan, Unclear, is_needed, plan
from oncall.core.model import Handbook
from oncall.core.rota import ChangeKind
from oncall.handbook import parse
from tests.core.rotas import utc

BOOK = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana, phone: +44 7700 900001, skills: ledger}
  ben: {name: Ben, phone: +44 7700 900002, skills: ledger}
  chloe: {name: Chloe, phone: +44 7700 900003}
  dev: {name: Dev, phone: +44 7700 900004, skills: ledger}
rotations:
  r: {RING}
  other: {people: [chloe, ana], handover: mon 09:00, start: 2026-01-05}
escalations: {main: [{page: r, wait: 5m}, {page: dev, wait: 5m}], more: [{page: other, wait: 5m}]}
services: {ledger: {escalation: main, needs: ledger}, rest: {escalation: more}}
roles: {admin: dev}
policy:
  company: Example
  severities: {sev1: {means: down, contact_within: {api: 15m}, escalation: main}}
  triage: [{otherwise: sev1}]
  last_resort: [dev]
"""
DAILY = "{people: [ana, ben, chloe, dev], handover: daily 09:00, start: 2026-01-05}"
"""Four times 24 hours from nine to nine: ana has the fifth, ninth, 13th of January."""
EVERYBODY = frozenset({"ana", "ben", "chloe", "dev"})
NOW = utc("2026-01-10T12:00")


def book(more: str = "", ring: str = DAILY) -> Handbook:
    """Two rotations; ana is in both."""
    reading = parse({"config/all.yaml": BOOK.replace("{RING}", ring) + more})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook


def wish(
    topic: Topic = Topic.COVER, by: str = "ana", *, rotation: str = "r", times: tuple[datetime, datetime] | None = None, other: str = ""
) -> Request:
    """A wish that nobody looked at yet."""
    return Request(id=1, topic=topic, by=by, made_at=NOW, seed="s", stage=Stage.WISHED, rotation=rotation, times=times, other=other)


def asked(handbook: Handbook, request: Request, reachable: frozenset[str] = EVERYBODY, now: datetime = NOW) -> str:
    """Who is asked for what, or why nobody is."""
    found = plan(handbook, request, now, reachable)
    if isinstance(found, Unclear):
        return " ".join(part for part in (found.about, *found.rotations, found.reason) if part)
    spans = [found.span, *([found.back] if found.back else [])]
    return f"{', '.join(found.people)}: " + " for ".join(f"{one.rotation} {one.start:%d %H:%M} to {one.end:%d %H:%M}" for one in spans)


def test_cover_is_of_the_duty_that_runs_for_the_rest_of_it_else_of_the_next() -> None:
    """Chloe is not trained for what the rotation is paged for; ana ended her own four hours before, and would have no rest."""
    assert asked(book(), wish()) == "ben, dev: r 13 08:00 to 14 08:00"
    assert asked(book(), wish(), now=utc("2026-01-13T20:00")) == "ben, dev: r 13 20:00 to 14 08:00"
    assert asked(book(), wish(by="ben")) == "dev: r 10 12:00 to 11 08:00"


def test_cover_of_some_hours_is_of_what_the_sender_has_of_them() -> None:
    said = (utc("2026-01-13T06:00"), utc("2026-01-13T20:00"))
    assert asked(book(), wish(times=said)) == "ben, dev: r 13 08:00 to 13 20:00"
    assert asked(book(), wish(times=(utc("2026-01-11T10:00"), utc("2026-01-11T12:00")))) == "no_duty r"


def test_the_nights_of_a_turn_are_one_duty() -> None:
    """Ana's weeks begin on the fifth and on the second; whoever has one beside hers would have no rest."""
    nights = "{people: [ana, ben, chloe, dev], handover: mon 09:00, start: 2026-01-05, hours: 'mon-sun 18:00-08:00', gaps: allowed}"
    handbook = book(ring=nights)
    handbook = replace(handbook, services={"ledger": replace(handbook.services["ledger"], needs="")})
    assert asked(handbook, wish()) == "chloe, dev: r 10 17:00 to 12 07:00"
    assert asked(handbook, wish(), now=utc("2026-01-12T12:00")) == "chloe: r 02 17:00 to 09 07:00"


def test_of_two_rotations_neither_is_guessed() -> None:
    """On the 13th ana has both, and with its name it is clear; before that the one of the 12th comes first, which chloe cannot have as well."""
    now = utc("2026-01-13T12:00")
    assert asked(book(), wish(rotation=""), now=now) == "which_rotation r other"
    assert asked(book(), wish(), now=now) == "ben: r 13 12:00 to 14 08:00"
    assert asked(book(), wish(rotation="")).startswith("cover_nobody chloe is on call 21 days in a row")


def test_who_is_away_has_no_telephone_or_no_rest_is_not_asked() -> None:
    assert asked(book("away: [ben 2026-01-13 to 2026-01-13]\n"), wish()) == "dev: r 13 08:00 to 14 08:00"
    assert asked(book(), wish(), frozenset({"ana", "dev"})) == "dev: r 13 08:00 to 14 08:00"
    nobody = asked(book("away: [ben 2026-01-13 to 2026-01-13, dev 2026-01-14 to 2026-01-14]\n"), wish())
    assert nobody == "cover_nobody ben is away in that time; chloe not trained for ledger, which 'ledger' needs; dev is away in that time"
    assert asked(book(), wish(), frozenset({"ana"})) == "cover_nobody nobody else in it is free then and can be texted"


def test_who_has_it_without_an_end_must_say_which_hours() -> None:
    always = book(ring="{people: ana}")
    assert asked(always, wish()) == "cover_until r"


def test_who_has_nothing_is_told_so() -> None:
    assert asked(book(), wish(by="ben", rotation="other")) == "no_duty other"
    assert asked(book(), wish(rotation="gone")) == "no_duty gone"


def test_a_swap_is_of_the_next_whole_duty_of_each() -> None:
    """Ben's of today has begun, so it is his next one."""
    assert asked(book(), wish(Topic.SWAP, other="ben")) == "ben: r 13 08:00 to 14 08:00 for r 14 08:00 to 15 08:00"
    assert asked(book(), wish(Topic.SWAP, other="dev")) == "dev: r 13 08:00 to 14 08:00 for r 12 08:00 to 13 08:00"


@pytest.mark.parametrize(
    ("more", "request_", "wanted"),
    [
        ("away: [ben 2026-01-13 to 2026-01-13]\n", wish(Topic.SWAP, other="ben"), "cover_nobody ben is away in that time"),
        ("away: [ana 2026-01-14 to 2026-01-14]\n", wish(Topic.SWAP, other="ben"), "cover_nobody ana is away in that time"),
        ("", wish(Topic.SWAP, other="ben", rotation="other"), "no_swap other"),
        ("", wish(Topic.SWAP, other="chloe", rotation=""), "which_rotation r other"),
        ("changes: [{rotation: r, from: 2026-01-14 09:00, to: 2026-01-15 09:00, put: dev}]\n", wish(Topic.SWAP, other="ben"), "swap_mixed r"),
    ],
)
def test_a_swap_that_cannot_be_is_refused_with_the_reason(more: str, request_: Request, wanted: str) -> None:
    """The last: ben's next is that of the 18th, and ana has the 17th too."""
    assert asked(book(more), request_) == wanted


def test_who_cannot_be_texted_is_not_asked_to_swap() -> None:
    assert asked(book(), wish(Topic.SWAP, other="ben"), frozenset({"ana"})) == "cover_nobody ben cannot be texted"


def test_a_yes_is_the_change_that_was_asked_for() -> None:
    found = plan(book(), wish(Topic.SWAP, other="ben"), NOW, EVERYBODY)
    assert isinstance(found, Plan)
    swap = change_of(wish(Topic.SWAP), "ben", found.span, found.back)
    assert (swap.kind, swap.people) == (ChangeKind.SWAP, ("ana", "ben"))
    assert (f"{swap.start:%d %H:%M}", f"{swap.end:%d %H:%M}") == ("13 08:00", "15 08:00")
    cover = change_of(wish(), "dev", found.span, None)
    assert (cover.kind, cover.people, f"{cover.end:%d %H:%M}", cover.timezone) == (ChangeKind.COVER, ("ana", "dev"), "14 08:00", "UTC")
    gap = change_of(wish(Topic.GAP, by=""), "dev", found.span, None)
    assert (gap.kind, gap.people) == (ChangeKind.ADD, ("dev",))


def test_a_request_is_needed_while_the_duty_is_theirs_and_the_gap_is_nobodys() -> None:
    span = (utc("2026-01-13T08:00"), utc("2026-01-14T08:00"))
    cover = replace(wish(), times=span)
    moved = "changes: [{rotation: r, from: 2026-01-13 09:00, to: 2026-01-14 09:00, put: dev}]\n"
    assert [is_needed(book(), cover, NOW), is_needed(book(), cover, span[1]), is_needed(book(moved), cover, NOW)] == [True, False, False]
    swap = replace(wish(Topic.SWAP, other="ben"), times=span, back=(utc("2026-01-14T08:00"), utc("2026-01-15T08:00")))
    theirs = "changes: [{rotation: r, from: 2026-01-14 09:00, to: 2026-01-15 09:00, put: dev}]\n"
    assert [is_needed(book(), swap, NOW), is_needed(book(theirs), swap, NOW)] == [True, False]
    gap = replace(wish(Topic.GAP, by=""), times=span)
    nobody = moved.replace("put: dev", "put: nobody")
    assert [is_needed(book(), gap, NOW), is_needed(book(nobody), gap, NOW), is_needed(book(nobody), gap, span[1])] == [False, True, False]


@pytest.mark.parametrize(
    ("order", "ask"), [(f"trouble/{order_key(17)}/ask_cover/ben/sms", 17), ("1001/1/page/ana/sms", 0), ("x", 0), ("trouble/ask.²/a/b/c", 0)]
)
def test_an_order_says_which_question_it_puts(order: str, ask: int) -> None:
    assert ask_of(order) == ask
