"""What customers answer to a survey by text, over a real store: a rating, a wish for a call, or something else; and what a low one leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from oncall.core.feedback import Topic
from oncall.store import surveys
from tests.core.rotas import utc
from tests.engine.morning import CUSTOMER, OTHER, Morning, asking, live
from tests.web.standing import ANA, BEN


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
