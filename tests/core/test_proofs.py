"""Each proof finds what it is for, says it with its length and remedy, and the example has nothing to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall.core.model import Handbook
from oncall.core.proofs import EXPLANATIONS, PROOFS, Finding, prove
from oncall.handbook import parse, read
from tests.core.rotas import utc

ROOT = Path(__file__).parents[2]
NOW = utc("2026-07-01T00:00")
SOUND = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001, slack: UANA, skills: [ledger]}
  ben: {name: Ben Example, phone: +44 7700 900002, slack: UBEN}
  chloe: {name: Chloe Example, phone: +44 7700 900003, slack: UCHLOE, skills: ledger from 2026-07-13}
  mats: {name: Mats Example, phone: [+44 7700 900004, +44 7700 900005]}
hours: {office: mon-fri 08:00-17:00}
rotations:
  support:
    people: [ana, ben, chloe]
    handover: mon 09:00
    start: 2026-01-05
away: [mats 2026-07-06 to 2026-07-07]
changes:
  - {rotation: support, from: 2026-07-04, to: 2026-07-04, put: chloe}
escalations:
  main: [{page: support, wait: 5m}, {page: mats, wait: 5m}]
services: {shop: {escalation: main}}
roles: {admin: [mats]}
policy:
  company: Example
  severities:
    sev1: {means: down, contact_within: {api: 15m}, escalation: main}
  triage: [{words: [down], severity: sev1}, {otherwise: sev1}]
  last_resort: [mats]
"""
LOCK = "version: 1\nfrom: 2026-01-01\nto: 2026-08-15\ncalendars: {DE-BY: {2026-08-15: 'Assumption'}}\n"


def found(content: str, days: int = 28, now: str = "2026-07-01") -> tuple[Finding, ...]:
    """What is found about one file in four weeks from the first of July on, a Wednesday in ben's week."""
    reading = parse({"config/all.yaml": content, "config/holidays.lock": LOCK})
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return prove(reading.handbook, utc(now), days)


def edited(old: str, new: str) -> str:
    """The sound handbook with one edit."""
    assert old in SOUND
    return SOUND.replace(old, new, 1)


def test_a_sound_handbook_has_no_findings() -> None:
    """Otherwise the rest would prove nothing."""
    assert found(SOUND) == ()


MON = "    handover: mon 09:00\n"
TWO = (
    "  support:\n    shifts: [{name: all, people: [ana, ben, chloe], handover: mon 09:00, start: 2026-01-05},"
    " {name: rest, people: mats, hours: office}]\n"
)
ONE = "  support:\n    people: [ana, ben, chloe]\n    handover: mon 09:00\n    start: 2026-01-05\n"


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("AH110", "phone: +44 7700 900001, ", "", "ana can be on call but has no phone"),
        ("AH111", ", slack: UANA", "", "ana has one way to be reached, and two are needed"),
        ("AH117", "+44 7700 900002", "+44 7700 900001", "ben has the same number as ana"),
        ("AH120", "wait: 5m", "wait: 2m", "reach has voice after 3m, but step 1 of 'main' waits only 2m"),
        ("AH204", MON, f"{MON}    hours: office\n", "nobody is on call for 'support' from Wed 2026-07-01 17:00 to Thu 2026-07-02 08:00 (15 h)"),
        ("AH206", "away: [", "away: [ana 2026-07-14 to 2026-07-14, ben 2026-07-14 to 2026-07-14, chloe 2026-07-14 to 2026-07-14, ",
         "ana on call for 'support' from Tue 2026-07-14 00:00 to Wed 2026-07-15 00:00 (24 h): support, ana is away, but nobody else is there"),
        ("AH210", "{page: mats, wait: 5m}", "{page: [ana, ben, chloe], wait: 5m}, {page: ben, wait: 5m}",
         "steps 2 and 3 of 'main' both page ben from Wed 2026-07-01 02:00 to Wed 2026-07-29 02:00 (28 days)"),
        ("AH212", "2026-07-04, put: chloe", "2026-07-04, cover: ana, by: mats", "this change makes no difference: on call for 'support' is ben with"),
        ("AH213", "away: [mats 2026-07-06 to", "away: [chloe 2026-07-04 to 2026-07-04, mats 2026-07-06 to",
         "chloe is called by this change and away at 2026-07-04 00:00"),
        ("AH215", "{escalation: main}", "{escalation: main, needs: ledger}",
         "a page for 'shop' first goes to chloe, not trained for ledger, from Sat 2026-07-04 00:00 to Sun 2026-07-05 00:00 (24 h)"),
        ("AH220", "2026-07-04, to: 2026-07-04, put: chloe", "2026-07-06 14:00, to: 2026-07-06 16:00, put: ben",
         "ben ends 'support' at 2026-07-06 09:00 and begins 'support' 5 h later"),
        ("AH221", "away: [", "away: [chloe 2026-07-06 to 2026-07-12, ", "ana is on call 14 days in a row, from Mon 2026-07-06 09:00"),
        ("AH230", ONE, TWO, "the shift 'rest' of 'support' is never on call: earlier shifts have somebody whenever it applies"),
        ("AH250", MON, f"{MON}    hours: mon-sun 00:00-24:00 except holidays\n", "the holidays 'munich' are known until 2026-08-15 only"),
        ("AH301", "  main: [", "  idle: [{page: ben, wait: 5m}]\n  main: [", "nothing uses the escalation 'idle'"),
        ("AH302", "{otherwise: sev1}", "{words: [down], service: shop, severity: sev1}, {otherwise: sev1}",
         "this rule is never reached: the rule in line 25 takes all that it would take"),
    ],
)  # fmt: skip
def test_each_proof_finds_what_it_is_for(code: str, old: str, new: str, said: str) -> None:
    """And says where, from when to when, and how long."""
    content = edited(old, new).replace("hours: {", "holidays: {munich: DE-BY}\nhours: {") if code == "AH250" else edited(old, new)
    mine = [one.what for one in found(content) if one.code == code]
    assert any(said in what for what in mine), mine


def test_a_day_that_is_taken_out_of_a_calendar_and_is_no_holiday_is_found() -> None:
    """The day beside the one that is meant; one that the lock file does not know yet may become one."""
    ours = "holidays: {munich: DE-BY, ours: {calendar: DE-BY, minus: [2026-08-15, 2026-08-14, 2030-01-07]}}\nhours: {"
    content = SOUND.replace("hours: {", ours, 1)
    (mine,) = [one for one in found(content) if one.code == "AH251"]
    assert mine.what == "2026-08-14 is no holiday of 'ours', so 'minus' takes nothing out"
    assert (mine.place.line, mine.hint) == (8, "config/holidays.lock has the days")


def test_an_escalation_that_only_the_office_uses_is_used() -> None:
    """Who is paged by day alone is paged."""
    idle = edited("  main: [", "  idle: [{page: ben, wait: 5m}]\n  main: [").replace("policy:\n", "policy:\n  office: office\n")
    assert [one.code for one in found(idle) if one.code == "AH301"] == ["AH301"]
    content = idle.replace("escalation: main}\n  triage", "escalation: main, office: {escalation: idle}}\n  triage")
    assert [one.what for one in found(content) if one.code == "AH301"] == []


def test_the_night_of_a_clock_change_is_told_and_an_ordinary_one_is_not() -> None:
    """Half past two does not exist on 28 March 2027, and hours inside the gap do not happen."""
    night = edited(MON, "    handover: sun 02:30\n").replace("start: 2026-01-05", "start: 2026-01-04")
    told = [one.what for one in found(night, 28, "2027-03-15") if one.code == "AH240"]
    assert told == ["the handover of 2027-03-28 02:30 in 'support' falls into the change of the clock and happens at 2027-03-28 03:00"]
    assert not [one for one in found(night, 28, "2027-04-01") if one.code == "AH240"]
    hours = edited(MON, f"{MON}    gaps: allowed\n    hours: daily 02:15-02:45\n")
    told = [one.what for one in found(hours, 28, "2027-03-15") if one.code == "AH240"]
    assert told == ["the hours 2027-03-28 02:15-02:45 of 'support' do not happen: the clock leaves them out"]


def test_a_service_without_a_guideline_is_told_when_another_has_one() -> None:
    """A company that writes none is not told; what wakes nobody needs none."""
    files = {"config/holidays.lock": LOCK, "config/guidelines/shop.md": "Roll back."}
    both = edited("{shop: {escalation: main}}", "{shop: {escalation: main, guideline: shop.md}, books: {escalation: main}}")
    for content, told in (
        (both, ["people are paged for 'books' and it has no guideline"]),
        (both.replace("  triage:", "  exclusions: [{id: b, about: Books, services: books}]\n  triage:"), []),
        (both.replace(", guideline: shop.md", ""), []),
    ):
        assert [one.what for one in prove(book_of(content, files), NOW, 28) if one.code == "AH303"] == told
    assert [one.severity for one in prove(book_of(both, files), NOW, 28) if one.code == "AH303"] == ["error"]


def book_of(content: str, files: dict[str, str]) -> Handbook:
    """The handbook of one file and others."""
    book = parse({**files, "config/all.yaml": content}).handbook
    assert book is not None
    return book


def test_a_backup_that_is_empty_is_told() -> None:
    """Two of the three are away, so nobody stands behind the third."""
    backed = edited("away: [", "  second: {backs_up: support}\naway: [ben 2026-07-14 to 2026-07-14, ana 2026-07-14 to 2026-07-14, ")
    backed = backed.replace("{page: mats, wait: 5m}", "{page: second, wait: 5m}")
    assert [one.what for one in found(backed) if one.code == "AH205"] == [
        "nobody is left to back up 'support' from Tue 2026-07-14 00:00 to Wed 2026-07-15 00:00 (24 h): 'second' is empty"
    ]


@pytest.mark.parametrize("line", ["gaps: allowed", "hours: [mon-fri 08:00-17:00, mon-fri 17:00-08:00, sat 08:00 - mon 08:00]"])
def test_a_gap_that_is_meant_and_hours_that_close_it_are_no_finding(line: str) -> None:
    """Exactly: touching hours leave no hole."""
    assert not [one for one in found(edited(MON, f"{MON}    {line}\n")) if one.code == "AH204"]


def test_the_remedy_of_a_gap_can_be_pasted() -> None:
    """The line under 'changes' closes the gap that it was told for."""
    hole = edited(MON, f"{MON}    hours: office\n")
    first = [one for one in found(hole) if one.code == "AH204"][1]
    line = first.hint.partition("under 'changes': ")[2]
    assert line == "- {rotation: support, from: 2026-07-01 17:00, to: 2026-07-02 08:00, put: ana}"
    mended = found(hole.replace("changes:\n", f"changes:\n  {line}\n"))
    assert first.what not in [one.what for one in mended]


def test_what_is_missing_every_night_is_told_three_times_and_then_counted() -> None:
    """A page of the same line hides the others."""
    told = [one.what for one in found(edited(MON, f"{MON}    hours: office\n")) if one.code == "AH204"]
    assert len(told) == 4
    assert told[-1] == "nobody is on call for 'support' 19 more times, 19.5 days in all"


def test_a_row_of_weeks_ends_where_somebody_else_has_one() -> None:
    """One week after the other for two people in turn is no row, and neither is one who always has it."""
    assert not [one for one in found(edited("[ana, ben, chloe]", "[ana, ben]"), 56) if one.code == "AH221"]
    alone = edited("    people: [ana, ben, chloe]\n    handover: mon 09:00\n", "    people: ana\n")
    assert not [one for one in found(alone, 56) if one.code == "AH221"]


def test_every_code_is_explained() -> None:
    """For `oncall check --explain`."""
    assert all(len(words) > 40 for words in EXPLANATIONS.values())
    assert set(EXPLANATIONS) == set(PROOFS)


@pytest.mark.parametrize("day", ["2026-11-24", "2026-03-01", "2027-01-01"])
def test_the_example_has_no_findings_for_56_days(day: str) -> None:
    """Example files are free of findings (decisions.md 44)."""
    handbook = read(ROOT / "config", ROOT / "rotations").handbook
    assert handbook is not None
    assert prove(handbook, utc(day), 56) == ()


def test_a_policy_that_names_staff_is_found_where_it_stands() -> None:
    """By name, number in any spelling, e-mail and Slack id; a first name alone may be a word."""
    lines = SOUND.splitlines()
    line = next(number for number, one in enumerate(lines, start=1) if "means: down" in one)
    for said, what in (
        ("Ask ana  example", "the name of 'ana'"),
        ("Ring +44 (7700) 900-002", "the number of 'ben'"),
        ("Write to UCHLOE", "the Slack id of 'chloe'"),
        ("Ring +44 7700 900005", "the number of 'mats'"),
    ):
        (one,) = found(edited("{means: down,", f"{{means: down, examples: ['{said}'],"))
        assert (one.code, one.severity, one.place.line, one.what) == ("AH320", "error", line, f"the published policy gives away {what}")
    assert found(edited("{means: down,", "{means: down, examples: [Ana has a problem.],")) == ()


def test_a_title_that_names_staff_is_found_too() -> None:
    (one,) = found(edited("  company: Example\n", "  company: Example\n  title: Support by Mats Example\n"))
    assert (one.code, one.what) == ("AH320", "the published policy gives away the name of 'mats'")


def test_an_exclusion_that_names_staff_is_found_once() -> None:
    (one,) = found(edited("  triage: [", "  exclusions: [{id: a, about: Bills, answer: Ask Ben Example., words: [bill]}]\n  triage: ["))
    assert (one.what, one.place.column) == ("the published policy gives away the name of 'ben'", 16)
