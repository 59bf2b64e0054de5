"""COVER and SWAP as they are said: what is asked of whom and when, what is not plain, and what is asked too often."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall.engine import Outcome
from oncall.store import asks
from tests.core.rotas import utc
from tests.core.test_cover import book
from tests.engine.night import Night, asked, live


def test_a_swap_exchanges_the_next_whole_duty_of_each(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.says("ana", "SWAP ben")
        ben = await night.code("ben")
        assert await night.texts("ana") == [
            "I ask Ben to swap: r Tue 09:00 to Wed 09:00 for Wed 09:00 to Thu 09:00. Until the answer is yes nothing changes."
        ]
        assert await night.texts("ben") == [
            f"Ana asks to swap r: you Tue 09:00 to Wed 09:00, they Wed 09:00 to Thu 09:00. Reply {ben} = I swap, {ben}N = no."
        ]
        await night.says("ben", f"{ben} ok")
        assert (night.on_call("2026-01-13T12:00"), night.on_call("2026-01-14T12:00")) == (("ben",), ("ana",))
        assert any(text.startswith("Ben put you on call for r from Wed 09:00 to Thu 09:00") for text in await night.texts("ana"))

    live(tmp_path, story)


def test_far_away_days_are_named_with_their_date(tmp_path: Path) -> None:
    weekly = "{people: [ana, ben, chloe, dev], handover: mon 09:00, start: 2026-01-05}"

    async def story(night: Night) -> None:
        await night.says("ben", "SWAP dev")
        assert await night.texts("ben") == [
            "I ask Dev to swap: r Mon 09:00 to Mon 19 Jan 09:00 for Mon 26 Jan 09:00 to Mon 2 Feb 09:00. Until the answer is yes nothing changes."
        ]

    live(tmp_path, story, handbook=book(ring=weekly))


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("COVER", "which"), ("COVER for me please", "how"), ("COVER tue 09:00", "how"), ("SWAP", "how"), ("SWAP eve", "how"), ("SWAP ana", "how"),
        ("COVER other 12:00 to 14:00", "how"), ("COVER other sun 12:00 to 14:00", "none"),
    ],
)  # fmt: skip
def test_what_is_not_plain_asks_nobody_and_is_answered_with_what_to_write(tmp_path: Path, words: str, answer: str) -> None:
    """At two o'clock in Berlin, twelve to two have passed."""
    answers = {
        "how": "I did not understand. COVER = your next duty, COVER fri 18:00 to sat 08:00 = these hours (24 h clock), "
        "SWAP ben = your next duty for Ben's.",
        "which": "That could mean r, other. Say which, as in COVER primary or SWAP ben primary. Nobody was asked.",
        "none": "I found no duty of yours then in other. Nobody was asked.",
    }

    async def story(night: Night) -> None:
        await night.says("ana", words)
        assert await night.texts("ana") == [answers[answer]]
        assert [await night.texts(who) for who in ("ben", "chloe", "dev")] == [[], [], []]

    at = "2026-01-13T13:00" if answer == "which" else "2026-01-10T13:00"
    live(tmp_path, story, at=at)


def test_the_same_wish_is_asked_once_and_not_more_than_three(tmp_path: Path) -> None:
    """Each is a text to everybody, so a number that somebody forged cannot wake a team again and again."""

    async def story(night: Night) -> None:
        await asked(night)
        await night.says("ana", "COVER r tue 20:00 to 22:00")
        assert await night.texts("ana") == ["I asked for that already: r Tue 20:00 to Tue 22:00. Until somebody says yes you stay on call."]
        assert await night.texts("ben") == []
        for name in ("ben", "dev"):
            await night.says("ana", f"SWAP {name}")
        await night.texts("ana")
        await night.says("ana", "COVER r")
        assert await night.texts("ana") == ["You asked 3 times and nobody answered yet, so I ask no more. You stay on call; I tell you who says yes."]

    live(tmp_path, story)


def test_what_begins_days_later_is_asked_in_the_morning_and_stands_in_nobodys_way_before(tmp_path: Path) -> None:
    """At three at night a question can wait; a bare word means the page meanwhile."""

    async def story(night: Night) -> None:
        await night.says("ana", "COVER r")
        ben = (await night.store.tx(lambda conn: asks.of_request(conn, 1)))[0]
        assert ben.asked_at == utc("2026-01-11T07:00")
        assert [ben.waits(utc("2026-01-11T06:59")), ben.waits(utc("2026-01-11T07:00"))] == [False, True]

    live(tmp_path, story, at="2026-01-11T02:00")


def test_a_question_that_is_settled_before_it_was_put_is_never_put(tmp_path: Path) -> None:
    """Ben sleeps until eight; by then an admin has put dev there."""

    async def story(night: Night) -> None:
        await night.says("ana", "COVER r")
        await night.put("dev", "2026-01-13T08:00", "2026-01-14T08:00")
        await night.asking.look()
        await night.sent()
        night.at = utc("2026-01-11T07:01")
        assert not [text for text in await night.sent() if text.startswith("ben:")]

    live(tmp_path, story, at="2026-01-11T02:00")


def test_a_question_is_put_when_its_time_has_come(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.says("ana", "COVER r")
        assert not [text for text in await night.sent() if text.startswith("ben:")]
        night.at = utc("2026-01-11T07:01")
        assert len([text for text in await night.sent() if text.startswith("ben: Ana asks for cover of r Tue 09:00 to Wed 09:00.")]) == 1

    live(tmp_path, story, at="2026-01-11T02:00")


def test_what_begins_in_the_morning_is_asked_at_once(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.says("ana", "COVER r")
        assert (await night.store.tx(lambda conn: asks.of_request(conn, 1)))[0].asked_at == night.at

    live(tmp_path, story, at="2026-01-13T02:00")


def test_a_word_that_is_no_answer_gets_the_question_again(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, _ = await asked(night)
        await night.says("ben", f"{ben}D")
        assert await night.texts("ben") == [f"Ana asks for cover of r Tue 09:00 to Wed 09:00. Reply {ben} = I take it, {ben}N = no."]
        assert night.on_call("2026-01-13T12:00") == ("ana",)

    live(tmp_path, story)


def test_a_fault_while_it_is_looked_at_is_told_and_ends_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async def story(night: Night) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("oncall.engine.asking.plan", broken)
            await night.says("ana", "COVER r")
        assert await night.texts("ana") == ["That could not be looked at, by a fault of ours. Nobody was asked, and you stay on call. Ask an admin."]
        ben, _ = await asked(night)
        with monkeypatch.context() as patch:
            patch.setattr(night.changing, "take", broken)
            await night.says("ben", ben)
        assert await night.texts("ben") == ["Not taken, r Tue 09:00 to Wed 09:00: a fault of ours, the log says which. Ana stays on call."]

    live(tmp_path, story)


def test_an_outcome_says_that_it_was_heard(tmp_path: Path) -> None:
    """For the metrics and the log of the door."""

    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        outcomes: list[Outcome] = [await night.says("ben", f"{ben}N"), await night.says("dev", dev)]
        assert [one.result for one in outcomes] == ["ask_noted", "said yes"]

    live(tmp_path, story)
