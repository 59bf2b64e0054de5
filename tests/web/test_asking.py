"""Cover by text over the real webhook: from the wish to who is on call, with a page in between that nothing delays."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from oncall.core.messages import Escalated
from oncall.core.model import Handbook, Person
from oncall.core.rota import Rotation, Shift, Turnholder
from oncall.core.schedule import on_call
from oncall.web.twilio import twilio_router
from tests.web.standing import ANA, BEN, HERE, Standing, handbook, logged_elsewhere, standing, wait_for
from tests.web.test_twilio import ACCOUNT, Twilio, held_by, paged

CHLOE = "+15125550106"


def three() -> Handbook:
    """Ana is on call; Ben and Chloe are in her ring."""
    book = handbook()
    chloe = Person(id="chloe", name="Chloe", phones=(CHLOE,), email=None, slack=None, language="en", timezone="UTC", place=HERE)
    ring = tuple(Turnholder(people=(who,), place=HERE) for who in ("ana", "ben", "chloe"))
    shift = Shift(name="always", ring=ring, handover=None, start=None, hours=None, timezone="UTC", place=HERE)
    return replace(book, people={**book.people, "chloe": chloe}, rotations={"support": Rotation(id="support", shifts=(shift,), place=HERE)})


def play(folder: Path, story: Callable[[Standing, Twilio], Awaitable[None]]) -> None:
    """Runs a story against the doors with Twilio's routes."""

    async def run() -> None:
        async with standing(folder, webhooks=(twilio_router(ACCOUNT),), handbook=three) as doors:
            await story(doors, Twilio(doors))

    with logged_elsewhere():
        asyncio.run(run())


async def texted(doors: Standing, number: str, part: str) -> str:
    """The first text to a number with these words, waited for."""
    await wait_for(lambda: any(part in one.text for one in doors.carrier.sent if one.address == number))
    return next(one.text for one in doors.carrier.sent if one.address == number and part in one.text)


def code_in(text: str) -> str:
    """The code that a text asks to reply with."""
    found = re.search(r"Reply (\d+) =", text)
    assert found, text
    return found.group(1)


def test_who_is_ill_asks_and_the_first_yes_has_it_at_once(tmp_path: Path) -> None:
    """The page after it goes to who said yes."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        assert await twilio.text("cover now to tomorrow 23:59", "SM1") == 200
        assert "I ask Ben, Chloe for cover of support" in await texted(doors, ANA, "Until somebody says yes you stay on call")
        ben, chloe = [code_in(await texted(doors, number, "Ana asks for cover of support")) for number in (BEN, CHLOE)]
        assert on_call(doors.parts.handbook(), "support", doors.parts.now()).people == ("ana",)
        assert await twilio.text(chloe, "SM2", CHLOE) == 200
        assert "Chloe is." in await texted(doors, ANA, "you are not on call for support")
        await texted(doors, BEN, "Settled: Chloe has support")
        assert on_call(doors.parts.handbook(), "support", doors.parts.now()).people == ("chloe",)
        await twilio.text(ben, "SM3", BEN)
        await texted(doors, BEN, "Too late for support")
        await doors.call("POST", "/v1/emergencies", {"summary": "Checkout is down"}, key="r" * 20)
        await texted(doors, CHLOE, "Checkout is down")
        assert not any("Checkout is down" in one.text for one in doors.carrier.sent if one.address == ANA)

    play(tmp_path, story)


def test_while_a_question_waits_a_page_needs_its_code_and_with_it_is_taken_at_once(tmp_path: Path) -> None:
    async def story(doors: Standing, twilio: Twilio) -> None:
        await twilio.text("COVER now to tomorrow 23:59", "SM1", ANA)
        question = code_in(await texted(doors, BEN, "Ana asks for cover"))
        await paged(doors)
        await doors.parts.engine.take(Escalated(at=doors.parts.now(), incident="1001", by="ana", how="cli"))
        code = code_in(await texted(doors, BEN, "Checkout is down"))
        assert code != question
        await twilio.text("ok", "SM2", BEN)
        words = await texted(doors, BEN, "A word alone could mean several things")
        assert words.endswith(f"{question} for support.")
        assert f"Reply with the code: {code} for SEV1" in words
        assert await held_by(doors) == ""
        await twilio.text(code, "SM3", BEN)
        assert await held_by(doors) == "ben"

    play(tmp_path, story)
