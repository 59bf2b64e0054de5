"""The demo: one emergency from the report to the customer's text, told in plain words as the handsets receive it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import oncall
from oncall import logs
from oncall.cli.output import Code, Failed, out
from oncall.daemon.refusal import StartRefused
from oncall.daemon.sandboxed import Inside, handbook_of, in_sandbox
from oncall.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from oncall.core.model import Handbook, Person
    from oncall.sandbox import Text

PATIENCE_S = 10.0
"""Real seconds beyond the sandbox's own pace in which a text must have come."""
LONGEST_WAIT_S = 15 * 60
"""Seconds of the sandbox's time that a step of the example's escalation waits at most."""
REPORT = {
    "summary": "Checkout is down, nobody can pay",
    "details": "Every card is refused since ten minutes ago.",
    "service": "checkout",
    "customer": "Northwind",
}


class Unfulfilled(Exception):
    """The story did not go as it must; says what was missing."""


async def play(speed: float, *, stay: bool) -> int:
    """Plays the story in a folder of its own; FINE only if the page was acknowledged and the customer was told."""
    forget_environment()
    with TemporaryDirectory(prefix="oncall-demo-") as folder, (Path(folder) / "daemon.log").open("w", encoding="utf-8") as log:
        logs.configure(stream=log)
        try:
            return await in_folder(Path(folder), speed, stay=stay)
        except (StartRefused, SettingsError) as error:
            raise Failed(Code.NO, "not_started", f"the demo could not start: {error}") from error
        finally:
            logs.configure(stream=sys.stderr)


def forget_environment() -> None:
    """A demo has nothing to do with what is set up on this machine: its accounts, its data, its watchdog."""
    for name in list(os.environ):
        if name.startswith("ONCALL_") or name in {"CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC"}:
            del os.environ[name]


def example() -> Path:
    """Where the example config/ and rotations/ are: beside the program, or where we stand."""
    beside = Path(oncall.__file__).parents[1]
    return beside if (beside / "rotations").is_dir() else Path()


async def in_folder(folder: Path, speed: float, *, stay: bool) -> int:
    """Runs sandbox and daemon with their state in `folder`, and the story beside them."""
    os.environ["STATE_DIRECTORY"] = str(folder)
    settings = load_settings(config=example() / "config", rotations=example() / "rotations", listen="127.0.0.1:0", socket=folder / "ctl.sock")
    async with in_sandbox(settings, speed) as inside:
        running = asyncio.create_task(inside.daemon.run())
        story = asyncio.create_task(told(inside, speed))
        await asyncio.wait({running, story}, return_when=asyncio.FIRST_COMPLETED)
        code = Code.NO
        if story.done():
            code = ending(story)
            if stay:
                out.say(f"\nIt goes on: reply on the handsets at {inside.page}, or report another emergency there. Ctrl-C ends it.")
                await running
            inside.daemon.stop()
        elif not running.cancelled() and running.exception() is None and running.result() == Code.FINE:
            code = Code.INTERRUPTED
        story.cancel()
        await asyncio.gather(story, return_exceptions=True)
        await running
        return code


def ending(story: asyncio.Task[None]) -> Code:
    """What the story came to."""
    error = story.exception()
    if error is None:
        return Code.FINE
    if not isinstance(error, Unfulfilled):
        raise error
    out.failed(Failed(Code.NO, "unfulfilled", f"the story did not end well: {error}"))
    return Code.NO


async def told(inside: Inside, speed: float) -> None:
    """The story. It looks at nothing but what the handsets received; Unfulfilled says what they did not."""
    await inside.daemon.started.wait()
    book = handbook_of(inside.settings)
    teller = Teller(inside, book, speed)
    out.say(f"The handsets are at {inside.page} (one second there is {1 / speed:.2g} s here).\n")
    teller.say("Northwind reports an emergency: " + REPORT["summary"])
    case = await report(inside)
    customer = inside.customer.number
    received = await teller.text("the customer is told that we have it", lambda: teller.first(customer, case))
    teller.hears("The customer", received)
    first, page = await teller.page("somebody is paged", set())
    teller.hears(first.name, page)
    teller.say(f"{first.name} sleeps on.")
    second, page = await teller.page("after silence the next step is paged", {first.id})
    teller.hears(second.name, page)
    code = reply_code(page)
    teller.say(f"{second.name} replies: {code}")
    await inside.sandbox.reply(second.phones[0], code)
    number = second.phones[0]
    teller.hears(second.name, await teller.text(f"{second.name} is told that it is theirs", lambda: teller.first(number, "Yours:")))
    teller.hears(first.name, await teller.text(f"{first.name} is stood down", lambda: teller.first(first.phones[0], "No more calls")))
    name = second.name.split()[0]
    teller.hears(
        "The customer", await teller.text(f"the customer is told that {name} has it", lambda: teller.first(customer, f"{name} has your case"))
    )
    teller.say("Acknowledged, and the customer knows who has it.")


async def report(inside: Inside) -> str:
    """Reports the emergency over the API as a customer's program would; the case reference."""
    import aiohttp

    body = {**REPORT, "contact": {"name": "Dana Example", "phone": inside.customer.number}}
    url = f"{inside.settings.base_url}/v1/emergencies"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers={"Authorization": f"Bearer {inside.key}"}) as response,
    ):
        answer = await response.json(content_type=None)
    if response.status != 202 or answer["status"] != "paging":
        raise Unfulfilled(f"the report was answered with {response.status}: {answer}")
    return str(answer["case"])


def reply_code(text: Text) -> str:
    """The code that the page says to reply with."""
    found = re.search(r"Reply (\d{2,3}) = take it", text.body)
    if found is None:
        raise Unfulfilled(f"the page has no code to reply with: {text.body}")
    return found[1]


class Teller:
    """Watches the handsets and prints what comes."""

    def __init__(self, inside: Inside, book: Handbook, speed: float) -> None:
        self._inside = inside
        self._book = book
        self._zone = ZoneInfo(book.timezone)
        self._patience_s = PATIENCE_S + LONGEST_WAIT_S / speed

    def say(self, words: str, at: datetime | None = None) -> None:
        """Prints a line with the sandbox's time."""
        out.say(f"{(at or self._inside.daemon.now()).astimezone(self._zone):%H:%M:%S}  {words}")

    def hears(self, who: str, text: Text) -> None:
        """Prints what a handset received."""
        self.say(f"{who}'s phone: {text.body}", text.at)

    def first(self, number: str, words: str) -> Text | None:
        """The first text to `number` that contains `words`."""
        return next((text for text in self._inside.sandbox.texts_to(number) if words in text.body), None)

    async def text(self, what: str, look: Callable[[], Text | None]) -> Text:
        """Waits for a text; Unfulfilled if it does not come."""
        try:
            async with asyncio.timeout(self._patience_s):
                while (found := look()) is None:  # noqa: ASYNC110 -- it looks as a person does; the sandbox has nothing to wait on
                    await asyncio.sleep(0.02)
                return found
        except TimeoutError as error:
            raise Unfulfilled(f"it never happened that {what}") from error

    async def page(self, what: str, but: set[str]) -> tuple[Person, Text]:
        """Waits until somebody else than `but` is paged: who, and the page."""
        people = {person.phones[0]: person for person in self._book.people.values() if person.phones and person.id not in but}

        def look() -> Text | None:
            return next((text for number in people if (text := self.first(number, "= take it")) is not None), None)

        page = await self.text(what, look)
        return people[page.to], page
