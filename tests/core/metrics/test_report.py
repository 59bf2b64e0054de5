"""A report: its headline, its rows, its misses, its limits, and a week in at most fifteen lines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oncall.core.metrics.cases import Case
from oncall.core.metrics.causes import Cause
from oncall.core.metrics.lines import Line
from oncall.core.metrics.numbers import Share
from oncall.core.metrics.periods import before, period_of
from oncall.core.metrics.report import PolicyChange, Report, report
from oncall.core.metrics.words import DIGEST_LINES, Around, digest, headline, limits, miss_text
from oncall.core.model import Handbook
from oncall.core.notices import Gap
from oncall.handbook import parse
from tests.core.metrics.tale import Tale, at
from tests.core.metrics.test_burden import BOOK, LOCK, WEEK
from tests.core.rotas import utc

GOALS = "  goals: {contacted_in_time: {sev1: 95%}, resolved_within: {1h: 80%}}\n"


def book() -> Handbook:
    """Of the burden, with goals."""
    found = parse({"config/all.yaml": BOOK.replace("{RING}", WEEK) + GOALS, "config/holidays.lock": LOCK}).handbook
    assert found is not None
    return found


def kept(number: int, **more: Any) -> Case:
    """Taken by Ana after two minutes, kept after ten."""
    tale = Tale(str(number), case=f"K{number}", **more)
    return tale.news(0.1, "ana").takes(2, "ana").contacts(10, "ana").resolves(30, "ana").case()


def missed(number: int, late: float | None, **more: Any) -> Case:
    """Ana never answered; Ben took it and was late, or never said that he reached them."""
    tale = Tale(str(number), case=f"M{number}", **more).news(0.1, "ana").then(5, "TimeCame", step=1).news(5.1, "ben").takes(12, "ben")
    return (tale if late is None else tale.contacts(15 + late, "ben")).case()


def made(*cases: Case, name: str = "2026-11", now: str = "2026-12-02", changes: tuple[PolicyChange, ...] = ()) -> Report:
    """The report of a period over these cases."""
    return report(book(), cases, period_of(name, "Europe/Berlin"), changes, utc(now))


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ((), "No emergency was reported."),
        ((kept(1),), "1 of 1 emergency was contacted in time."),
        (tuple(kept(n) for n in range(9)), "9 of 9 emergencies were contacted in time."),
        ((*(kept(n) for n in range(8)), missed(9, 4)), "8 of 9 emergencies were contacted in time; the one miss was 4 min late."),
        ((kept(1), missed(2, None)), "1 of 2 emergencies were contacted in time; for the one miss no contact was reported."),
        ((missed(1, 4), missed(2, 20), kept(3)), "1 of 3 emergencies were contacted in time; the 2 misses were 4 min to 20 min late."),
        (
            (missed(1, 4), missed(2, None)),
            "0 of 2 emergencies were contacted in time; of the 2 misses 1 was 4 min late, for 1 no contact was reported.",
        ),
        ((missed(1, None), missed(2, None)), "0 of 2 emergencies were contacted in time; for all 2 misses no contact was reported."),
        (tuple(kept(n) for n in range(20)), "20 of 20 emergencies (100 %) were contacted in time."),
        ((Tale(promise=None).case(),), "1 emergency, none with anybody to contact."),
    ],
)
def test_the_headline_says_in_one_sentence_what_was_kept(cases: tuple[Case, ...], words: str) -> None:
    assert headline(made(*cases)) == words


def test_what_still_runs_is_said_and_not_counted() -> None:
    running = report(book(), (Tale().case(), kept(2)), period_of("2026-11", "Europe/Berlin"), (), at(12))
    assert headline(running) == "1 of 1 emergency was contacted in time; 1 is still running."
    alone = report(book(), (Tale().case(),), period_of("2026-11", "Europe/Berlin"), (), at(12))
    assert headline(alone) == "1 is still running."


def test_a_case_counts_in_the_period_in_which_it_was_reported() -> None:
    """Reported on the 24th; the month before and the next week know nothing of it."""
    assert [made(kept(1), name=name).emergencies for name in ("2026-11", "2026-10", "2026-W48", "2026-W47", "2026")] == [1, 0, 1, 0, 1]


def test_rows_are_severity_by_channel_with_what_was_promised() -> None:
    found = made(kept(1), missed(2, 4), kept(3, channel="phone"), kept(4, severity="odd"))
    rows = [(one.severity, one.channel, one.count, one.kept.share, one.within) for one in found.channels]
    quarter = (timedelta(minutes=15),)
    assert rows == [
        ("sev1", "api", 2, Share(part=1, whole=2), quarter),
        ("sev1", "phone", 1, Share(part=1, whole=1), quarter),
        ("odd", "api", 1, Share(part=1, whole=1), quarter),
    ]
    assert [(one.severity, one.kept.share, one.goal) for one in found.severities] == [
        ("sev1", Share(part=2, whole=3), 95.0), ("odd", Share(part=1, whole=1), None),
    ]  # fmt: skip
    assert [(one.within, one.share, one.goal) for one in found.resolved] == [(timedelta(hours=1), Share(part=3, whole=4), 80.0)]


def test_each_miss_is_told_with_its_cause_and_first_names() -> None:
    found = made(missed(1, 4), missed(2, None), kept(3))
    assert [(one.case.case, one.late, one.cause) for one in found.misses] == [
        ("M1", timedelta(minutes=4), Cause.NO_ANSWER), ("M2", None, Cause.NO_ANSWER),
    ]  # fmt: skip
    assert [miss_text(found, one, "Northwind") for one in found.misses] == [
        "M1 Northwind, 4 min late: no answer (Ana)", "M2 Northwind, no contact reported: no answer (Ana)",
    ]  # fmt: skip


def test_what_does_not_count_is_listed_all_the_same() -> None:
    waiting = Tale("2", status="waiting", step=-1).case()
    declined = Tale("3", status="declined", step=-1, promise=None).case()
    twice = Tale("4").then(1, "Reported", reports=3).case()
    found = made(waiting, declined, twice, Tale("5", promise=None).case())
    assert (found.emergencies, found.waited, found.declined, found.unpromised, found.joined) == (2, 1, 1, 1, 2)


def night_of_three() -> Case:
    """Ana is woken at two, four and six; Ben once."""
    tale = Tale("9", minutes=0).news(0, "ana").news(60, "ben", nth=1)
    return tale.news(120, "ana", nth=2).news(240, "ana", nth=3).takes(241, "ana").contacts(242, "ana").case()


def test_limits_name_who_was_woken_too_often() -> None:
    assert limits(made(night_of_three())) == ("Ana was interrupted 3 times in one night; the limit is 2",)
    twice = Tale("8").news(0, "ana").news(60, "ana", nth=1).case()
    assert limits(made(twice)) == ("Ana was interrupted twice in one night: was rest offered the next morning?",)
    assert limits(made(kept(1))) == ()


def test_too_many_interrupted_nights_are_a_problem_of_the_structure() -> None:
    nights = [Tale(str(n)).news(n * 24 * 60, "ben", nth=n).case() for n in range(3)]
    found = limits(made(*nights, name="2026-W48", now="2026-12-02"))
    assert found == ("3 of 7 nights on call were interrupted; more than 30 % is a problem of the structure, not of a week",)


def week(*cases: Case, earlier: tuple[Case, ...] = (), gaps: tuple[Gap, ...] = ()) -> tuple[str, ...]:
    """The digest of week 48."""
    this = made(*cases, name="2026-W48", now="2026-11-30T08:00")
    past = report(book(), earlier, before(this.period, "Europe/Berlin"), (), utc("2026-11-30T08:00"))
    return digest(this, Around(earlier=past, customers={one.case.incident: "Northwind" for one in this.misses}, gaps=gaps))


def test_a_week_in_a_few_lines() -> None:
    gap = Gap(rotation="r", start=utc("2026-12-05T21:00"), end=utc("2026-12-06T07:00"))
    last_week = Tale("0", minutes=-7 * 24 * 60).takes(-7 * 24 * 60 + 1, "ana").contacts(-7 * 24 * 60 + 2, "ana").case()
    cases = (kept(1), missed(2, 4), night_of_three(), Tale("5", status="waiting", step=-1).case())
    assert week(*cases, earlier=(last_week,), gaps=(gap,)) == (
        "After hours, week 48 of 2026 (23 Nov to 29 Nov)",
        "Emergencies: 3 (SEV1 3), plus 1 that could wait",
        "Contacted in time: 1 of 3. SEV1 1 of 3, goal 95 %. The week before: 1 of 1.",
        "Missed: M2 Northwind, 4 min late: no answer (Ana)",
        "Missed: K7F2 Northwind, 3 h 47 min late: late acknowledgement (Ana)",
        "Taken in: median 12 min, slowest 4 h 01 min",
        "Escalated: 1 of 3 (no answer 1)",
        "Interrupted at night: Ana 3, Ben 2",
        "⚠ Ana was interrupted 3 times in one night; the limit is 2",
        "⚠ Ben was interrupted twice in one night: was rest offered the next morning?",
        "⚠ Next 14 days: nobody is on call for r from Sat 05 Dec 22:00 to Sun 06 Dec 08:00",
        "Pager health: texts delivered 0 of 7",
        "More: oncall report 2026-W48",
    )


def test_a_quiet_week_is_short_and_a_bad_one_is_never_longer_than_fifteen_lines() -> None:
    assert week() == (
        "After hours, week 48 of 2026 (23 Nov to 29 Nov)", "Emergencies: 0", "Interrupted at night: Ben 0", "More: oncall report 2026-W48",
    )  # fmt: skip
    gaps = tuple(Gap(rotation=f"r{n}", start=utc("2026-12-05"), end=utc("2026-12-06")) for n in range(9))
    # Sue sleeps six hours later.
    woken = (("ana", 0), ("ben", 0), ("sue", 6))
    nights = tuple(Tale(f"{who}{n}").news((n + later) * 60, who, nth=n).case() for who, later in woken for n in range(4))
    bad = week(*(missed(n, n + 1) for n in range(30)), *nights, gaps=gaps)
    assert len(bad) == DIGEST_LINES
    assert bad[-1] == "More: oncall report 2026-W48"
    assert "... and 39 more" in bad


def test_a_bare_number_is_named_by_its_end() -> None:
    assert made().name("+447700900099") == "...0099"
    assert made().name("gone") == "gone"


def test_decisions_are_reported_when_they_were_taken_without_their_words() -> None:
    """Also those of a case of the month before; the words stay in its story."""
    old = Tale("1001", minutes=-60 * 24 * 30, case="K1").takes(-60 * 24 * 30 + 1, "ana")
    old.lines.append(Line(at=at(5), kind="Noted", by="ben", decision=True))
    new = Tale("1002", minutes=1, case="K2").takes(2, "ana")
    new.lines += [Line(at=at(3), kind="Noted", by="ana", decision=True), Line(at=at(4), kind="Noted", by="ana")]
    found = made(old.case(), new.case())
    assert [(one.case.case, one.who, one.at) for one in found.decisions] == [("K2", "ana", at(3)), ("K1", "ben", at(5))]
    assert made(old.case(), new.case(), name="2026-10").decisions == ()
