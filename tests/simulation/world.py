"""One simulated night: the engine on virtual time, its store, its carrier, and the means to crash, fill, suspend and set back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from oncall.channels import Receipt
from oncall.core.invariants import Answered, Committed, Disturbed, Event
from oncall.core.messages import ACTS, Heard, HumanAct, LogEntry, MarkedUrgent, Reported
from oncall.core.model import Handbook
from oncall.core.publishing import Ways
from oncall.engine import Engine, Outcome, UnknownIncident, loop
from oncall.store import StoreUnavailable
from tests.simulation.carrier import Call, Carrier, Delivery
from tests.simulation.inline_store import InlineStore
from tests.simulation.loop import VirtualLoop

STATUSES = (("sent", "delivered"), ("delivered", "sent"), ("delivered", "delivered"), ("sent",), ())
"""What carriers say of texts that arrived: in any order, twice, or nothing."""
CUSTOMERS_LINE = "+15125550101"
RINGS_S = 20
"""Seconds a call rings before it is given up, below most voicemails."""

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""A Tuesday at two in the morning in Berlin."""
RECOVERY = timedelta(seconds=30)
"""After a crash or a full disk, leases have to run out before everything is in time again."""


def tasks() -> list[asyncio.Task[Any]]:
    """Everything that runs beside the caller, in the order of its beginning."""
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualLoop)
    return running.others()


class Crash(BaseException):
    """The process is gone, between two steps."""


class WorldClock:
    """The time of the world: it never goes back, even if the wall clock does; then it stands still until the wall has caught up."""

    speed = 1.0

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._mark = START

    def now(self) -> datetime:
        """The time, UTC."""
        self._mark = max(self._mark, START + timedelta(seconds=asyncio.get_running_loop().time()) + self._offset)
        return self._mark

    def jump(self, by: timedelta) -> None:
        """The wall clock is set."""
        self._offset += by


class World:
    """A world around one engine, with a carrier for each of `ways`.

    `texts` are the texts that arrived on handsets, as (number, words); `calls` those that rang; `messages` those in Slack; `mails` those
    in mailboxes.
    """

    def __init__(self, rng: random.Random, book: Handbook, ways: tuple[str, ...] = ("sms", "voice", "slack")) -> None:
        # A tight safety net would hide a missing wake, and costs most of the time.
        loop.SAFETY_NET_S = 30.0
        structlog.configure(processors=[lambda _logger, _method, _event: (_ for _ in ()).throw(structlog.DropEvent)])
        self.rng = rng
        self.book = book
        self.clock = WorldClock()
        self.history: list[Event] = []
        self.incidents: list[str] = []
        self.texts: list[tuple[datetime, str, str]] = []
        self.calls: list[Call] = []
        self.messages: list[tuple[datetime, str, str]] = []
        self.mails: list[tuple[datetime, str, str]] = []
        self.arrived: Callable[[str, str], None] = lambda number, words: None
        self.rang: Callable[[Call], None] = lambda call: None
        self.written: Callable[[Delivery], None] = lambda delivery: None
        self.mailed: Callable[[str], None] = lambda words: None
        self.receipts = True
        self.statuses: tuple[tuple[str, ...], ...] = STATUSES
        self.one_line = False
        self.crash_chance: Callable[[str], bool] = lambda point: False
        self.crashes = 0
        self.store = InlineStore(self._committed, self._crash_point)
        self.carriers = {way: Carrier(way, rng, self.clock.now, self.history.append, self._on_its_way) for way in ways}
        self.engine: Engine | None = None
        self._running: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()

    def _committed(self, entry: LogEntry) -> None:
        self.history.append(Committed(at=self.clock.now(), entry=entry))
        if entry.decision.incident.id not in self.incidents:
            self.incidents.append(entry.decision.incident.id)

    # Life and death of the process

    def boot(self) -> None:
        """Starts a daemon over whatever is in the store."""
        self.engine = Engine(
            store=self.store,
            clock=self.clock,
            handbook=lambda: self.book,
            channels=self.carriers,
            crash_point=self._crash_point,
            one_line=self.one_line,
            reached=Ways(phone=CUSTOMERS_LINE),
        )
        self._running = asyncio.create_task(self.engine.run(), name="engine")

    def _crash_point(self, point: str) -> None:
        if self.crash_chance(point):
            self.crash()
            raise Crash(point)

    def crash(self) -> None:
        """kill -9: whatever was under way is gone; it boots again after a while."""
        if self.engine is None:
            return
        self.crashes += 1
        self.engine = None
        for task in tasks():
            if task.get_name().startswith(("engine", "send ", "take")):
                task.cancel()
        pause_s = self.rng.uniform(0.5, 8)
        now = self.clock.now()
        self.history.append(Disturbed(at=now, until=now + timedelta(seconds=pause_s) + RECOVERY))
        self.beside(self._boot_after(pause_s))

    async def _boot_after(self, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        self.boot()

    def beside(self, work: object) -> None:
        """Runs something of the world that no crash of the daemon ends."""
        assert asyncio.iscoroutine(work)
        task = asyncio.create_task(work, name="world")
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def full_disk(self, seconds: float) -> None:
        """Nothing can be committed for a while."""
        now = self.clock.now()
        self.history.append(Disturbed(at=now, until=now + timedelta(seconds=seconds) + RECOVERY))
        self.store.full = True
        await asyncio.sleep(seconds)
        self.store.full = False

    def hiccup(self) -> bool:
        """One commit fails; what was under way in it is found again by its lease."""
        now = self.clock.now()
        self.history.append(Disturbed(at=now, until=now + RECOVERY))
        return True

    def jump(self, by: timedelta) -> None:
        """The wall clock jumps."""
        now = self.clock.now()
        self.history.append(Disturbed(at=now, until=now + abs(by) + RECOVERY))
        self.clock.jump(by)
        if self.engine is not None:
            self.engine.wake()

    async def end(self) -> datetime:
        """Stops everything; the time at which it ended."""
        end = self.clock.now()
        for task in tasks():
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return end

    # The doors

    async def take(self, fact: Reported | HumanAct | MarkedUrgent | Heard | Receipt, key: str = "") -> Outcome | None:
        """A door: None if the daemon is not there or dies over it, or cannot store it."""
        if self.engine is None:
            return None
        try:
            outcome = await self.engine.take(fact, key=key)
        except (Crash, StoreUnavailable):
            return None
        except asyncio.CancelledError:
            mine = asyncio.current_task()
            if mine is not None and mine.cancelling():
                raise
            return None
        if outcome.incident:
            status = "" if outcome.repeated else outcome.status
            self.history.append(Answered(at=self.clock.now(), incident=outcome.incident, status=status, held_by=outcome.held_by))
        return outcome

    async def report(self, report: Reported, key: str) -> Outcome:
        """A reporter who sends the same report until it is confirmed."""
        while True:
            outcome = await self.take(replace(report, at=self.clock.now()), key)
            if outcome is not None:
                return outcome
            await asyncio.sleep(3)

    async def say(self, number: str, words: str, line: str = "staff") -> Outcome | None:
        """A handset texts us; the carrier tries the webhook twice, as Twilio does."""
        reference = f"IN{self.rng.getrandbits(48):012x}"
        for _ in range(2):
            at, seed = self.clock.now(), f"{self.rng.getrandbits(128):032x}"
            heard = Heard(at=at, seed=seed, way="sms", sender=number, line=line, text=words, reference=reference)
            outcome = await self.take(heard, f"sms:{reference}")
            if outcome is not None:
                return outcome
            await asyncio.sleep(5)
        return None

    async def act(self, verb: str, who: str, incident: str, *, how: str = "cli", **more: Any) -> Outcome | None:
        """Somebody acts at the command line or in Slack; whoever gets no answer tries again by hand, so once is enough here."""
        try:
            return await self.take(ACTS[verb](at=self.clock.now(), incident=incident, by=who, how=how, **more))
        except UnknownIncident:
            return None

    def _on_its_way(self, delivery: Delivery) -> None:
        self.beside(self._arrive(delivery))

    async def _arrive(self, delivery: Delivery) -> None:
        """A message reaches its handset, and receipts come: late, twice, in any order, or not at all."""
        await asyncio.sleep(self.rng.uniform(0.02, 4))
        if delivery.way == "voice":
            await self._ring(delivery)
            return
        if delivery.way == "slack":
            if delivery.arrives:
                self.messages.append((self.clock.now(), delivery.outgoing.address, delivery.outgoing.text))
                self.written(delivery)
            return
        if delivery.way == "email":
            if delivery.arrives:
                self.mails.append((self.clock.now(), delivery.outgoing.address, delivery.outgoing.text))
                self.mailed(delivery.outgoing.text)
            return
        if not delivery.arrives:
            if self.receipts and self.rng.random() < 0.5:
                await self._receipt(delivery, "undelivered")
            return
        number, words = delivery.outgoing.address, delivery.outgoing.text
        self.texts.append((self.clock.now(), number, words))
        self.arrived(number, words)
        for status in self.rng.choice(self.statuses):
            await asyncio.sleep(self.rng.uniform(0, 3))
            await self._receipt(delivery, status)

    @property
    def carrier(self) -> Carrier:
        """The carrier of texts."""
        return self.carriers["sms"]

    async def _ring(self, delivery: Delivery) -> None:
        """A call rings until somebody answers, it is ended by us, or its time is over; its end is told late, twice, or not at all."""
        call = Call(delivery=delivery, at=self.clock.now(), number=delivery.outgoing.address)
        if delivery.arrives:
            self.calls.append(call)
            self.rang(call)
        for _ in range(RINGS_S):
            await asyncio.sleep(1)
            if delivery.provider_id in self.carriers["voice"].hung_up:
                call.ended = call.ended or "canceled"
            if call.ended:
                break
        call.ended = call.ended or "no-answer"
        for _ in range(self.rng.choice([1, 1, 1, 2, 0]) if self.receipts else 1):
            await asyncio.sleep(self.rng.uniform(0, 3))
            await self._receipt(delivery, call.ended)

    async def press(self, call: Call, key: str) -> Outcome | None:
        """Somebody who answered a call of ours presses a key; the carrier asks once more if we do not answer."""
        call.pressed += 1
        reference = f"{call.delivery.provider_id}:{call.pressed}"
        for _ in range(2):
            at, seed = self.clock.now(), f"{self.rng.getrandbits(128):032x}"
            about = call.delivery.outgoing.url_key
            heard = Heard(at=at, seed=seed, way="voice", sender=call.number, line="staff", text=key, reference=reference, about=about)
            outcome = await self.take(heard, f"voice:{reference}")
            if outcome is not None:
                return outcome
            await asyncio.sleep(5)
        return None

    async def _receipt(self, delivery: Delivery, status: str) -> None:
        failed = status == "undelivered"
        reason, broken = ("30003 unreachable", self.rng.random() < 0.3) if failed else ("", False)
        await self.take(Receipt(at=self.clock.now(), url_key=delivery.outgoing.url_key, status=status, reason=reason, way_broken=broken))
