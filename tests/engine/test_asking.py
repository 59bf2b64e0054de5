"""Cover and swap by text, over a real store: who is asked, the first yes, refusals, races, restarts, and the truth to everybody at each step."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.rotas import utc
from tests.core.test_cover import book
from tests.engine.night import Night, asked, live


def test_cover_asks_everybody_who_could_and_says_that_nothing_changed_yet(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        outcome = await night.says("ana", "COVER r")
        assert outcome.result == "cover"
        ben, dev = await night.code("ben"), await night.code("dev")
        words = "Ana asks for cover of r Tue 09:00 to Wed 09:00. Reply {0} = I take it, {0}N = no."
        assert await night.texts("ben") == [words.format(ben)]
        assert await night.texts("dev") == [words.format(dev)]
        assert await night.texts("chloe") == []
        assert await night.texts("ana") == [
            "I ask Ben, Dev for cover of r Tue 09:00 to Wed 09:00. Until somebody says yes you stay on call; I tell you who has it."
        ]
        assert night.on_call("2026-01-13T12:00") == ("ana",)

    live(tmp_path, story)


def test_the_first_yes_has_it_and_everybody_hears_the_truth(tmp_path: Path) -> None:
    """Both sides, the others who were asked, and nobody else; once."""

    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        await night.says("ben", ben)
        assert night.on_call("2026-01-13T12:00") == ("ben",)
        assert night.on_call("2026-01-14T12:00") == ("ben",)
        assert night.on_call("2026-01-12T12:00") == ("dev",)
        assert await night.texts("ben") == ["Ben put you on call for r from Tue 09:00 to Wed 09:00 instead of Ana."]
        assert await night.texts("ana") == ["Ben: you are not on call for r from Tue 09:00 to Wed 09:00. Ben is."]
        assert sorted(await night.texts("dev")) == [
            "Ben changed who is on call for r from Tue 09:00 to Wed 09:00: Ben instead of Ana.",
            "Settled: Ben has r Tue 09:00 to Wed 09:00. Nothing for you to do. Thank you.",
        ]
        await night.says("dev", dev)
        assert await night.texts("dev") == ["Too late for r Tue 09:00 to Wed 09:00: Ben has it. Nothing was changed."]
        await night.says("ben", ben)
        assert await night.texts("ben") == ["You have it: r Tue 09:00 to Wed 09:00."]

    live(tmp_path, story)


def test_of_two_yeses_at_once_one_is_a_change_and_the_other_hears_who_has_it(tmp_path: Path) -> None:
    """Both came in before anybody looked at either."""

    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        await night.says("dev", dev, look=False)
        night.at += timedelta(milliseconds=1)
        await night.says("ben", ben, look=False)
        await asyncio.gather(night.asking.look(), night.asking.look())
        assert night.on_call("2026-01-13T12:00") == ("dev",)
        assert len(night.book.handbook.changes) == 1
        assert await night.texts("ben") == ["Settled: Dev has r Tue 09:00 to Wed 09:00. Nothing for you to do. Thank you."]
        assert "Dev put you on call for r from Tue 09:00 to Wed 09:00 instead of Ana." in await night.texts("dev")

    live(tmp_path, story)


def test_a_no_is_noted_and_when_all_said_no_the_asker_is_told_and_stays(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        await night.says("ben", f"{ben}N")
        assert await night.texts("ben") == ["OK, noted: not you for r Tue 09:00 to Wed 09:00."]
        assert await night.texts("ana") == []
        await night.says("dev", f"{dev} no")
        assert await night.texts("ana") == ["No cover from Ben, Dev. You stay on call for r Tue 09:00 to Wed 09:00."]
        assert night.on_call("2026-01-13T12:00") == ("ana",)
        await night.says("ben", ben)
        assert (await night.texts("ben"))[-1:] == ["Too late for r Tue 09:00 to Wed 09:00: the question is closed. Nothing was changed."]

    live(tmp_path, story)


def test_who_said_no_may_still_say_yes_and_who_said_yes_no_until_it_is_made(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        await night.says("ben", f"{ben}N")
        await night.says("dev", dev, look=False)
        await night.says("dev", f"{dev}N", look=False)
        await night.says("ben", ben)
        assert night.on_call("2026-01-13T12:00") == ("ben",)

    live(tmp_path, story)


def test_who_said_no_hears_no_more_of_it(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        await night.says("ben", f"{ben}N")
        await night.texts("ben")
        await night.says("dev", dev)
        assert await night.texts("ben") == []

    live(tmp_path, story)


def test_who_says_yes_twice_keeps_the_first_place(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        for who, code in (("dev", dev), ("ben", ben), ("dev", dev)):
            night.at += timedelta(seconds=1)
            await night.says(who, code, look=False)
        await night.asking.look()
        assert night.on_call("2026-01-13T12:00") == ("dev",)

    live(tmp_path, story)


def test_a_no_while_the_yes_is_being_made_a_change_undoes_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is checked before the transaction is checked again in it."""

    async def story(night: Night) -> None:
        ben, _ = await asked(night)
        take = night.changing.take

        async def after_a_no(*given: Any, **more: Any) -> Any:
            await night.says("ben", f"{ben}N", look=False)
            return await take(*given, **more)

        monkeypatch.setattr(night.changing, "take", after_a_no)
        await night.says("ben", ben)
        assert night.on_call("2026-01-13T12:00") == ("ana",)
        assert await night.texts("ana") == []

    live(tmp_path, story)


def test_a_yes_in_time_counts_though_it_began_before_anybody_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It came while the look that ends the request was under way already."""

    async def story(night: Night) -> None:
        ben, _ = await asked(night)
        night.at = utc("2026-01-13T07:59:59")
        await night.says("ben", ben, look=False)
        night.at = utc("2026-01-13T08:00:01")
        with monkeypatch.context() as patch:
            patch.setattr("oncall.store.asks.said_yes", lambda _: ())
            await night.asking.look()
        assert await night.texts("ana") == []
        await night.asking.look()
        assert night.on_call("2026-01-13T08:00:01") == ("ben",)

    live(tmp_path, story)


def test_if_nobody_answers_before_it_begins_the_asker_is_told(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, _ = await asked(night)
        night.at = utc("2026-01-13T07:59")
        await night.asking.look()
        assert await night.texts("ana") == []
        night.at = utc("2026-01-13T08:00")
        await night.asking.look()
        assert await night.texts("ana") == ["Nobody took it: you are on call for r 09:00 to Wed 09:00."]
        assert await night.texts("ben") == []
        await night.says("ben", ben)
        assert await night.texts("ben") == ["Too late for r 09:00 to Wed 09:00: it has begun. Nothing was changed."]
        assert night.on_call("2026-01-13T12:00") == ("ana",)

    live(tmp_path, story)


def test_a_yes_at_the_minute_it_begins_is_too_late_also_before_anybody_looked(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, _ = await asked(night)
        night.at = utc("2026-01-13T08:00")
        await night.says("ben", ben)
        assert night.on_call("2026-01-13T12:00") == ("ana",)
        assert await night.texts("ben") == ["Too late for r 09:00 to Wed 09:00: it has begun. Nothing was changed."]

    live(tmp_path, story)


def test_cover_of_the_duty_that_runs_is_for_the_rest_of_it_and_may_be_taken_at_any_time(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.says("ana", "cover r")
        assert await night.texts("ana") == [
            "I ask Ben for cover of r 13:00 to Wed 09:00. Until somebody says yes you stay on call; I tell you who has it."
        ]
        night.at = utc("2026-01-13T20:00")
        await night.says("ben", await night.code("ben"))
        assert night.on_call("2026-01-13T19:00") == ("ana",)
        assert night.on_call("2026-01-13T21:00") == ("ben",)
        assert "Ben: you are not on call for r from 21:00 to Wed 09:00. Ben is." in await night.texts("ana")

    live(tmp_path, story, at="2026-01-13T12:00")


def test_who_is_away_by_the_time_of_the_yes_is_refused_and_the_others_may_still_say_yes(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, dev = await asked(night)
        night.handbook = book("away: [ben 2026-01-13 to 2026-01-13]\n")
        await night.says("ben", ben)
        assert await night.texts("ben") == ["Not taken, r Tue 09:00 to Wed 09:00: ben is away in that time. Ana stays on call."]
        assert night.on_call("2026-01-13T12:00") == ("ana",)
        await night.says("dev", dev)
        assert night.on_call("2026-01-13T12:00") == ("dev",)

    live(tmp_path, story)


def test_who_was_refused_may_say_yes_again_when_nothing_stands_against_it(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        ben, _ = await asked(night)
        night.handbook = book("away: [ben 2026-01-13 to 2026-01-13]\n")
        await night.says("ben", ben)
        night.handbook = book()
        await night.says("ben", ben)
        assert night.on_call("2026-01-13T12:00") == ("ben",)

    live(tmp_path, story)


def test_a_duty_that_is_somebody_elses_by_now_is_asked_of_nobody_any_more(tmp_path: Path) -> None:
    """An admin was faster: those who were asked are told, and ana, who was told then, is not told that she is on call."""

    async def story(night: Night) -> None:
        ben, _ = await asked(night)
        await night.put("dev", "2026-01-13T08:00", "2026-01-14T08:00")
        await night.texts("ana")
        await night.asking.look()
        assert await night.texts("ben") == ["No longer needed: r Tue 09:00 to Wed 09:00. Nothing for you to do."]
        assert await night.texts("ana") == []
        await night.says("ben", ben)
        assert (await night.texts("ben")) == ["Too late for r Tue 09:00 to Wed 09:00: the question is closed. Nothing was changed."]
        assert night.on_call("2026-01-13T12:00") == ("dev",)

    live(tmp_path, story)


def test_a_restart_between_question_and_answer_and_between_answer_and_change_loses_nothing(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.says("ana", "COVER r", look=False)
        await night.boot()
        await night.asking.look()
        ben = await night.code("ben")
        await night.boot()
        await night.says("ben", ben, look=False)
        await night.boot()
        assert night.on_call("2026-01-13T12:00") == ("ana",)
        await night.asking.look()
        assert night.on_call("2026-01-13T12:00") == ("ben",)
        await night.boot()
        await night.asking.look()
        assert night.on_call("2026-01-13T12:00") == ("ben",)
        assert (await night.texts("ana"))[1:] == ["Ben: you are not on call for r from Tue 09:00 to Wed 09:00. Ben is."]

    live(tmp_path, story)
