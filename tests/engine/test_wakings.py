"""The morning after, over a real store: whoever was woken is asked whether that was right, once, by day, with a code; a no opens a review."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from oncall.core.feedback import Topic
from oncall.core.policy import Feedback
from oncall.store import asks
from tests.core.rotas import utc
from tests.engine.morning import CUSTOMER, NINE, OTHER, Morning, asking, live
from tests.web.standing import ANA, BEN

QUESTION = (
    "Northwind 02:05: was it right to wake you? Reply {0} = yes, {0}W = could wait, {0}J = not our job, {0}D = duplicate, {0}I = too little info."
)


async def woken(morning: Morning, at: str = "2026-01-13T02:05") -> str:
    """Ana is woken by a case and asked at nine; the code of the question. Nothing is left to read."""
    incident = await morning.reported(at)
    await morning.acts(incident, "acknowledge", "resolve")
    await morning.becomes("2026-01-13T09:00")
    morning.to(ANA)
    morning.to(BEN)
    return await morning.code("ana")


def test_who_was_woken_is_asked_at_nine_with_a_code_of_its_own(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        incident = await morning.reported("2026-01-13T02:05")
        page = await morning.code("ana")
        await morning.acts(incident, "acknowledge", "resolve")
        await morning.becomes("2026-01-13T08:59")
        assert [words for words in morning.to(ANA) if "right to wake" in words] == []
        await morning.becomes("2026-01-13T09:00")
        code = await morning.code("ana")
        assert (code != page, morning.to(ANA)) == (True, [QUESTION.format(code)])
        assert morning.to(BEN) == []

    live(tmp_path, story)


def test_everybody_who_was_rung_is_asked_once_for_each_case_over_restarts(tmp_path: Path) -> None:
    """Ana twice in one case, Ben as the second step of it."""

    async def story(morning: Morning) -> None:
        incident = await morning.reported("2026-01-13T02:05")
        for _ in range(8):
            morning.at += timedelta(minutes=2)
            await morning.settled()
        await morning.acts(incident, "acknowledge", "resolve", by="ben")
        await morning.boot()
        await morning.becomes("2026-01-13T09:00")
        await morning.boot()
        await morning.becomes("2026-01-13T09:01")
        await morning.becomes("2026-01-14T09:00")
        assert sorted(await morning.ordered("right_to_wake")) == [(ANA, "sent"), (BEN, "sent")]

    live(tmp_path, story)


def test_a_page_while_the_office_is_open_wakes_nobody(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        incident = await morning.reported("2026-01-13T10:05")
        await morning.acts(incident, "acknowledge", "resolve")
        await morning.becomes("2026-01-14T09:00")
        assert await morning.ordered("right_to_wake") == []

    live(tmp_path, story)


def test_nobody_is_asked_where_the_policy_does_not_say_so(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        await woken(morning)
        assert await morning.ordered("right_to_wake") == []

    live(tmp_path, story, book=asking(Feedback(customer_minute=NINE)))


def test_a_yes_is_noted_and_opens_nothing(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        code = await woken(morning)
        await morning.says("ana", code)
        await morning.settled()
        assert morning.to(ANA) == ["Noted, Northwind 02:05: right to wake you. Thank you."]
        assert await morning.reviews() == []
        (ask,) = await morning.store.tx(lambda conn: asks.about_incident(conn, "1001"))
        assert (ask.answer, ask.how) == ("yes", "sms")

    live(tmp_path, story)


@pytest.mark.parametrize(
    ("word", "answer", "words"),
    [
        ("W", "could wait", "Ana: could wait (an example for the triage?)"),
        (" not our job", "not our job", "Ana: not our job (an exclusion?)"),
        ("d", "duplicate", "Ana: duplicate (a key that joins them?)"),
        ("I", "too little info", "Ana: too little info (a question to who reports?)"),
        ("N", "no", "Ana: no"),
    ],
)
def test_each_no_opens_a_review_for_the_owner(tmp_path: Path, word: str, answer: str, words: str) -> None:
    async def story(morning: Morning) -> None:
        code = await woken(morning)
        await morning.says("ana", f"{code}{word}")
        await morning.settled()
        assert morning.to(ANA) == [f"Noted, Northwind 02:05: {answer}. Thank you. It is looked into, review 1."]
        (review,) = await morning.reviews()
        assert (review.topic, review.words, review.owner, review.due_at) == (Topic.PAGE, words, "ben", utc("2026-01-21T00:00"))
        assert [text.startswith("Review 1: Northwind (") for text in morning.to(BEN)] == [True]
        (ask,) = await morning.store.tx(lambda conn: asks.about_incident(conn, "1001"))
        assert ask.answer == answer

    live(tmp_path, story)


def test_what_is_no_answer_is_asked_again_and_the_last_answer_counts(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        code = await woken(morning)
        await morning.says("ana", f"{code}S")
        await morning.settled()
        assert morning.to(ANA) == [QUESTION.format(code)]
        for word in ("W", "D", ""):
            await morning.says("ana", f"{code}{word}")
        (ask,) = await morning.store.tx(lambda conn: asks.about_incident(conn, "1001"))
        assert ask.answer == "yes"
        assert [one.words for one in await morning.reviews()] == ["Ana: duplicate (a key that joins them?)"]

    live(tmp_path, story)


def test_a_bare_word_means_a_page_again_after_two_hours_and_the_code_still_counts(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        code = await woken(morning)
        morning.at = utc("2026-01-13T10:59")
        running = await morning.reported("2026-01-13T10:59")
        outcome = await morning.says("ana", "ok")
        assert (outcome.result, outcome.incident) == ("which_code", "")
        await morning.settled()
        assert f"{code} for last night" in morning.to(ANA)[-1]
        morning.at = utc("2026-01-13T11:01")
        assert (await morning.says("ana", "ok")).incident == running
        await morning.says("ana", f"{code}W")
        assert len(await morning.reviews()) == 1

    live(tmp_path, story)


def test_somebody_elsewhere_is_asked_by_their_own_day(tmp_path: Path) -> None:
    """Nine at the company is three in the morning in Chicago."""
    book = asking()
    people = {**book.people, "ana": replace(book.people["ana"], timezone="America/Chicago")}

    async def story(morning: Morning) -> None:
        incident = await morning.reported("2026-01-13T02:05")
        await morning.acts(incident, "acknowledge", "resolve")
        await morning.becomes("2026-01-13T09:00")
        morning.to(ANA)
        morning.at = utc("2026-01-13T13:59")
        await morning.settled()
        assert morning.to(ANA) == []
        morning.at = utc("2026-01-13T14:00")
        await morning.settled()
        (words,) = morning.to(ANA)
        assert words.startswith("Northwind Mon 20:05: was it right")

    live(tmp_path, story, book=replace(book, people=people))


def test_after_a_night_of_many_cases_nobody_is_asked_more_than_five_times(tmp_path: Path) -> None:
    async def story(morning: Morning) -> None:
        for number in range(7):
            incident = await morning.reported(f"2026-01-13T02:{10 + number}", phone=(CUSTOMER, OTHER)[number % 2], severity="sev1")
            await morning.acts(incident, "acknowledge", "resolve", after=timedelta(seconds=10))
        await morning.becomes("2026-01-13T09:00")
        assert len(await morning.ordered("right_to_wake")) == 5

    live(tmp_path, story)
