"""Notices of duty and of gaps that carry a code: confirmed, handed on, taken; each as long as it is true."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from oncall.core.asks import Ask
from oncall.core.model import Handbook
from oncall.store import asks
from tests.core.rotas import utc
from tests.core.test_cover import DAILY, book
from tests.engine.night import Night, live

HOLE = DAILY.replace("}", ", hours: 'mon-sat 00:00-24:00'}")


def holed(more: str = "") -> Handbook:
    """Nobody is on call for r on Sundays; ben, chloe and dev are admins, and dev has Monday."""
    return replace(book(more, ring=HOLE), admins=("ben", "chloe", "dev"))


async def pass_time(night: Night, until: str) -> None:
    """The chore is called at that time, as it was a minute before."""
    night.at = utc(until)
    await night.duty.tell()


def code_in(text: str) -> str:
    """The code that a text asks to reply with."""
    found = re.search(r"Reply (\d+) ", text)
    assert found, text
    return found.group(1)


async def questions(night: Night, who: str) -> list[Ask]:
    """The first questions to somebody, in order."""
    found = await night.store.tx(lambda conn: [asks.load(conn, number) for number in range(1, 30)])
    return [one for one in found if one is not None and one.person == who]


async def told_of_tuesday(night: Night) -> str:
    """Ana is told on Monday morning that she has Tuesday; her code."""
    await night.duty.tell()
    await pass_time(night, "2026-01-12T08:00")
    (text,) = [text for text in await night.texts("ana") if "you have r " in text]
    return code_in(text)


def test_the_notice_of_tomorrow_names_the_backup_and_how_to_confirm_or_ask_for_cover(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.duty.tell()
        await pass_time(night, "2026-01-12T08:00")
        (text,) = [text for text in await night.texts("ana") if "you have r " in text]
        code = code_in(text)
        assert text == f"On call: you have r from Tue 09:00 to Wed 09:00, backup Dev. Reply {code} to confirm, {code}S to ask for cover."

    live(tmp_path, story, at="2026-01-12T07:59")


def test_a_confirmation_is_kept_and_who_gave_it_is_not_asked_again(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        code = await told_of_tuesday(night)
        await night.says("ana", f"{code} ok")
        assert await night.texts("ana") == ["Noted: you know that you have r Tue 09:00 to Wed 09:00."]
        (kept,) = await night.store.tx(lambda conn: asks.confirmed(conn, night.at))
        assert (kept.person, kept.span.rotation, kept.how, kept.answered_at) == ("ana", "r", "sms", night.at)
        await pass_time(night, "2026-01-13T08:00")
        assert "You are on call for r until Wed 09:00, backup Dev." in await night.texts("ana")

    live(tmp_path, story, at="2026-01-12T07:59")


def test_who_did_not_confirm_is_asked_when_it_begins_and_for_an_hour(tmp_path: Path) -> None:
    """Later a bare word to a page is a page's again, and the code confirms all the same."""

    async def story(night: Night) -> None:
        await told_of_tuesday(night)
        await pass_time(night, "2026-01-13T08:00")
        (text,) = [text for text in await night.texts("ana") if "until Wed" in text and "In 15" not in text]
        code = code_in(text)
        assert text == f"You are on call for r until Wed 09:00, backup Dev. Reply {code} = I have it."
        mine = next(one for one in await questions(night, "ana") if one.code == code)
        assert [mine.waits(utc("2026-01-13T08:59")), mine.waits(utc("2026-01-13T09:00"))] == [True, False]
        night.at = utc("2026-01-13T21:00")
        await night.says("ana", code)
        assert await night.texts("ana") == ["Noted: you know that you have r 09:00 to Wed 09:00."]

    live(tmp_path, story, at="2026-01-12T07:59")


def test_who_confirmed_may_still_ask_for_cover_of_exactly_that(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        code = await told_of_tuesday(night)
        await night.says("ana", code)
        await night.texts("ana")
        await night.says("ana", f"{code}S")
        assert await night.texts("ana") == [
            "I ask Ben, Dev for cover of r Tue 09:00 to Wed 09:00. Until somebody says yes you stay on call; I tell you who has it."
        ]
        assert await night.store.tx(lambda conn: asks.confirmed(conn, night.at)) == ()
        await night.says("ben", await night.code("ben"))
        assert night.on_call("2026-01-13T12:00") == ("ben",)
        await night.texts("ana")
        await night.says("ana", code)
        assert await night.texts("ana") == ["Too late for r Tue 09:00 to Wed 09:00: it is not yours any more. Nothing was changed."]

    live(tmp_path, story, at="2026-01-12T07:59")


def test_no_to_ones_own_duty_is_no_answer(tmp_path: Path) -> None:
    """Nobody leaves by saying so; the way to do it is named."""

    async def story(night: Night) -> None:
        code = await told_of_tuesday(night)
        await night.says("ana", f"{code}N")
        assert await night.texts("ana") == [f"You stay on call for r Tue 09:00 to Wed 09:00. To ask for cover reply {code}S."]
        assert night.on_call("2026-01-13T12:00") == ("ana",)

    live(tmp_path, story, at="2026-01-12T07:59")


def test_after_the_duty_its_code_says_that_it_is_over(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.duty.tell()
        await pass_time(night, "2026-01-13T08:00")
        code = next(one.code for one in await questions(night, "ana") if one.about == "duty_begins" and one.span.rotation == "r")
        night.at = utc("2026-01-14T08:00")
        await night.texts("ana")
        await night.says("ana", code)
        assert await night.texts("ana") == ["Too late for r Tue 09:00 to 09:00: it is over. Nothing was changed."]

    live(tmp_path, story, at="2026-01-13T07:59")


def test_the_question_about_a_duty_ends_with_the_yes_of_who_covers_it(tmp_path: Path) -> None:
    """Ana did not confirm; what is ben's now must not stand in the way of her bare words."""

    async def story(night: Night) -> None:
        await told_of_tuesday(night)
        await night.says("ana", "COVER r")
        await night.says("ben", await night.code("ben"))
        assert not [one for one in await questions(night, "ana") if one.span.rotation == "r" and one.waits(night.at)]

    live(tmp_path, story, at="2026-01-12T07:59")


def test_an_edit_that_moves_the_time_of_a_notice_does_not_repeat_it(tmp_path: Path) -> None:
    """In Chicago ana is told on Sunday evening; then her entry says Berlin, where Monday morning is the time."""
    ana = book().people["ana"]
    away = replace(book(), people={**book().people, "ana": replace(ana, timezone="America/Chicago")})

    async def story(night: Night) -> None:
        await night.duty.tell()
        await pass_time(night, "2026-01-12T00:00")
        assert len([text for text in await night.texts("ana") if "you have r " in text]) == 1
        night.handbook = book()
        await pass_time(night, "2026-01-12T08:00")
        assert [text for text in await night.texts("ana") if "you have r " in text] == []

    live(tmp_path, story, at="2026-01-11T23:59", handbook=away)


def test_a_companys_own_text_without_a_code_tells_and_asks_nothing(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.duty.tell()
        await pass_time(night, "2026-01-12T08:00")
        assert "Your turn: r" in await night.texts("ana")
        assert "duty_tomorrow" not in [one.about for one in await questions(night, "ana")]

    live(tmp_path, story, at="2026-01-12T07:59", handbook=replace(book(), texts={"en": {"duty_tomorrow": "Your turn: {list}"}}))


def test_an_admin_takes_a_gap_by_its_code(tmp_path: Path) -> None:
    """The others hear of the change as of any other, and not again of the gap."""

    async def story(night: Night) -> None:
        await night.duty.tell()
        codes = {who: code_in((await night.texts(who))[0]) for who in ("ben", "chloe")}
        (text,) = await night.texts("dev")
        code = code_in(text)
        assert text == (
            f"Nobody is on call for r from Sun 00:00 to Mon 00:00. Reply {code} = I take it, {code}N = no; or put somebody there. See: oncall check"
        )
        await night.says("ben", codes["ben"])
        assert night.on_call("2026-01-11T12:00") == ("ben",)
        assert await night.texts("ben") == ["Ben put you on call for r from Sun 00:00 to Mon 00:00."]
        assert await night.texts("chloe") == ["Ben changed who is on call for r from Sun 00:00 to Mon 00:00: Ben instead of nobody."]
        await night.says("chloe", codes["chloe"])
        assert (await night.texts("chloe"))[-1] == "Too late for r Sun 00:00 to Mon 00:00: Ben has it. Nothing was changed."
        await pass_time(night, "2026-01-10T13:00")
        assert [await night.texts(who) for who in ("ben", "chloe")] == [[], []]

    live(tmp_path, story, handbook=holed())


def test_of_two_admins_at_once_one_has_the_gap(tmp_path: Path) -> None:
    """Added beside each other both would be on call, and each would believe to be the only one."""

    async def story(night: Night) -> None:
        await night.duty.tell()
        for who in ("chloe", "ben"):
            night.at += timedelta(milliseconds=1)
            await night.says(who, code_in((await night.texts(who))[0]), look=False)
        await asyncio.gather(night.asking.look(), night.asking.look())
        assert night.on_call("2026-01-11T12:00") == ("chloe",)

    live(tmp_path, story, handbook=holed())


def test_who_would_have_no_rest_is_refused_the_gap_and_the_others_may_take_it(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.duty.tell()
        ben, dev = [code_in((await night.texts(who))[0]) for who in ("ben", "dev")]
        await night.says("dev", dev)
        assert await night.texts("dev") == ["Not taken, r Sun 00:00 to Mon 00:00: dev ends 'r' at 2026-01-12 00:00 and begins 'r' 9 h later."]
        await night.says("ben", ben)
        assert night.on_call("2026-01-11T12:00") == ("ben",)

    live(tmp_path, story, handbook=holed())


def test_a_gap_that_the_files_close_is_asked_about_no_more(tmp_path: Path) -> None:
    async def story(night: Night) -> None:
        await night.duty.tell()
        code = code_in((await night.texts("ben"))[0])
        night.handbook = replace(book(), admins=("ben", "chloe", "dev"))
        await night.asking.look()
        assert not [one for one in await questions(night, "ben") if one.about == "gap_ahead" and one.waits(night.at)]
        await night.says("ben", code)
        assert await night.texts("ben") == ["Too late for r Sun 00:00 to Mon 00:00: the question is closed. Nothing was changed."]

    live(tmp_path, story, handbook=holed())


def test_a_gap_that_all_decline_stays_asked(tmp_path: Path) -> None:
    """It is still there, and whoever thinks again may take it."""

    async def story(night: Night) -> None:
        await night.duty.tell()
        codes = {who: code_in((await night.texts(who))[0]) for who in ("ben", "chloe", "dev")}
        for who, code in codes.items():
            await night.says(who, f"{code}N")
        await night.says("ben", codes["ben"])
        assert night.on_call("2026-01-11T12:00") == ("ben",)

    live(tmp_path, story, handbook=holed())
