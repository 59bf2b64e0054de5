"""What was said of a period is counted with its whole, small numbers as '8 of 9', and a report waits for its reviews."""

from __future__ import annotations

from dataclasses import replace

from oncall.core.asks import Ask, Span
from oncall.core.feedback import Review, Survey, Topic
from oncall.core.metrics.feedback import NOTHING, said
from oncall.core.metrics.numbers import Share
from oncall.core.metrics.report import Report
from oncall.web.report_tables import tables, title
from oncall.web.report_text import data, markdown
from tests.core.metrics.test_report import kept, made
from tests.core.rotas import utc

NIGHT, DUE = utc("2026-11-24T02:00"), utc("2026-11-26T23:00")


def survey(rating: int | None) -> Survey:
    """A survey that was answered so."""
    return Survey(incident="1001", phone="", reported_at=NIGHT, asked_at=NIGHT, until=DUE, rating=rating)


def judged(answer: str) -> Ask:
    """Ana's answer."""
    span = Span(rotation="", start=NIGHT, end=NIGHT)
    return Ask(
        id=1, person="ana", code="31", about="right_to_wake", request=0, span=span, asked_at=NIGHT, until=DUE, answer=answer, incident="1001"
    )  # fmt: skip


REVIEW = Review(id=7, key="k", topic=Topic.RATING, incident="1001", words="rated 1 of 5", owner="ana", reported_at=NIGHT, made_at=NIGHT, due_at=DUE)
FOUND = said(
    (*(survey(one) for one in (5, 4, 4, 3, 1)), survey(None)),
    tuple(judged(one) for one in ("yes", "yes", "could wait", "no", "could wait", "")),
    (REVIEW, replace(REVIEW, id=8, closed_at=DUE, because="done")),
)


def reported() -> Report:
    """A month of which that was said."""
    return replace(made(kept(1)), said=FOUND, right_goal=80.0)


def test_three_is_not_satisfied_and_who_did_not_answer_is_counted_beside() -> None:
    assert (FOUND.satisfied, FOUND.answered) == (Share(part=3, whole=5), Share(part=5, whole=6))
    assert FOUND.ratings == {1: 1, 3: 1, 4: 2, 5: 1}


def test_a_page_is_right_if_its_reader_says_yes_and_wrong_for_reasons() -> None:
    assert (FOUND.right, FOUND.wrong) == (Share(part=2, whole=5), (("could wait", 2), ("no", 1)))


def test_the_report_says_it_in_small_numbers_beside_the_goal() -> None:
    rows = {row[0]: row[1] for one in tables(reported(), {}) if one.title == "How it went" for row in one.rows}
    assert rows["Customers satisfied"] == "3 of 5"
    assert rows["Surveys answered"] == "5 of 6"
    assert rows["Right to wake"] == "2 of 5, goal 80 %; could wait 2, no 1"


def test_nothing_is_said_where_nobody_was_asked() -> None:
    rows = {row[0] for one in tables(made(kept(1)), {}) if one.title == "How it went" for row in one.rows}
    assert not rows & {"Customers satisfied", "Surveys answered", "Right to wake"}


def test_a_report_names_its_open_reviews_and_is_not_final_before_they_are_closed() -> None:
    report = reported()
    assert (report.is_final, title(report).endswith(", after hours, November 2026, not final: 1 review is open")) == (False, True)
    (found,) = [one for one in tables(report, {}) if one.title == "Open reviews"]
    assert found.rows == (("7", "Thu 26 Nov", "Ana", "rated 1 of 5"),)
    assert "not final: 1 review is open" in markdown(report, {})
    done = replace(report, said=replace(FOUND, open_reviews=()))
    assert (done.is_final, "not final" in title(done)) == (True, False)
    assert not made(kept(1), now="2026-11-28").is_final


def test_the_same_stands_in_the_data() -> None:
    found = data(reported(), {})
    assert found["final"] is False
    assert found["open_reviews"] == [{"review": 7, "about": "rated 1 of 5", "owner": "ana", "due_at": "2026-11-26T23:00:00Z"}]
    assert data(made(kept(1)), {})["final"] is True
    assert NOTHING.right.whole == 0
