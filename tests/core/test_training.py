"""Training: who may be paged for what, when it runs out, and what is found weeks before."""

from __future__ import annotations

from datetime import datetime

import pytest

from oncall.core.model import Handbook
from oncall.core.proofs import prove
from oncall.core.schedule import on_call
from oncall.core.training import Learned, followed, matrix
from tests.core.rotas import book_of, utc
from tests.handbook.test_messages import GOOD, problems

NOW = utc("2026-11-24T10:00")
LEDGER = "training:\n  ledger: {about: Ledger runbooks, valid_for: 365d, shadow_shifts: 2}\n"


def book(ana: str, ben: str = "ledger from 2026-03-01", *, training: str = LEDGER, shadows: str = "") -> Handbook:
    """Ana and Ben take turns by the week; the shop needs the ledger."""
    return book_of(
        GOOD.replace("900001}", f"900001, skills: [{ana}]}}")
        .replace("900002}", f"900002, skills: [{ben}]}}\n  jess: {{name: Jess Example, phone: +44 7700 900003}}")
        .replace("shop: {escalation: main}", "shop: {escalation: main, needs: ledger}")
        .replace("    start: 2026-01-05\n", f"    start: 2026-01-05\n{shadows}")
        .replace("services:\n", f"{training}services:\n")
    )


def cells(handbook: Handbook, at: datetime = NOW) -> dict[str, Learned]:
    """The matrix by person."""
    return {one.person: one for one in matrix(handbook, at)}


def test_a_training_that_ran_out_makes_others_cover() -> None:
    """Ana learned it on 27 November 2025, and it lasts a year: from that midnight in Berlin Ben covers her week, and nobody forgets to be paged."""
    handbook = book("ledger from 2025-11-27")
    before, after = utc("2026-11-26T22:59"), utc("2026-11-26T23:00")
    assert [on_call(handbook, "support", at, "ledger").people for at in (before, after)] == [("ana",), ("ben",)]
    assert on_call(handbook, "support", after).people == ("ana",)


@pytest.mark.parametrize(
    ("skills", "state", "until"),
    [
        ("ledger from 2026-03-01", "trained", "2027-02-28T23:00"),
        ("ledger from 2025-11-01", "ran out", "2026-10-31T23:00"),
        ("ledger from 2026-12-24", "to come", "2026-12-23T23:00"),
        ("ledger waived until 2026-12-31", "waived", "2026-12-31T23:00"),
        ("ledger from 2025-11-01, ledger from 2026-11-01", "trained", "2027-10-31T23:00"),
        ("other", "missing", None),
    ],
)
def test_the_matrix_says_what_holds_and_until_when(skills: str, state: str, until: str | None) -> None:
    """Of several entries the one that holds."""
    found = cells(book(skills))["ana"]
    assert (found.state, found.until) == (state, utc(until) if until else None)


def test_a_waiver_lets_somebody_be_paged_and_is_found() -> None:
    """It ends by itself."""
    handbook = book("ledger waived until 2026-12-31")
    assert on_call(handbook, "support", utc("2026-12-20T10:00"), "ledger").people == on_call(handbook, "support", utc("2026-12-20T10:00")).people
    found = [one for one in prove(handbook, NOW, 56) if one.code == "AH217"]
    assert [one.what for one in found] == ["ana is paged for what needs 'ledger' without having learned it, by a waiver until 2027-01-01 00:00"]


def test_what_runs_out_is_found_weeks_before_unless_it_was_renewed() -> None:
    """A refresher that stands in the file is a renewal."""
    found = [one for one in prove(book("ledger from 2025-12-20"), NOW, 56) if one.code == "AH216"]
    assert [one.what for one in found] == ["ana is trained for 'ledger' until 2026-12-20 00:00 only, then others cover"]
    assert not [one for one in prove(book("ledger from 2025-12-20, ledger from 2026-12-01"), NOW, 56) if one.code == "AH216"]
    assert not [one for one in prove(book("ledger from 2026-03-01"), NOW, 56) if one.code == "AH216"]


def test_followed_shifts_are_counted_in_the_calendar() -> None:
    """Three weeks of shadowing are two whole turns and one that was not over; the training asks for two."""
    handbook = book("ledger from 2026-03-01", shadows="    shadows: [jess from 2026-01-12 until 2026-02-01]\n")
    assert followed(handbook, "jess", "ledger", utc("2026-01-30T10:00")) == 2
    assert followed(handbook, "jess", "ledger", utc("2026-02-10T10:00")) == 3
    assert followed(handbook, "ana", "ledger", utc("2026-02-10T10:00")) == 0


def test_somebody_who_followed_too_few_is_found() -> None:
    """With what to write."""
    found = [one for one in prove(book("ledger from 2026-03-01"), NOW, 56) if one.code == "AH218"]
    assert [one.what for one in found] == [f"{who} counts as trained for 'ledger' but followed 0 of 2 shifts" for who in ("ana", "ben")]
    without = LEDGER.replace(", shadow_shifts: 2", "")
    assert not [one for one in prove(book("ledger from 2026-03-01", training=without), NOW, 56) if one.code == "AH218"]


def test_a_training_that_nothing_asks_for_is_found_and_gates_nobody() -> None:
    """Soft skills are named and shown (decisions.md 29)."""
    handbook = book("ledger from 2026-03-01", training=f"{LEDGER}  calm: {{about: Talking with people at night}}\n")
    assert [one.what for one in prove(handbook, NOW, 56) if one.code == "AH219"] == [
        "no service needs the training 'calm', so nobody is asked for it"
    ]


def test_a_training_that_runs_out_needs_a_day() -> None:
    """Nobody can tell otherwise when it does."""
    content = GOOD.replace("900001}", "900001, skills: [ledger]}").replace("services:\n", f"{LEDGER}services:\n")
    said = "'ledger' of person 'ana' is valid for 365 days, but nobody can tell since when; write e.g. 'ledger from 2026-03-01'"
    assert problems(content) == [f"config/all.yaml:4:8: {said}"]
    assert problems(GOOD.replace("services:\n", "training: {x: {shadow_shifts: many}}\nservices:\n")) == [
        "config/all.yaml:17:31: 'shadow_shifts' is a number from 0 to 50, not 'many'"
    ]
