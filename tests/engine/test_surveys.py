"""The one question to a customer, over a real store: when, once, never in vain; what the answers mean, and what a low one leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from oncall.core.feedback import Topic
from oncall.core.policy import Feedback
from oncall.core.rota import Calendar
from oncall.store import surveys, ways
from tests.core.rotas import utc
from tests.engine.morning import ASKED, CUSTOMER, NINE, OTHER, Morning, asking, live, office
from tests.web.standing import ANA, BEN


def test_a_case_that_was_contacted_and_closed_is_asked_about_at_nine_of_the_next_working_day(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        morning.to(CUSTOMER)
        await morning.becomes("2026-01-13T08:59")
        assert morning.to(CUSTOMER) == []
        await morning.becomes("2026-01-13T09:00")
        (words,) = morning.to(CUSTOMER)
        case = words.split()[1].rstrip(":")
        assert words == ASKED.format(case=case, since="02:05")
        assert len(case) == 4

    live(tmp_path, story)


def test_the_weekend_and_holidays_are_no_working_days_and_the_text_says_which_night_it_was(tmp_path: Path) -> None:
    """Friday evening is asked about on Tuesday, when Monday is a holiday."""
    monday = utc("2026-01-19").date()
    calendar = Calendar(id="x", days=frozenset({monday}), until=utc("2027-01-01").date())

    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-16T20:00")
        morning.to(CUSTOMER)
        for at in ("2026-01-17T09:00", "2026-01-18T09:00", "2026-01-19T09:00", "2026-01-20T08:59"):
            await morning.becomes(at)
            assert morning.to(CUSTOMER) == []
        await morning.becomes("2026-01-20T09:00")
        assert [" of Fri 20:00?" in words for words in morning.to(CUSTOMER)] == [True]

    live(tmp_path, story, book=asking(hours=office(holidays=calendar)))


def test_it_is_asked_once_over_restarts_and_edits(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.boot()
        await morning.becomes("2026-01-13T09:00")
        await morning.boot()
        morning.handbook = asking(Feedback(customer_minute=NINE + 30))
        await morning.becomes("2026-01-13T09:31")
        await morning.becomes("2026-01-14T09:30")
        assert await morning.ordered("survey") == [(CUSTOMER, "sent")]

    live(tmp_path, story)


def test_a_new_daemon_and_a_policy_that_begins_to_ask_do_not_ask_about_the_past(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        morning.handbook = asking()
        await morning.becomes("2026-01-13T09:01")
        await morning.becomes("2026-01-14T09:00")
        assert await morning.ordered("survey") == []

    live(tmp_path, story, book=asking(Feedback(team_minute=NINE)))


def test_a_day_that_was_slept_through_is_asked_about_at_the_next_time_and_never_at_night(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T23:30")
        assert await morning.ordered("survey") == []
        await morning.becomes("2026-01-14T09:00")
        assert await morning.ordered("survey") == [(CUSTOMER, "sent")]

    live(tmp_path, story)


def test_nobody_is_asked_about_what_was_not_contacted_or_is_not_closed(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        untold = await morning.reported("2026-01-13T02:05")
        await morning.acts(untold, "acknowledge", "resolve")
        running = await morning.reported("2026-01-13T03:05", phone=OTHER)
        await morning.acts(running, "acknowledge", "contacted")
        await morning.becomes("2026-01-13T09:00")
        assert await morning.ordered("survey") == []

    live(tmp_path, story)


def test_a_case_that_is_open_again_is_not_asked_about_also_in_the_last_moment(tmp_path: Path) -> None:
    """Ordered, and reopened before it was sent."""

    async def story(morning: Morning) -> None:
        incident = await morning.closed_case("2026-01-13T02:05")
        morning.at = utc("2026-01-13T09:00")
        await morning.feedback.ask()
        await morning.customer("REOPEN")
        assert await morning.ordered("survey") == [(CUSTOMER, "cancelled")]
        other = await morning.closed_case("2026-01-13T10:05", phone=OTHER)
        await morning.acts(other, "reopen")
        await morning.becomes("2026-01-14T09:00")
        assert await morning.ordered("survey") == [(CUSTOMER, "cancelled")]
        assert incident != other

    live(tmp_path, story)


def test_somebody_is_asked_once_in_thirty_days(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.closed_case("2026-01-13T04:05")
        await morning.becomes("2026-01-13T09:00")
        await morning.closed_case("2026-01-20T02:05")
        await morning.becomes("2026-01-20T09:00")
        assert await morning.ordered("survey") == [(CUSTOMER, "sent")]
        await morning.closed_case("2026-02-17T02:05")
        await morning.becomes("2026-02-17T09:00")
        assert await morning.ordered("survey") == [(CUSTOMER, "sent")] * 2

    live(tmp_path, story)


@pytest.mark.parametrize("words", ["NOMORE", "no more.", "Nomore!"])
def test_nomore_is_kept_for_the_number_answered_once_and_stops_nothing_else(tmp_path: Path, words: str) -> None:
    async def story(morning: Morning) -> None:
        outcome = await morning.customer(words)
        assert outcome.result == "no more surveys"
        await morning.customer(words)
        assert morning.to(CUSTOMER) == ["Acme: no more surveys to this number. About an emergency we text you as before."]
        await morning.closed_case("2026-01-13T02:05")
        assert len(morning.to(CUSTOMER)) == 3
        await morning.closed_case("2026-01-13T03:05", phone=OTHER)
        await morning.becomes("2026-01-13T09:00")
        assert await morning.ordered("survey") == [(OTHER, "sent")]

    live(tmp_path, story)


def test_nomore_works_while_a_case_is_open_and_after_the_question_and_is_no_word_for_the_case(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        await morning.reported("2026-01-13T20:00")
        assert (await morning.customer("NOMORE")).result == "no more surveys"

    live(tmp_path, story)


def test_a_number_that_cannot_be_texted_or_is_a_responders_gets_no_text_and_the_page_stays(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        first = await morning.closed_case("2026-01-13T02:05")
        await morning.store.tx(lambda conn: ways.break_way(conn, "customer", "sms", CUSTOMER, "opted out", morning.at))
        second = await morning.closed_case("2026-01-13T03:05", phone=BEN)
        third = await morning.closed_case("2026-01-13T04:05", phone="")
        await morning.becomes("2026-01-13T09:00")
        assert await morning.ordered("survey") == []
        for incident in (first, second, third):
            survey = await morning.store.tx(partial(surveys.load, incident=incident))
            assert survey is not None
            assert survey.phone == ""

    live(tmp_path, story)


@pytest.mark.parametrize(("words", "rating"), [("4", 4), ("5!", 5), ("4/5", 4), ("3 out of 5", 3), ("5 (great)", 5), (" 2 \n", 2), ("1 bad", 1)])
def test_a_rating_is_stored_and_who_is_content_is_not_written_to_again(tmp_path: Path, words: str, rating: int) -> None:
    async def story(morning: Morning) -> None:
        incident = await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        morning.to(CUSTOMER)
        assert (await morning.customer(words)).result == "rated"
        survey = await morning.store.tx(lambda conn: surveys.load(conn, incident))
        assert survey is not None
        assert (survey.rating, survey.how) == (rating, "sms")
        assert bool(morning.to(CUSTOMER)) == (rating <= 2)

    live(tmp_path, story)


@pytest.mark.parametrize("words", ["2 stores are down", "6", "0", "11", "CALL", "thanks"])
def test_anything_else_is_taken_as_it_always_was(tmp_path: Path, words: str) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        assert (await morning.customer(words)).result == "paging"

    live(tmp_path, story)


def test_a_digit_without_a_survey_or_after_it_is_over_is_a_report_like_any_other(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        assert (await morning.customer("4", phone=OTHER)).result == "paging"
        incident = await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        morning.at += timedelta(days=28)
        assert (await morning.customer("4")).result == "paging"
        survey = await morning.store.tx(lambda conn: surveys.load(conn, incident))
        assert survey is not None
        assert survey.rating is None

    live(tmp_path, story)


def test_while_a_case_is_being_handled_a_digit_is_a_word_for_it(tmp_path: Path) -> None:
    """'How many stores?' '2'."""

    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        running = await morning.reported("2026-01-13T20:00")
        assert (await morning.customer("2")).incident == running
        assert await morning.reviews() == []

    live(tmp_path, story)


def test_a_low_rating_opens_a_review_with_owner_and_due_date_and_the_customer_may_ask_for_a_call(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        incident = await morning.closed_case("2026-01-16T02:05")
        await morning.becomes("2026-01-16T09:00")
        case = morning.to(CUSTOMER)[-1].split()[1].rstrip(":")
        morning.to(BEN)
        await morning.customer("2")
        assert morning.to(CUSTOMER) == [
            f"Acme {case}: thank you. We are sorry it was not good. A person looks into every 1 and 2. Want a call? Reply CALL."
        ]
        assert morning.to(BEN) == [f"Review 1: Northwind ({case}), rated 2 of 5. It is yours, due Mon 19 Jan. See: oncall reviews"]
        (review,) = await morning.reviews()
        assert (review.topic, review.incident, review.owner, review.due_at) == (Topic.RATING, incident, "ben", utc("2026-01-20T00:00"))
        assert (await morning.customer("call")).result == "wants a call"
        assert morning.to(CUSTOMER) == [f"Acme {case}: noted that you want a call. Whoever looks into it reads that."]
        assert [one.words for one in await morning.reviews()] == ["rated 2 of 5, wants a call"]

    live(tmp_path, story)


def test_the_last_answer_counts_and_opens_no_second_review(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        incident = await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        for words in ("2", "1", "1", "4"):
            await morning.customer(words)
        survey = await morning.store.tx(lambda conn: surveys.load(conn, incident))
        assert survey is not None
        assert survey.rating == 4
        assert [one.words for one in await morning.reviews()] == ["rated 1 of 5"]
        assert [state for _, state in await morning.ordered("survey_low")] == ["sent"]

    live(tmp_path, story)


def test_a_review_that_is_overdue_is_told_to_the_manager_once_and_by_day(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-13T02:05")
        await morning.becomes("2026-01-13T09:00")
        case = morning.to(CUSTOMER)[-1].split()[1].rstrip(":")
        await morning.customer("1")
        await morning.becomes("2026-01-14T23:59")
        morning.to(BEN)
        for at in ("2026-01-15T00:01", "2026-01-15T00:02"):
            await morning.becomes(at)
            assert morning.to(BEN) == []
        await morning.becomes("2026-01-15T08:00")
        assert morning.to(BEN) == [f"Review 1 of Ben was due Wed 14 Jan and is open: Northwind ({case}), rated 1 of 5. See: oncall reviews"]
        morning.handbook = replace(asking(), managers=("ana",))
        morning.to(ANA)
        await morning.becomes("2026-01-16T09:00")
        assert (morning.to(BEN), morning.to(ANA)) == ([], [])

    live(tmp_path, story)


def test_a_case_that_was_asked_about_opened_again_and_closed_is_not_asked_about_twice(tmp_path: Path) -> None:
    """Also where only its page asks, which nobody is kept from by having been texted lately."""

    async def story(morning: Morning) -> None:
        first = await morning.closed_case("2026-01-13T02:05", phone=BEN)
        await morning.becomes("2026-01-13T09:00")
        await morning.acts(first, "reopen", "acknowledge", "contacted", "resolve")
        await morning.becomes("2026-01-14T09:00")
        await morning.closed_case("2026-01-14T20:00")
        await morning.becomes("2026-01-15T09:00")
        assert await morning.ordered("survey") == [(CUSTOMER, "sent")]

    live(tmp_path, story)
