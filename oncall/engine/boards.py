"""Keeps Slack's channel up to date: a message for each incident, edited in place, its timeline in the thread; never in the engine's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from oncall.channels import Accepted, ChannelError, ResultUnknown
from oncall.channels.slack_api import SlackApi, SlackMessage
from oncall.core.board import board, thread
from oncall.core.buttons import marked
from oncall.core.messages import Incident, LogEntry
from oncall.core.model import Handbook
from oncall.engine.outcome import Clock
from oncall.store import Lane, Store, StoreUnavailable, boards, incidents, log

logger = structlog.get_logger(__name__)

PACE_S = 1.0
"""Slack takes about one message a second in a channel (telephony.md 5), in real time."""
THREAD_EVERY = timedelta(seconds=5)
"""Lines of the timeline are gathered for this long before they are posted as one reply."""
LOOK_EVERY_S = 1.0
BACKOFF, LONGEST_BACKOFF = timedelta(seconds=2), timedelta(minutes=2)
"""The pause after a failure, doubled with each further one."""
GONE = ("message_not_found", "channel_not_found", "cant_update_message", "edit_window_closed")
"""Slack's words for a message that cannot be changed any more."""
SAID_AGAIN = timedelta(hours=1)
"""The same trouble is logged once in this span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message that is behind, with what it has to show."""

    shown: boards.Shown
    incident: Incident
    fresh: tuple[LogEntry, ...]


class Boards:
    """The part of the daemon that looks after the channel. Slack may be down for as long as it likes: nothing waits for it."""

    def __init__(self, *, store: Store, clock: Clock, handbook: Callable[[], Handbook], api: SlackApi, channel: str) -> None:
        self._store = store
        self._clock = clock
        self._handbook = handbook
        self._api = api
        self._channel = channel
        self._stopping = asyncio.Event()
        self._said: dict[str, datetime] = {}
        self._threaded: dict[str, datetime] = {}

    def stop(self) -> None:
        """Ends run() after the message under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Brings message after message up to date until stop(); no trouble of Slack or the store ends it."""
        while not self._stopping.is_set():
            worked = await self._turn()
            try:
                async with asyncio.timeout(PACE_S if worked else LOOK_EVERY_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _turn(self) -> bool:
        """Says one thing to Slack; whether there was one to say."""
        shown = None
        try:
            shown = await self._store.tx(lambda conn: next(iter(boards.behind(conn, self._clock.now(), 1)), None), lane=Lane.SECOND)
            if shown is not None:
                await self._show(shown)
        except StoreUnavailable as error:
            self._say("the store cannot be used for Slack", str(error))
        except Exception as error:  # noqa: BLE001 -- a message that cannot be made must neither take the pager with it nor hold up the others
            self._say("an incident cannot be shown in Slack", type(error).__name__, trouble=error)
            if shown is not None:
                await self._later(shown)
        return shown is not None

    async def _later(self, shown: boards.Shown) -> None:
        """Tries a message again after a pause that grows with each failure."""
        again_at = self._clock.now() + min(BACKOFF * 2 ** min(shown.failures, 10), LONGEST_BACKOFF)
        try:
            await self._store.tx(lambda conn: boards.failed(conn, shown.incident, again_at), lane=Lane.SECOND)
        except StoreUnavailable as error:
            self._say("the store cannot be used for Slack", str(error))

    async def _show(self, shown: boards.Shown) -> None:
        """One thing of one incident: its message if that is behind, else the new lines of its thread."""
        due, now = await self._store.tx(lambda conn: due_of(conn, shown), lane=Lane.SECOND), self._clock.now()
        threaded = shown.thread_seq
        try:
            if not shown.posted or shown.shown_turn < due.incident.turn:
                await self._message(due, now)
            else:
                threaded = await self._thread(due, now)
        except (ChannelError, ResultUnknown) as error:
            self._say("Slack does not show what it should", error.reason)
            if shown.posted and any(word in error.reason for word in GONE):
                await self._store.tx(lambda conn: anew(conn, due, now), lane=Lane.SECOND)
            else:
                await self._later(shown)
            return
        # The clock may run faster than Slack, which keeps its real pace.
        again_at = max(now, self._threaded.get(shown.incident, now) + THREAD_EVERY * self._clock.speed)
        await self._store.tx(lambda conn: boards.shown(conn, shown.incident, due.incident.turn, threaded, again_at), lane=Lane.SECOND)

    async def _message(self, due: Due, now: datetime) -> None:
        """Makes the incident's message show the newest state: edits it, or posts it if there is none yet."""
        made, shown = board(due.incident, self._handbook(), now), due.shown
        message = SlackMessage(text=made.text, blocks=made.blocks, key=f"board.{shown.incident}")
        if shown.posted:
            await self._api.update(shown.posted, message)
            return
        found = await self._lost(message.key) if shown.failures else None
        if not found:
            # Written down before Slack hears of it: whatever ends us now, whoever comes next looks for the message before posting.
            await self._store.tx(lambda conn: boards.failed(conn, shown.incident, now + BACKOFF), lane=Lane.SECOND)
        accepted = found or await self._api.post(self._channel, message)
        await self._store.tx(lambda conn: boards.posted(conn, shown.incident, accepted.provider_id), lane=Lane.SECOND)
        if found:
            # It shows how things stood when its answer was lost.
            await self._api.update(found.provider_id, message)

    async def _lost(self, key: str) -> Accepted | None:
        """The message of a post whose answer was lost, before anything is posted again; who may not look has to post again."""
        try:
            return await self._api.find(self._channel, key)
        except ChannelError as error:
            if not error.permanent:
                raise
            self._say("Slack lets us not look for a message of ours", error.reason)
            return None

    async def _thread(self, due: Due, now: datetime) -> int:
        """How many lines of the log stand in the thread now; new ones are posted together, not more often than THREAD_EVERY."""
        shown, last = due.shown, self._threaded.get(due.shown.incident)
        if not due.fresh or (last is not None and now - last < THREAD_EVERY * self._clock.speed):
            return shown.thread_seq
        # Only what may still have to wait is remembered.
        self._threaded = {one: at for one, at in self._threaded.items() if now - at < THREAD_EVERY * self._clock.speed} | {shown.incident: now}
        # The message's own channel: the setting may name another one by now.
        channel, _, ts = shown.posted.partition("/")
        words = thread(due.fresh, self._handbook(), now)
        message = SlackMessage(text=words, blocks=({"type": "section", "text": marked(words)},), key=f"thread.{shown.incident}.{shown.thread_seq}")
        try:
            await self._api.post(channel, message, thread_ts=ts)
        except ResultUnknown as error:
            # The lines stand in the log; in the thread they are rather missing than there twice.
            self._say("lines of a timeline may be missing in Slack", error.reason)
        return due.incident.turn

    def _say(self, what: str, reason: str, *, trouble: Exception | None = None) -> None:
        """Logs trouble, the same once an hour."""
        now = self._clock.now()
        last = self._said.get(f"{what}: {reason}")
        if last is None or now - last >= SAID_AGAIN:
            self._said = {**{known: at for known, at in self._said.items() if now - at < SAID_AGAIN}, f"{what}: {reason}": now}
            logger.warning(what, reason=reason, exc_info=trouble)


def due_of(conn: Connection, shown: boards.Shown) -> Due:
    """What a message that is behind has to show: the newest state, and the lines that its thread lacks."""
    incident = incidents.load(conn, shown.incident)
    assert incident is not None, "a message belongs to an incident"
    return Due(shown=shown, incident=incident, fresh=tuple(log.after(conn, shown.incident, shown.thread_seq)))


def anew(conn: Connection, due: Due, now: datetime) -> None:
    """Our message is gone: the next look posts a new one, unless there is nothing left to say in it."""
    boards.forget(conn, due.shown.incident)
    if due.incident.forgotten_at is None:
        boards.touch(conn, due.shown.incident, due.incident.turn, now)
