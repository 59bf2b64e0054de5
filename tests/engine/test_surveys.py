"""The one question to a customer, over a real store: when, once, and never in vain."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from oncall.core.policy import Customer, CustomerContact, Feedback
from oncall.core.rota import Calendar
from oncall.core.wording import text
from oncall.store import surveys, ways
from tests.core.rotas import utc
from tests.engine.morning import ASKED, CUSTOMER, NINE, OTHER, Morning, asking, live, office
from tests.web.standing import BEN, HERE


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


def test_a_customer_is_asked_and_answered_in_their_language(tmp_path: Path) -> None:
    contact = CustomerContact(name="M. Visser", phone=CUSTOMER, email="")
    dutch = Customer(
        id="northwind", name="Northwind", contract=None, contacts=(contact,), keys=(), place=HERE, language="nl", prefers=""
    )  # fmt: skip

    async def story(morning: Morning) -> None:
        await morning.closed_case("2026-01-16T20:00")
        morning.to(CUSTOMER)
        await morning.becomes("2026-01-19T09:00")
        (words,) = morning.to(CUSTOMER)
        assert "vr 20:00" in words
        assert words.startswith(text({}, "nl", "survey", {"company": "Acme", "case": words.split()[1].rstrip(":"), "since": "vr 20:00"}))
        await morning.customer("1")
        (words,) = morning.to(CUSTOMER)
        assert words == text({}, "nl", "survey_low", {"company": "Acme", "case": words.split()[1].rstrip(":")})

    live(tmp_path, story, book=replace(asking(), customers={"northwind": dutch}))


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
