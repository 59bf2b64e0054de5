"""Asks people for cover and swaps, and makes the first yes a change: beside the loop, because whom to ask takes longer than a page may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from oncall.core.asks import Ask, Request, Span, Stage, Topic, change_of, naive
from oncall.core.cover import Plan, Unclear, is_needed, plan
from oncall.core.messages import Order
from oncall.core.model import Handbook
from oncall.engine.alarms import by_text, names, span_values
from oncall.engine.changing import ChangeRefused, Changing
from oncall.engine.duty import Orders
from oncall.engine.outcome import Clock
from oncall.engine.questions import back_text, put_at, question, told
from oncall.store import StoreUnavailable, asks, requests

log = structlog.get_logger(__name__)

T = TypeVar("T")

LOOK_EVERY_S = 60.0
"""Real seconds between two looks when nobody says anything: what nobody answered in time is over."""
ABOUT = {Topic.COVER: "ask_cover", Topic.SWAP: "ask_swap"}


class Heard(Orders, Protocol):
    """What hears wishes and answers: the engine. `asked` is set when there is one that nothing was made of."""

    asked: asyncio.Event


class NotOpen(Exception):
    """Somebody else was first, or the yes was taken back."""


class Asking:
    """One look after the other, so that of two yeses one is first. `ways` are the channels that are on."""

    def __init__(self, engine: Heard, clock: Clock, handbook: Callable[[], Handbook], changing: Changing, ways: frozenset[str]) -> None:
        self._engine = engine
        self._clock = clock
        self._handbook = handbook
        self._changing = changing
        self._ways = ways

    async def run(self) -> None:
        """Looks when somebody said something, and each minute, for ever."""
        while True:
            self._engine.asked.clear()
            await self.look()
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._engine.asked.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Asks for what was wished, makes changes of yeses, and ends what is over. All of it is rows, so a restart loses none."""
        try:
            for request in await self._read(lambda conn: requests.at_stage(conn, Stage.WISHED)):
                await self._ask(request)
            for ask in await self._read(asks.said_yes):
                await self._take(ask)
            for request in await self._read(lambda conn: requests.at_stage(conn, Stage.OPEN)):
                await self._end(request)
        except StoreUnavailable as error:
            log.error("requests could not be handled; they are looked at again", reason=str(error))

    async def _read(self, unit: Callable[[Connection], T]) -> T:
        """What is in the store."""
        found: list[T] = []

        def read(conn: Connection) -> tuple[Order, ...]:
            found[:] = [unit(conn)]
            return ()

        await self._engine.order(read)
        return found[0]

    # A wish

    async def _ask(self, request: Request) -> None:
        """Asks everybody who could, or says why nobody is asked."""
        handbook, now = self._handbook(), self._clock.now()
        reachable = frozenset(who for who in handbook.people if by_text(handbook, self._ways, who))
        found: Plan | Unclear
        try:
            found = await asyncio.to_thread(plan, handbook, request, now, reachable)
        except Exception:
            log.exception("nobody could be asked", request=request.id)
            found = Unclear(about="cover_failed")

        def unit(conn: Connection) -> tuple[Order, ...]:
            if isinstance(found, Unclear):
                return self._unclear(conn, handbook, request, found, now)
            return self._put(conn, handbook, request, found, now)

        await self._engine.order(unit)

    def _unclear(self, conn: Connection, handbook: Handbook, request: Request, found: Unclear, now: datetime) -> tuple[Order, ...]:
        """Nobody is asked, and who wished is told why."""
        requests.end(conn, request.id, Stage.OVER, now)
        log.info("nobody is asked", request=request.id, by=request.by, because=found.about, reason=found.reason)
        span = span_values(handbook, request.by, found.span, now) if found.span is not None else {"list": ", ".join(found.rotations)}
        values = {**span, "next": names(handbook, (request.other,)), "reason": found.reason}
        return self._tell(handbook, request.by, found.about, request, values, now)

    def _put(self, conn: Connection, handbook: Handbook, request: Request, found: Plan, now: datetime) -> tuple[Order, ...]:
        """The questions, and who wished is told who is asked."""
        until = found.until if found.until > now else found.span.end
        back = None if found.back is None else (found.back.start, found.back.end)
        if any(same_wish(one, request, found.span) for one in requests.at_stage(conn, Stage.OPEN)):
            requests.end(conn, request.id, Stage.OVER, now)
            return self._tell(handbook, request.by, "cover_open", request, span_values(handbook, request.by, found.span, now), now)
        requests.open_(conn, request.id, found.span, until, back)
        opened = requests.load(conn, request.id)
        assert opened is not None, "it was read a moment ago"
        orders: list[Order] = []
        for who in found.people:
            at = put_at(handbook, who, until, now) if found.span.start > now else now
            ask = asks.add(
                conn, who, ABOUT[request.topic], found.span, request=request.id, until=until, seed=request.seed, now=now, at=at
            )  # fmt: skip
            orders += question(handbook, by_text(handbook, self._ways, who), ask, opened)
        log.info("asked", request=request.id, by=request.by, topic=request.topic.value, rotation=found.span.rotation, people=found.people)
        values = {"next": names(handbook, found.people), "back": back_text(handbook, request.by, opened, now)}
        values |= span_values(handbook, request.by, found.span, now)
        return (*orders, *self._tell(handbook, request.by, f"asking_{request.topic.value}", request, values, now))

    def _tell(
        self, handbook: Handbook, who: str, about: str, request: Request, values: dict[str, str], now: datetime
    ) -> tuple[Order, ...]:  # fmt: skip
        """The order that tells `who` what came of a request."""
        return told(handbook, self._ways, who, about, f"request.{request.id}", values, now)

    # A yes

    async def _take(self, ask: Ask) -> None:
        """Makes a yes a change, unless somebody was first; a change that is refused leaves the question to the others."""
        request = await self._read(lambda conn: requests.load(conn, ask.request))
        assert request is not None, "a question has its request"
        now = self._clock.now()
        change = change_of(request, ask.person, request.span, request.back_span)
        # Who was on call until now stays so.
        change = replace(change, start=max(change.start, naive(now)))
        try:
            await self._changing.take(change, ask.person, beside=lambda conn: self._taken(conn, request, ask, now))
        except NotOpen:
            return
        except ChangeRefused as error:
            await self._refuse(request, ask, error)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("a yes could not be made a change", request=request.id, by=ask.person)
            await self._refuse(request, ask, ChangeRefused(("a fault of ours, the log says which",), may_insist=True))

    def _taken(self, conn: Connection, request: Request, ask: Ask, now: datetime) -> tuple[Order, ...]:
        """The request is settled with the change; whoever else was asked and did not say no is told who has it. NotOpen undoes the change."""
        if not is_open(conn, request, ask):
            raise NotOpen
        requests.end(conn, request.id, Stage.TAKEN, now, ask.person)
        for own in asks.about_own(conn, request.by, request.span):
            if max(own.span.start, now) >= request.span.start and own.span.end <= request.span.end:
                asks.settle(conn, own.id, now)
        asks.settle(conn, ask.id, now)
        # Who is asked about a gap is an admin, and is told of the change itself.
        about = "" if request.topic is Topic.GAP else "ask_settled"
        return self._settle(conn, request, about, names(self._handbook(), (ask.person,)), now)

    def _settle(self, conn: Connection, request: Request, about: str, by: str, now: datetime) -> tuple[Order, ...]:
        """Nothing is left to ask: whoever was asked and did not say no is told."""
        handbook, orders = self._handbook(), list[Order]()
        for one in asks.of_request(conn, request.id):
            if one.settled_at is None and one.answer != "no" and one.asked_at <= now and about:
                values = {**span_values(handbook, one.person, request.span, now), "by": by}
                orders += self._tell(handbook, one.person, about, request, values, now)
            asks.settle(conn, one.id, now)
        return tuple(orders)

    async def _refuse(self, request: Request, ask: Ask, error: ChangeRefused) -> None:
        """Tells who said yes why they do not have it. What makes no difference any more is asked of nobody."""
        handbook, now = self._handbook(), self._clock.now()

        def unit(conn: Connection) -> tuple[Order, ...]:
            if not is_open(conn, request, ask):
                return ()
            asks.answer(conn, ask.id, "refused", ask.how, ask.answered_at or now)
            holder = names(handbook, (request.by,)) if is_needed(handbook, request, now) else ""
            values = {**span_values(handbook, ask.person, request.span, now), "reason": str(error), "holder": holder}
            key = f"answer.{ask.id}.{now:%Y%m%dT%H%M%S}"
            orders = told(handbook, self._ways, ask.person, "ask_refused", key, values, now)
            if error.may_insist:
                return orders
            asks.settle(conn, ask.id, now)
            requests.end(conn, request.id, Stage.OVER, now)
            return (*orders, *self._settle(conn, request, "ask_closed", "", now))

        log.info("a yes was refused", request=request.id, by=ask.person, reason=str(error))
        await self._engine.order(unit)

    # The end

    async def _end(self, request: Request) -> None:
        """Ends a request that is too late, that nobody needs any more, or to which everybody said no."""
        handbook, now = self._handbook(), self._clock.now()
        try:
            needed = await asyncio.to_thread(is_needed, handbook, request, now)
        except Exception:
            log.exception("it could not be seen whether a request is still needed", request=request.id)
            return
        await self._engine.order(lambda conn: self._ended(conn, handbook, request, needed, now))

    def _ended(self, conn: Connection, handbook: Handbook, request: Request, needed: bool, now: datetime) -> tuple[Order, ...]:
        """See `_end`. A yes that came meanwhile goes first."""
        answers = [one for one in asks.of_request(conn, request.id) if one.settled_at is None]
        if any(one.answer == "yes" for one in answers) or request.until is None:
            return ()
        late = now >= request.until
        all_said = request.topic is not Topic.GAP and all(one.answer for one in answers)
        if needed and not late and not all_said:
            return ()
        requests.end(conn, request.id, Stage.OVER, now)
        log.info("a request is over", request=request.id, by=request.by, needed=needed, late=late)
        closed = self._settle(conn, request, "" if late or needed or request.topic is Topic.GAP else "ask_closed", "", now)
        if not needed or request.topic is Topic.GAP:
            return closed
        rest = Span(rotation=request.rotation, start=max(request.span.start, now), end=request.span.end)
        about = "asked_silence" if late else "asked_no"
        values = {**span_values(handbook, request.by, rest, now), "next": names(handbook, tuple(one.person for one in answers))}
        return (*closed, *self._tell(handbook, request.by, about, request, values, now))


def is_open(conn: Connection, request: Request, ask: Ask) -> bool:
    """Whether nobody has it yet, and a yes is still one."""
    current, mine = requests.load(conn, request.id), asks.load(conn, ask.id)
    return current is not None and current.stage is Stage.OPEN and mine is not None and mine.answer == "yes"


def same_wish(one: Request, request: Request, span: Span) -> bool:
    """Whether an open request wants the same already."""
    overlaps = one.rotation == span.rotation and one.span.start < span.end and span.start < one.span.end
    return one.by == request.by and one.topic is request.topic and one.other == request.other and overlaps
