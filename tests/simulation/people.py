"""Who holds the handsets: people who are awake, slow, asleep, confused or passing it on, and customers who write back."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

from oncall.core.messages import ACTS
from tests.simulation.books import MANAGER, NAMES, RESORT, slack_of
from tests.simulation.carrier import Call, Delivery
from tests.simulation.world import World

CODE = re.compile(r"Reply (\d{2,4}) = (take|join|still)")
YOURS = re.compile(r"^(Yours|Already yours)")
NONSENSE = ("ok", "what?", "Liked “SEV1”", "47", "99N", "ALL", "yes", "who is this", "\U0001f44d", "STOP", "START")


class People:
    """Answers what arrives on handsets, by each person's temper of this night; in some nights nobody wakes at all."""

    def __init__(self, world: World, rng: random.Random, customers: set[str], *, nobody_wakes: bool) -> None:
        self._nobody_wakes = nobody_wakes
        self._world = world
        self._rng = rng
        self._customers = customers
        self._tempers: dict[str, str] = {}
        world.arrived = self.arrived
        world.rang = lambda call: world.beside(self._called(call))
        world.mailed = lambda words: world.beside(self._mailed(words))
        world.written = lambda delivery: world.beside(self._clicks(delivery))

    def arrived(self, number: str, words: str) -> None:
        """A text arrived."""
        if number in self._customers:
            self._world.beside(self._customer(number, words))
        else:
            self._world.beside(self._responder(number, words))

    def _temper(self, number: str) -> str:
        if self._nobody_wakes:
            return "asleep"
        return self._tempers.setdefault(number, self._rng.choice(["awake", "awake", "slow", "asleep", "confused", "passing", "forgetful"]))

    async def _responder(self, number: str, words: str) -> None:
        temper, code = self._temper(number), CODE.search(words)
        if code is not None and temper != "asleep":
            await asyncio.sleep(self._rng.uniform(5, 60) if temper != "slow" else self._rng.uniform(60, 900))
            await self._answer(number, temper, code.group(1))
        elif YOURS.match(words) and temper not in {"asleep", "forgetful"}:
            await self._finish(number, words)

    async def _answer(self, number: str, temper: str, code: str) -> None:
        """The reply to a page."""
        if temper == "confused":
            await self._world.say(number, self._rng.choice(NONSENSE), self._rng.choice(["staff", "staff", "staff", "customers"]))
            await asyncio.sleep(self._rng.uniform(5, 60))
        suffix = self._rng.choice(["N", "N", ""]) if temper == "passing" else self._rng.choice(["", "", "", " ok", "S5", "H", "?", " SEV1", " sev2"])
        await self._world.say(number, f"{code}{suffix}")

    async def _finish(self, number: str, words: str) -> None:
        """Whoever has it calls the customer, and closes it or hands it on."""
        found = re.search(r"(\d{2,4})D", words)
        if found is None:
            return
        code = found.group(1)
        await asyncio.sleep(self._rng.uniform(60, 1200))
        await self._world.say(number, f"{code}{self._rng.choice(['C', 'C', 'C', 'H', 'N', ' SEV3'])}")
        await asyncio.sleep(self._rng.uniform(60, 2400))
        await self._world.say(number, f"{code}{self._rng.choice(['D', 'D', 'D', 'N', '', ' SEV3'])}")

    async def _called(self, call: Call) -> None:
        """A telephone rings: answered and a key pressed, declined, left to the voicemail, or slept through."""
        temper = self._temper(call.number)
        await asyncio.sleep(self._rng.uniform(2, 15))
        if call.over():
            return
        if temper in {"asleep", "slow"}:
            call.ended = self._rng.choice(["", "", "busy", "completed"])
            return
        await asyncio.sleep(self._rng.uniform(3, 12))
        if call.over():
            return
        key = "2" if temper == "passing" else self._rng.choice(["7", "3", "*"]) if temper == "confused" else "1"
        await self._world.press(call, key)
        if temper == "confused":
            await asyncio.sleep(self._rng.uniform(3, 12))
            await self._world.press(call, self._rng.choice(["1", "1", "2", "6"]))
        call.ended = "completed"

    async def _clicks(self, delivery: Delivery) -> None:
        """Somebody sees a message in Slack and presses a button, whatever became of it meanwhile."""
        who = next((one for one in (*NAMES, MANAGER, RESORT) if slack_of(one) == delivery.outgoing.address), "")
        if not who or not delivery.outgoing.incident or self._rng.random() < 0.8 or self._nobody_wakes:
            return
        await asyncio.sleep(self._rng.uniform(5, 400))
        await self._world.act(self._rng.choice(["acknowledge", "acknowledge", "pass"]), who, delivery.outgoing.incident, how="slack")

    async def colleague(self) -> None:
        """Somebody at the command line, who does whatever comes to mind on whatever there is."""
        who = (*NAMES, MANAGER, RESORT)
        while True:
            await asyncio.sleep(self._rng.uniform(60, 1800))
            if not self._world.incidents:
                continue
            verb = self._rng.choice(tuple(ACTS))
            values: dict[str, dict[str, Any]] = {
                "snooze": {"minutes": self._rng.randint(1, 30)},
                "note": {"text": "looking at it"},
                "update": {"text": "We found the cause."},
                "reclassify": {"severity": self._rng.choice(["sev1", "sev2", "sev3"])},
            }
            await self._world.act(verb, self._rng.choice(who), self._rng.choice(self._world.incidents), **values.get(verb, {}))

    async def _customer(self, number: str, words: str) -> None:
        if self._rng.random() < 0.7:
            return
        await asyncio.sleep(self._rng.uniform(20, 600))
        answer = "URGENT" if "URGENT" in words else "REOPEN" if "REOPEN" in words else self._rng.choice(["are you there?", "it got worse", "urgent"])
        await self._world.say(number, answer, "customers")

    async def _mailed(self, words: str) -> None:
        """Somebody reads a mail and does what it offers, from a telephone that nobody knows."""
        offered = re.search(r"Text ((?:URGENT|REOPEN) \w{4}) to", words)
        if offered is None or self._rng.random() < 0.5:
            return
        await asyncio.sleep(self._rng.uniform(20, 600))
        await self._world.say(f"+3165550{self._rng.randint(5000, 5003)}", offered.group(1), "customers")
