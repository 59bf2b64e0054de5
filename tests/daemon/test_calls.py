"""A telephone rings and a key answers it: the real daemon, the real SDK, real HTTP, and a telephone that follows the TwiML."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from oncall.sandbox import Call
from tests.daemon.process import Machine, eventually, machine, telephones

SPEED = 20.0
"""How much faster telephones ring and speak than people's."""


def play(folder: Path, story: Callable[[Machine, Call], Awaitable[None]], prepare: Callable[[Machine], None] = lambda _: None) -> None:
    """A machine whose people are called at once; an emergency is reported, and a telephone rings."""

    async def run() -> None:
        async with machine(folder, SPEED) as one:
            people = folder / "config" / "people.yaml"
            people.write_text(people.read_text().replace(", email:", ", reach: [sms + call, call after 2m], email:"))
            prepare(one)
            await one.start()
            await one.report()
            await story(one, await first_call(one))

    asyncio.run(run())


async def first_call(one: Machine) -> Call:
    """The first call to anybody."""
    numbers = [each.number for each in telephones()]
    return await eventually(lambda: next((call for number in numbers for call in one.sandbox.calls_to(number)), None))


async def field(one: Machine, name: str, value: object) -> None:
    """Waits until a field of the incident has a value."""
    async with asyncio.timeout(20):
        while (await one.incident("1001"))[name] != value:  # noqa: ASYNC110 -- what is waited for happens in another process
            await asyncio.sleep(0.05)


async def at(call: Call, *statuses: str) -> None:
    """Waits until a call has one of the statuses."""
    await eventually(lambda: call.status if call.status in statuses else None)


def said(call: Call) -> str:
    """All that was said in a call."""
    return " ".join(line.words for line in call.lines if line.kind == "said")


def test_a_page_rings_a_telephone_and_speaks_and_a_key_takes_it(tmp_path: Path) -> None:
    """From the report to the holder."""

    async def story(one: Machine, call: Call) -> None:
        await at(call, "ringing")
        await one.sandbox.answer(call.to)
        await one.sandbox.press(call.to, "1")
        await field(one, "status", "acknowledged")
        await at(call, "completed")
        words = said(call)
        assert words.startswith("Emergency page from ")
        assert "You have it. The customer is told now. " in words
        (who,) = [each.id for each in telephones() if each.number == call.to]
        assert (await one.incident("1001"))["held_by"] == who

    play(tmp_path, story)


def test_a_voicemail_that_answers_takes_nothing(tmp_path: Path) -> None:
    """It hears everything, and the incident stays open."""

    def mailboxes(one: Machine) -> None:
        for each in telephones():
            one.sandbox.set_behaviour(each.number, "voicemail answers")

    async def story(one: Machine, call: Call) -> None:
        await at(call, "completed")
        incident = await one.incident("1001")
        assert (incident["status"], incident["held_by"]) == ("open", "")
        assert "No key pressed." in said(call)

    play(tmp_path, story, mailboxes)


def test_a_telephone_that_rings_is_silent_as_soon_as_somebody_else_takes_it(tmp_path: Path) -> None:
    """The call is ended at the provider."""

    async def story(one: Machine, call: Call) -> None:
        await at(call, "ringing")
        (other, *_) = [each.id for each in telephones() if each.number != call.to]
        assert await one.act("1001", "acknowledge", other) == 200
        await at(call, "canceled")

    play(tmp_path, story)
