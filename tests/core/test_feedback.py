"""On which day feedback is asked for, by which day a review is due, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.core.feedback import asked_by, due_after, last_asking, order_key, owner_of
from oncall.core.policy import Publication
from oncall.core.replies import understand_customer
from oncall.core.rota import Hours, WeeklySpan
from tests.core.rotas import utc
from tests.engine.morning import asking, office
from tests.web.standing import HERE

BERLIN = replace(asking(), timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-01-13T09:00", "2026-01-13T09:00"),
        ("2026-01-13T08:59:59", "2026-01-12T09:00"),
        ("2026-01-12T08:59", "2026-01-09T09:00"),
        ("2026-01-18T23:00", "2026-01-16T09:00"),
    ],
)
def test_the_last_time_to_ask_is_on_a_day_on_which_the_office_opens(now: str, last: str) -> None:
    assert last_asking(asking(), 540, utc(now)) == utc(last)


def test_the_day_and_its_minute_are_those_of_the_company() -> None:
    """Through the night in which the clock goes forward."""
    assert last_asking(BERLIN, 540, utc("2026-03-27T12:00")) == utc("2026-03-27T08:00")
    assert last_asking(BERLIN, 540, utc("2026-03-30T12:00")) == utc("2026-03-30T07:00")


def test_an_office_that_is_open_until_midnight_does_not_open_on_the_next_day() -> None:
    """Sunday is none, though Saturday ends with its beginning; the night of an office that is open over midnight belongs to both days."""
    hours = Hours(name="late", spans=(WeeklySpan(opens_minute=(5 * 24 + 18) * 60, closes_minute=6 * 24 * 60),), inverted=False, place=HERE)
    assert last_asking(asking(hours=hours), 540, utc("2026-01-18T12:00")) == utc("2026-01-17T09:00")
    over = replace(hours, spans=(WeeklySpan(opens_minute=(5 * 24 + 18) * 60, closes_minute=(6 * 24 + 1) * 60),))
    assert last_asking(asking(hours=over), 540, utc("2026-01-18T12:00")) == utc("2026-01-18T09:00")


def test_an_office_that_never_opens_is_never_asked_for() -> None:
    assert last_asking(asking(hours=office(days=0)), 540, utc("2026-01-18T12:00")) is None


@pytest.mark.parametrize(("days", "due"), [(1, "2026-01-20T00:00"), (5, "2026-01-24T00:00")])
def test_a_review_is_due_at_the_end_of_a_working_day(days: int, due: str) -> None:
    """Counted from Friday on."""
    assert due_after(asking(), utc("2026-01-16T10:00"), days) == utc(due)


def test_a_review_is_the_owners_else_a_managers_else_an_admins() -> None:
    at, book = utc("2026-01-16T10:00"), replace(asking(), publication=Publication(owner="gone"), managers=("support",), admins=("ben",))
    assert owner_of(asking(), at) == "ben"
    assert owner_of(book, at) == "ana"
    assert owner_of(replace(book, managers=()), at) == "ben"
    assert owner_of(replace(book, managers=(), admins=()), at) == ""


def test_an_order_says_which_case_it_asks_about_and_others_ask_about_none() -> None:
    asks = f"{order_key('1001', 'survey')}/customer/sms"
    assert [asked_by(one) for one in (asks, f"{order_key('1001', 'survey_low')}/customer/sms", "1001/3/notify/customer/sms", "")] == [
        "1001",
        "",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("1", "1"), ("5 great", "5"), ("4 / 5", "4"), ("5 stars", "words"), ("2 of 3", "words"), ("12", "words"), ("1 of the stores is down", "words"),
     ("NOMORE", "nomore"), ("Call", "call"), ("call me, all is down", "words"), ("no more orders come in", "words")],
)  # fmt: skip
def test_a_customer_means_a_survey_only_where_nothing_else_is_said(text: str, meaning: str) -> None:
    assert understand_customer(text) == meaning


def test_the_day_is_asked_about_within_its_own_time() -> None:
    """A minute later is the same asking, so what was asked about is not asked about again."""
    assert last_asking(asking(), 540, utc("2026-01-13T09:00") + timedelta(minutes=1)) == utc("2026-01-13T09:00")
