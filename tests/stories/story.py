"""The words that stories are told in: report, after, expect, reply; beneath them is the simulated world without any chance."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from oncall.core.invariants import check
from oncall.core.messages import ACTS, Contact, Incident, LogEntry, Reported
from oncall.core.model import Handbook
from oncall.engine import Outcome
from oncall.store import incidents, log
from tests.simulation.books import handbook_of, number_of, slack_of
from tests.simulation.carrier import Call
from tests.simulation.run import on_virtual_time
from tests.simulation.world import World

CUSTOMER = "+31655501234"
LADDER = ["{page: ana, wait: 5m}", "{page: ben, wait: 5m}", "{page: [priya], wait: 10m}"]
"""Ana, five minutes, Ben, five minutes, the manager Priya; behind them the last resort Mats."""


class Story:
    """One night. Numbers are `customer` or a person's id; each text is expected once, in the order of its arrival."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._read: dict[str, int] = {}
        self._reports = 0

    async def report(
        self,
        summary: str = "Checkout is down",
        *,
        by: str = CUSTOMER,
        key: str = "",
        dedup_key: str = "",
        severity: str = "",
        channel: str = "api",
        email: str = "",
    ) -> Outcome:
        """The customer reports an emergency, `by` this number, over `channel`."""
        self._reports += 1
        report = Reported(
            at=self.world.clock.now(),
            seed=f"{self._reports:032x}",
            source="api",
            channel=channel,
            summary=summary,
            severity=severity,
            contact=Contact(name="Northwind", phone=by, email=email),
            dedup_key=dedup_key,
        )
        outcome = await self.world.report(report, key or f"api:story:{self._reports}")
        await self.after(seconds=6)
        return outcome

    async def after(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Time passes."""
        await asyncio.sleep(timedelta(minutes=minutes, seconds=seconds).total_seconds())

    def texts(self, who: str) -> list[str]:
        """Everything that arrived on a handset, oldest first."""
        number = who if who.startswith("+") else CUSTOMER if who == "customer" else number_of(who)
        return [words for _, to, words in self.world.texts if to == number]

    def expect(self, who: str, part: str) -> str:
        """The next unread text of `who` has `part` in it."""
        unread = self.texts(who)[self._read.get(who, 0) :]
        for skipped, words in enumerate(unread, start=1):
            if part in words:
                self._read[who] = self._read.get(who, 0) + skipped
                return words
        raise AssertionError(f"{who} has no new text with {part!r}; unread: {unread}; all: {self.texts(who)}")

    def subjects(self, address: str) -> list[str]:
        """The subjects of everything that arrived in a mailbox, oldest first."""
        return [words.partition("\n")[0] for _, to, words in self.world.mails if to == address]

    def expect_page(self, who: str) -> str:
        """`who` is paged now; returns the code."""
        words = self.expect(who, "Reply ")
        found = re.search(r"Reply (\d{2,4}) =", words)
        assert found, words
        return found.group(1)

    def expect_silence(self, who: str) -> None:
        """Nothing new came to `who`."""
        unread = self.texts(who)[self._read.get(who, 0) :]
        assert not unread, f"{who} got {unread}"

    async def reply(self, who: str, words: str) -> Outcome:
        """A handset texts us: responders the staff number, everybody else the customers'."""
        number = who if who.startswith("+") else CUSTOMER if who == "customer" else number_of(who)
        line = "customers" if number == CUSTOMER else "staff"
        # Whoever hears nothing, because the daemon was just dead, says it once more.
        outcome = await self.world.say(number, words, line) or await self.world.say(number, words, line)
        assert outcome is not None
        await self.after(seconds=6)
        return outcome

    def expect_call(self, who: str) -> Call:
        """The telephone of `who` rings now."""
        ringing = [call for call in self.world.calls if call.number == number_of(who) and not call.over()]
        assert ringing, f"{who}'s telephone does not ring; calls so far: {[(call.number, call.at, call.ended) for call in self.world.calls]}"
        return ringing[-1]

    def expect_no_call(self, who: str) -> None:
        """The telephone of `who` is silent."""
        assert not [call for call in self.world.calls if call.number == number_of(who) and not call.over()]

    async def press(self, call: Call, key: str) -> Outcome:
        """Somebody answers the call and presses a key."""
        outcome = await self.world.press(call, key)
        assert outcome is not None
        call.ended = call.ended or "completed"
        await self.after(seconds=6)
        return outcome

    async def voicemail(self, call: Call) -> None:
        """A voicemail answers the call, and hears our words to their end."""
        call.ended = "completed"
        await self.after(seconds=6)

    def messages(self, who: str) -> list[str]:
        """Everything that was written to `who` in Slack."""
        return [words for _, to, words in self.world.messages if to == slack_of(who)]

    async def click(self, verb: str, who: str, incident: str = "1001") -> Outcome:
        """Somebody presses a button in Slack."""
        outcome = await self.world.act(verb, who, incident, how="slack")
        assert outcome is not None
        await self.after(seconds=6)
        return outcome

    async def act(self, verb: str, who: str, incident: str = "1001") -> Outcome:
        """Somebody acts by the command line."""
        outcome = await self.world.take(ACTS[verb](at=self.world.clock.now(), incident=incident, by=who, how="cli"))
        assert outcome is not None
        await self.after(seconds=6)
        return outcome

    def incident(self, reference: str = "1001") -> Incident:
        """The incident as it stands."""
        found = self.world.store.look(lambda conn: incidents.load(conn, reference))
        assert found is not None
        return found

    def history(self, reference: str = "1001") -> list[LogEntry]:
        """Its log, whose chain is whole."""
        turn = self.incident(reference).turn
        assert self.world.store.look(lambda conn: log.verify(conn, reference, turn)) == []
        return self.world.store.look(lambda conn: log.history(conn, reference))


def tell(
    night: Callable[[Story], Coroutine[Any, Any, None]],
    book: Handbook | None = None,
    *,
    ways: tuple[str, ...] = ("sms",),
    checked: bool = True,
) -> None:
    """Plays a story with the channels `ways`, and lets the checker look at it as well, unless the story breaks the engine itself."""

    async def play() -> None:
        world = World(random.Random(1), book or handbook_of(["ana", "ben", "chloe"], LADDER), ways)
        world.receipts = False
        # With a telephone in play, a text without a receipt would ring it sooner.
        world.statuses = (("delivered",),) if "voice" in ways else ((),)
        world.boot()
        await asyncio.sleep(0.01)
        story = Story(world)
        await night(story)
        end = await world.end()
        await world.store.close()
        found = [str(violation) for violation in check(world.history, end)] if checked else []
        assert not found, found

    on_virtual_time(play())
