"""/v1/reviews and `oncall reviews`: listed with owner and due date, closed once and with a reason."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from oncall.core.feedback import Topic
from oncall.store import incidents, reviews, surveys
from tests.cli.test_talking import Terminal
from tests.web.standing import DESK_KEY, REPORT_KEY, Standing, play


async def two_reviews(doors: Standing) -> str:
    """A low rating that is due tomorrow, and a page that was overdue yesterday; the case of both."""
    body = {"summary": "Checkout is down", "contact": {"name": "M. Visser", "phone": "+44 7700 900123"}}
    await doors.call("POST", "/v1/emergencies", body, key=REPORT_KEY)
    incident = await doors.store.tx(lambda conn: incidents.load(conn, "1001"))
    assert incident is not None
    now, at = doors.parts.now(), incident.opened_at

    def unit(conn: Connection) -> None:
        surveys.add(conn, "1001", "+447700900123", at, now)
        surveys.rate(conn, "1001", 1, "form", now, comment="Nobody called")
        for key, topic, words, days in (("a", Topic.RATING, "rated 1 of 5", 1), ("b", Topic.PAGE, "ana: could wait", -1)):
            reviews.add(conn, key, topic, "1001", words, owner="ben", reported_at=at, now=now, due_at=now + timedelta(days=days))

    await doors.store.tx(unit)
    return incident.case


def test_reviews_are_listed_by_due_date_and_closed_once_with_a_reason(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        case = await two_reviews(doors)
        status, answer = await doors.call("GET", "/v1/reviews", key=DESK_KEY)
        found = answer["reviews"]
        assert isinstance(found, list)
        assert [(one["review"], one["about"], one["comment"], one["owner"], one["case"]) for one in found] == [
            (2, "ana: could wait", "", "ben", case), (1, "rated 1 of 5", "Nobody called", "ben", case)
        ]  # fmt: skip
        assert (await doors.call("POST", "/v1/reviews/1/close", {"by": "ana"}, key=DESK_KEY))[0] == 422
        assert (await doors.call("POST", "/v1/reviews/1/close", {"by": "ana", "because": " "}, key=DESK_KEY))[0] == 422
        closing = {"by": "ana", "because": "called them, runbook written"}
        assert (await doors.call("POST", "/v1/reviews/1/close", closing, key=DESK_KEY))[0] == 200
        status, answer = await doors.call("POST", "/v1/reviews/1/close", {"by": "ben", "because": "again"}, key=DESK_KEY)
        assert (status, answer["detail"]) == (409, "review 1 was closed by ana: called them, runbook written")
        assert (await doors.call("POST", "/v1/reviews/9/close", closing, key=DESK_KEY))[0] == 404
        _, answer = await doors.call("GET", "/v1/reviews?status=closed", key=DESK_KEY)
        assert [(one["review"], one["closed_by"]) for one in answer["reviews"]] == [(1, "ana")]  # type: ignore[attr-defined]  # JSON
        assert (await doors.call("GET", "/v1/reviews?status=all", key=DESK_KEY))[0] == 422

    play(tmp_path, story)


def test_a_key_that_may_only_report_sees_and_closes_nothing(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await two_reviews(doors)
        assert (await doors.call("GET", "/v1/reviews", key=REPORT_KEY))[0] == 403
        assert (await doors.call("POST", "/v1/reviews/1/close", {"by": "ana", "because": "x"}, key=REPORT_KEY))[0] == 403
        assert len(await doors.store.tx(reviews.still_open)) == 2

    play(tmp_path, story)


def test_reviews_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        assert (await terminal.types("reviews"))[:2] == (0, "No review is open.\n")
        case = await two_reviews(doors)
        lines = (await terminal.types("reviews"))[1].splitlines()
        assert lines[0] == "REVIEW\tDUE\tOWNER\tCASE\tCUSTOMER\tABOUT\tWORDS"
        assert "OVERDUE\tben" in lines[1]
        assert lines[2].endswith(f"\tben\t{case}\tM. Visser\trated 1 of 5\tNobody called")
        assert "OVERDUE" not in lines[2]
        assert (await terminal.types("reviews", "close", "1", "--as", "ana"))[0] == 2
        code, said, _ = await terminal.types("reviews", "close", "1", "--because", "called them", "--as", "ana")
        assert (code, said) == (0, "review 1 is closed.\n")
        assert "called them (ana)" in (await terminal.types("reviews", "--closed"))[1]
        assert [one["review"] for one in json.loads((await terminal.types("reviews", as_json=True))[1])["reviews"]] == [2]
        code, _, said = await terminal.types("reviews", "close", "1", "--because", "x", "--as", "ana")
        assert (code, "review 1 was closed by ana: called them" in said) == (2, True)

    play(tmp_path, story)


def test_a_months_report_says_what_was_said_of_it_and_waits_for_its_reviews(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await two_reviews(doors)
        month = f"{doors.parts.now():%Y-%m}"
        _, answer = await doors.call("GET", f"/v1/reports/{month}", key=DESK_KEY)
        reviews_ = answer["open_reviews"]
        assert isinstance(reviews_, list)
        assert ([one["review"] for one in reviews_], answer["final"]) == ([2, 1], False)
        assert answer["customers_satisfied"]["text"] == "0 of 1"  # type: ignore[index]  # JSON
        assert answer["surveys_answered"]["text"] == "1 of 1"  # type: ignore[index]  # JSON

    play(tmp_path, story)
