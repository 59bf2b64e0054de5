"""The engine: take() for the doors, and the loop that lets time come and sends what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import Connection

from oncall.channels import TO_CUSTOMERS_ONLY, Channel, ChannelError, ResultUnknown
from oncall.core.escalation import still_wanted
from oncall.core.messages import Heard, Order, Reported
from oncall.core.model import Handbook
from oncall.core.publishing import NO_WAYS, Ways
from oncall.engine import sending
from oncall.engine.alarms import admins, last_resort, trouble
from oncall.engine.desk import Decided, Desk
from oncall.engine.outcome import Clock, Counts, Outcome, Uncounted
from oncall.engine.outcry import Outcry
from oncall.engine.sending import SEND_LIMIT_S, Result, Sending, Turn
from oncall.engine.taking import Taken, TakenFact, take, with_claims
from oncall.store import Lane, Store, StoreUnavailable, outbox

log = structlog.get_logger(__name__)

SENDS_AT_ONCE = 50
"""Sends under way at one time; more wait in the outbox, the urgent first."""
ROOM_AGAIN = SENDS_AT_ONCE // 2
"""In a crowd the next orders are claimed when only so many sends are under way: many in one commit, not one by one."""
SAFETY_NET_S = 1.0
"""The loop looks at least this often (real seconds), should a wake ever be missed (decisions.md 12)."""
STORE_AGAIN_S = 1.0
"""Pause before a store that could not be written is tried again."""
STOP_LIMIT_S = 3.0
"""How long a stop waits for sends under way; what is not settled by then is found by its lease after the restart."""


def never_crash(_point: str) -> None:
    """The crash point of a process that is not being tested."""


class Engine:
    """Facts in, orders out. Everything is built outside and passed in; `crash_point` is called by name between the steps of the walk."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        handbook: Callable[[], Handbook],
        channels: Mapping[str, Channel],
        one_line: bool = False,
        reached: Ways = NO_WAYS,
        counts: Counts | None = None,
        crash_point: Callable[[str], None] = never_crash,
    ) -> None:
        self._store, self._clock = store, clock
        self._handbook = handbook
        self._channels = channels
        self._one_line, self._reached = one_line, reached
        self._counts = counts or Uncounted()
        self._crash_point = crash_point
        self._outcry = Outcry(clock, handbook, channels)
        self._woken = asyncio.Event()
        self._stopping = False
        self._asleep_until: datetime | None = None
        self._crowded = False
        """More is due than may be sent at one time."""
        self._sends: dict[str, tuple[Sending, asyncio.Task[None]]] = {}
        self._takes: set[asyncio.Task[Outcome]] = set()
        self._stood_down: set[str] = set()
        self.asked = asyncio.Event()
        """Set when somebody asked for cover, or answered such a question: engine.asking makes something of it."""
        self.last_turn: datetime | None = None
        """When the last turn of the loop went through the store; the watchdog is fed from it."""
        self.turns = 0
        """How many turns went through the store."""

    # The doors

    async def take(self, fact: TakenFact, *, key: str = "", same_as: str = "") -> Outcome:
        """Stores `fact` once per `key`, decides it and says, after the commit, what came of it.

        `same_as`: a digest of sender and body for reports without a key of their own. UnknownIncident, StoreUnavailable.
        Whoever stops waiting changes nothing: what is committed is sent.
        """
        task = asyncio.create_task(self._take(fact, key, same_as), name="take")
        self._takes.add(task)
        task.add_done_callback(self._takes.discard)
        return await asyncio.shield(task)

    async def _take(self, fact: TakenFact, key: str, same_as: str) -> Outcome:
        """See `take`."""
        unit = self._unit(fact, key, same_as)
        lane = Lane.SECOND if isinstance(fact, Reported) else Lane.FIRST
        self._crash_point("take: before commit")
        try:
            taken = await self._store.tx(unit, lane=lane)
        except StoreUnavailable:
            # The loop meets the same store at once, and cries out if that lasts.
            self.wake()
            raise
        self._crash_point("take: after commit")
        self._committed(taken.decided, taken.sendings)
        self._start(taken.sendings)
        if taken.asks:
            self.asked.set()
        if taken.action:
            # An answer to a text may be in the outbox without any decision.
            self.wake()
            self._counts.heard(fact.way if isinstance(fact, Heard) else "", taken.action)
        return taken.outcome

    def _unit(self, fact: TakenFact, key: str, same_as: str) -> Callable[[Connection], Taken]:
        """The unit of work for a fact: it is taken, and what it orders is claimed with it."""
        desk = self._desk()

        def unit(conn: Connection) -> Taken:
            taken = take(conn, desk, fact, key, same_as, self._one_line)
            room = 0 if self._stopping else SENDS_AT_ONCE - len(self._sends)
            return with_claims(conn, desk, taken, self._clock.now(), room, self._clock.speed)

        return unit

    def _desk(self) -> Desk:
        """What decisions are made with now."""
        return Desk(handbook=self._handbook(), ways=frozenset(self._channels), reached=self._reached)

    async def alarm(self, about: str, key: str, values: dict[str, str], to: Literal["admins", "last resort"]) -> None:
        """Tells people of trouble that belongs to no incident; durable, and once for each `key`."""
        desk, at = self._desk(), self._clock.now()
        people = admins(desk.handbook, desk.ways, at) if to == "admins" else last_resort(desk.handbook, desk.ways)
        orders = trouble(desk.handbook, about, key.replace("/", "."), values, people, at)
        await self._store.tx(lambda conn: outbox.put(conn, orders), lane=Lane.FIRST)
        self.wake()

    async def order(self, make: Callable[[Connection], tuple[Order, ...]]) -> None:
        """Orders what a chore makes, in one transaction with what the chore writes."""

        def unit(conn: Connection) -> bool:
            orders = make(conn)
            outbox.put(conn, orders)
            return bool(orders)

        if await self._store.tx(unit, lane=Lane.SECOND):
            self.wake()

    def wake(self) -> None:
        """Something may be due sooner than the loop believes."""
        self._woken.set()

    def _committed(self, decided: tuple[Decided, ...], claimed: tuple[Sending, ...] = ()) -> None:
        """After a commit: logs and counts it, stands down what is claimed but not yet sent, and wakes the loop if it has something to do."""
        under_way = {one.order.id for one in claimed}
        for one in decided:
            incident = one.decision.incident
            # What became of a send is in its own line; a receipt that changes nothing for anybody is for whoever looks closely.
            quiet = not one.decision.orders and not one.decision.result
            (log.debug if quiet else log.info)(
                "decided",
                incident=incident.id,
                case=incident.case,
                fact=type(one.fact).__name__,
                status=incident.status.value,
                result=one.decision.result,
                because=one.decision.because,
                orders=len(one.decision.orders),
            )
            self._counts.decided(type(one.fact).__name__, one.before, incident)
            for sending_, _ in self._sends.values():
                if sending_.order.incident == incident.id and still_wanted(sending_.order, incident, one.fact.at):
                    self._stood_down.add(sending_.order.id)
            left = any(order.id not in under_way for order in one.decision.orders)
            if left or self._is_before_next_look(incident.wake_at):
                self.wake()

    def _is_before_next_look(self, due_at: datetime | None) -> bool:
        """Whether something is due before the loop looks again; yes while it is looking, for it may have looked past it."""
        return due_at is not None and (self._asleep_until is None or due_at < self._asleep_until)

    # The loop

    async def run(self) -> None:
        """Turns until stop(). A store that cannot be written is waited for; anything else that fails here ends the process."""
        while not self._stopping:
            self._woken.clear()
            try:
                turned = await self.turn()
            except StoreUnavailable as error:
                log.error("the store cannot be written", reason=str(error))
                await self._outcry.failing(str(error))
                await asyncio.sleep(STORE_AGAIN_S)
                continue
            self._outcry.recovered()
            self._crowded = self._has_backlog(turned) and len(self._sends) > ROOM_AGAIN
            dues = (turned.next_clock, None if self._crowded else turned.next_order)
            next_due = min((due for due in dues if due is not None), default=None)
            if next_due is None or next_due > self._clock.now() or not (turned.decided or turned.sendings):
                await self._sleep(next_due)

    def _has_backlog(self, turned: Turn) -> bool:
        """Whether orders are due that could not be claimed."""
        return turned.next_order is not None and turned.next_order <= self._clock.now()

    async def turn(self) -> Turn:
        """One turn: what is due is decided and claimed in one transaction, then sent."""
        desk, now = self._desk(), self._clock.now()
        slots = SENDS_AT_ONCE - len(self._sends)
        self._crash_point("turn: before commit")
        turned = await self._store.tx(lambda conn: sending.turn(conn, desk, now, slots, self._clock.speed), lane=Lane.FIRST)
        self._crash_point("turn: after commit")
        self.last_turn = now
        self.turns += 1
        self._committed(turned.decided)
        self._start(turned.sendings)
        return turned

    def _start(self, sendings: tuple[Sending, ...]) -> None:
        """Sends what was claimed, each by itself."""
        for one in sendings:
            task = asyncio.create_task(self._send(one), name=f"send {one.order.id}")
            self._sends[one.order.id] = (one, task)

    async def _sleep(self, next_due: datetime | None) -> None:
        """Sleeps until something is due, somebody wakes the loop, or the safety net's second is over."""
        due_in_s = (next_due - self._clock.now()).total_seconds() / self._clock.speed if next_due else SAFETY_NET_S
        self._asleep_until = next_due or self._clock.now() + timedelta(seconds=SAFETY_NET_S * self._clock.speed)
        try:
            async with asyncio.timeout(min(max(due_in_s, 0.001), SAFETY_NET_S)):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._asleep_until = None

    async def _send(self, one: Sending) -> None:
        """Sends one claimed order and settles it."""
        result = None
        try:
            self._crash_point("send: before")
            result = await self._attempt(one)
            self._crash_point("send: after")
            await self._settle(one, result)
            self._crash_point("send: settled")
        finally:
            self._sends.pop(one.order.id, None)
            self._stood_down.discard(one.order.id)
            # What was sent well needs no look: a turn costs a commit. What was not may be due again.
            if (self._crowded and len(self._sends) <= ROOM_AGAIN) or result is None or result.state != "sent":
                self.wake()

    async def _attempt(self, one: Sending) -> Result:
        """Asks the channel; whatever is not a clear yes or no is unknown."""
        channel = self._channels.get(one.order.way)
        if channel is None:
            return Result(state="failed", reason=f"no channel for {one.order.way} is switched on")
        if one.order.id in self._stood_down:
            return Result(state="cancelled", reason="stood down before it was sent")
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                accepted = await channel.send(one.outgoing)
            return Result(state="sent", provider_id=accepted.provider_id)
        except ChannelError as error:
            state = "failed" if error.permanent else "postponed"
            return Result(state=state, reason=error.reason, way_broken=error.way_broken, tell_admins=error.tell_admins)
        except ResultUnknown as error:
            return Result(state="unknown", reason=error.reason)
        except TimeoutError:
            return Result(state="unknown", reason=f"no answer within {SEND_LIMIT_S:g} s")
        except Exception as error:
            log.exception("a channel failed in a way it should not", order=one.order.id)
            return Result(state="unknown", reason=f"{type(error).__name__}: {error}")

    async def _settle(self, one: Sending, result: Result) -> None:
        """Writes the result down; if the store cannot be written the order is found again by its lease."""
        desk, now = self._desk(), self._clock.now()
        log.info("sent" if result.state == "sent" else "not sent", order=one.order.id, attempt=one.claim.attempt, **result.told)
        self._counts.attempted(one.order, result.state, (now - one.due_at).total_seconds())
        try:
            decided = await self._store.tx(lambda conn: sending.settle(conn, desk, one, result, now), lane=Lane.FIRST)
        except StoreUnavailable as error:
            log.error("a send could not be settled; it is looked up when its lease is over", order=one.order.id, reason=str(error))
            return
        self._committed(decided)
        if result.tell_admins:
            about = "mail_refused" if one.order.way in TO_CUSTOMERS_ONLY else "send_refused"
            await self.alarm(about, f"refused.{now:%Y%m%dT%H}.{result.reason[:40]}", {"reason": result.reason}, "admins")

    async def stop(self) -> None:
        """Ends the loop: no new claims; sends under way get a bounded time to be settled."""
        self._stopping = True
        self.wake()
        under_way = [task for _, task in self._sends.values()]
        if under_way:
            await asyncio.wait(under_way, timeout=STOP_LIMIT_S)
        for _, task in list(self._sends.values()):
            task.cancel()
