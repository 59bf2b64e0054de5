"""The life of a call: it rings on a handset, is answered, declined or left alone, plays what it has to say, and the daemon hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

from oncall.sandbox.line import OVER, SIP, Behaviour, Call
from oncall.sandbox.playing import Player
from oncall.sandbox.state import Handset, Misbehaviour, State
from oncall.sandbox.twiml import KEYS
from oncall.sandbox.webhooks import Webhooks

DIALLING_S = 0.5
"""Seconds of the sandbox's time in which a call is queued, and in which the network looks for the telephone."""
VOICEMAIL_AFTER_S = 5.0
GREETING = "This is the voicemail of {name}. Please leave a message after the tone."
UNREACHABLE = "480"
"""What the network says of a telephone that is off."""
ACT_WITHIN_S = 5.0
"""Real seconds in which an act of a handset must show, or in which a call must begin to listen for keys."""


class NoCall(LookupError):
    """There is no call on this handset that could be answered, declined, or hear a key."""


class Telephones:
    """The handsets as telephones."""

    def __init__(self, state: State, handsets: list[Handset], webhooks: Webhooks, now: Callable[[], datetime]) -> None:
        self._state = state
        self._names = {one.number: one.name for one in handsets}
        self._webhooks = webhooks
        self._now = now

    @property
    def _wrong(self) -> Misbehaviour:
        """What goes wrong with calls."""
        return self._state.misbehaviour["call"]

    def place(self, call: Call) -> None:
        """Takes a call on; it goes its way beside the answer."""
        call.under_way = bool(self._wrong.late_s) or not self._wrong.deliver
        self._state.calls.append(call)
        self._state.touch()
        self._state.beside(self._life(call))

    def current(self, number: str) -> Call | None:
        """The call that a handset has on at this moment, else its last one; None before the first."""
        mine = [call for call in self._state.calls if call.to == number and not call.under_way and call.status not in {"queued", "initiated"}]
        return next((call for call in mine if not call.over), mine[-1] if mine else None)

    async def _life(self, call: Call) -> None:
        """A call from its queue to its end, with its events."""
        told: list[dict[str, str]] = []
        ended = "canceled"
        wrong = self._wrong
        if await self._act(call, DIALLING_S + wrong.late_s if wrong.deliver else None) != "cancel":
            call.under_way = False
            self._move(call, "initiated", told)
            ended = await self._rung(call, wrong, told)
        if ended == "in-progress":
            ended = await self._talk(call, told)
        call.sip = call.sip or SIP[ended]
        self._move(call, ended, told)
        for form in reversed(told) if wrong.receipts_reversed else ():
            await self._tell(call, form)

    async def _rung(self, call: Call, wrong: Misbehaviour, told: list[dict[str, str]]) -> str:
        """Rings; the status with which that ends, in-progress when it is answered."""
        if await self._act(call, DIALLING_S) == "cancel":
            return "canceled"
        behaviour = self._state.behaviours.get(call.to, Behaviour.RINGS)
        if wrong.fail_later or call.to not in self._names or behaviour is Behaviour.OFF:
            call.sip = UNREACHABLE if behaviour is Behaviour.OFF else ""
            return "failed"
        if any(each.to == call.to and each is not call and each.status in {"ringing", "in-progress"} for each in self._state.calls):
            return "busy"
        self._move(call, "ringing", told)
        if behaviour is Behaviour.DECLINES:
            return "busy"
        if behaviour is Behaviour.VOICEMAIL and call.timeout_s > VOICEMAIL_AFTER_S:
            return {"cancel": "canceled", "": "in-progress"}[await self._act(call, VOICEMAIL_AFTER_S, {"cancel"})]
        heeded = {"cancel"} if behaviour in {Behaviour.NO_ANSWER, Behaviour.VOICEMAIL} else {"cancel", "answer", "decline"}
        act = await self._act(call, call.timeout_s, heeded)
        return {"answer": "in-progress", "decline": "busy", "cancel": "canceled", "": "no-answer"}[act]

    async def _talk(self, call: Call, told: list[dict[str, str]]) -> str:
        """An answered call until it ends or somebody ends it."""
        loop = asyncio.get_running_loop()
        call.answered_at, began = self._now(), loop.time()
        if self._state.behaviours.get(call.to) is Behaviour.VOICEMAIL:
            call.add("greeting", GREETING.format(name=self._names[call.to]))
        self._move(call, "in-progress", told)
        playing = asyncio.create_task(Player(call, self._state, self._webhooks).play())
        ending = asyncio.create_task(self._act(call, None, {"hang_up", "complete"}))
        try:
            await asyncio.wait((playing, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            playing.cancel()
            ending.cancel()
            await asyncio.gather(playing, ending, return_exceptions=True)
        call.duration_s = round((loop.time() - began) * self._state.speed)
        return "completed"

    async def _act(self, call: Call, seconds: float | None, heeded: frozenset[str] | set[str] = frozenset({"cancel"})) -> str:
        """The next act that counts now, within `seconds` of the sandbox's time (None: for ever); '' if there is none."""
        try:
            async with asyncio.timeout(None if seconds is None else seconds / self._state.speed):
                while True:
                    act = await call.acts.get()
                    # Who has the call ended while it rings cancels it, whichever word the API was given.
                    act = "cancel" if act == "complete" and "cancel" in heeded else act
                    if act in heeded:
                        return act
        except TimeoutError:
            return ""

    def _move(self, call: Call, status: str, told: list[dict[str, str]]) -> None:
        """The call's next status, and its event if the daemon wants to hear of that."""
        call.status = status
        if status in OVER:
            call.ended_at = self._now()
        self._state.touch()
        event = "completed" if status in OVER else {"in-progress": "answered"}.get(status, status)
        if not call.callback.url or event not in call.callback.events:
            return
        at = format_datetime(self._now().astimezone(UTC))
        form = {**call.form(), "Timestamp": at, "SequenceNumber": str(call.events_told), "CallbackSource": "call-progress-events"}
        call.events_told += 1
        if status in OVER:
            form["SipResponseCode"] = call.sip
        if status == "completed":
            form |= {"CallDuration": str(call.duration_s), "Duration": str(-(-call.duration_s // 60))}
        told.append(form)
        if not self._wrong.receipts_reversed:
            self._state.beside(self._tell(call, form))

    async def _tell(self, call: Call, form: dict[str, str]) -> None:
        """One event, as often as it shall come."""
        for _ in range(self._wrong.receipts_times):
            await self._webhooks.signed(call.callback.url, form, call.callback.method)

    async def answer(self, number: str) -> Call:
        """The handset's owner answers the ringing call. NoCall: none rings."""
        return await self._by_hand(number, "ringing", "answer")

    async def decline(self, number: str) -> Call:
        """The handset's owner declines the ringing call. NoCall: none rings."""
        return await self._by_hand(number, "ringing", "decline")

    async def hang_up(self, number: str) -> Call:
        """The handset's owner ends the call. NoCall: none is in progress."""
        return await self._by_hand(number, "in-progress", "hang_up")

    def press(self, number: str, digit: str) -> Call:
        """The handset's owner presses a key, at once; it is heard only if the call listens. NoCall: none is in progress."""
        call = self._on(number, "in-progress")
        if digit not in KEYS or len(digit) != 1:
            raise ValueError(f"{digit!r} is no key of a telephone")
        call.add("key", digit)
        call.pressed.put_nowait(digit)
        self._state.touch()
        return call

    async def listening(self, number: str) -> None:
        """Waits until the handset's call listens for keys. NoCall: it does not begin to within a few seconds."""
        if not await self._until(lambda: (call := self.current(number)) is not None and call.listening):
            raise NoCall(f"no call on {number} listens for a key")

    def end(self, call: Call, how: str) -> None:
        """The API ends a call: `cancel` only while it is queued or rings, `complete` at any time."""
        call.acts.put_nowait(how)

    def _on(self, number: str, status: str) -> Call:
        """The handset's call with this status."""
        call = self.current(number)
        if call is None or call.status != status:
            raise NoCall(f"no call on {number} is {status}")
        return call

    async def _by_hand(self, number: str, status: str, act: str) -> Call:
        """An act of the handset on its call; returns once it shows."""
        call = self._on(number, status)
        call.acts.put_nowait(act)
        if not await self._until(lambda: call.status != status):
            raise NoCall(f"the telephone {number} is set to take no {act}")
        return call

    async def settled(self, call: Call) -> None:
        """Waits until a call that was to end has ended."""
        await self._until(lambda: call.over)

    async def _until(self, so: Callable[[], bool]) -> bool:
        """Whether `so()` becomes true within a few real seconds."""
        try:
            async with asyncio.timeout(ACT_WITHIN_S):
                while not so():
                    await self._state.changed.wait()
        except TimeoutError:
            return False
        return True
