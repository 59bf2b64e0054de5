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
            try:
                due = await self._store.tx(lambda conn: first_due(conn, self._clock.now()), lane=Lane.SECOND)
                if due is not None:
                    await self._show(due)
            except StoreUnavailable as error:
                self._say("the store cannot be used for Slack", str(error))
                due = None
            except Exception as error:
                # A message that cannot be made must not take the pager with it; the next look tries again.
                logger.exception("a message for Slack could not be made")
                self._say("Slack does not show what it should", type(error).__name__)
                due = None
            try:
                async with asyncio.timeout(PACE_S if due is not None else LOOK_EVERY_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _show(self, due: Due) -> None:
        """One message: posted if there is none, else edited; then its thread, if enough time has passed."""
        name, now = due.shown.incident, self._clock.now()
        try:
            posted = await self._message(due, now)
            threaded = await self._thread(due, posted, now)
        except (ChannelError, ResultUnknown) as error:
            self._say("Slack does not show what it should", error.reason)
            pause = min(BACKOFF * 2 ** min(due.shown.failures, 10), LONGEST_BACKOFF)
            gone = any(word in error.reason for word in GONE) and due.shown.posted
            await self._store.tx(lambda conn: boards.failed(conn, name, now + pause) if not gone else anew(conn, due, now), lane=Lane.SECOND)
            return
        # The clock may run faster than Slack, which keeps its real pace.
        again_at = now + THREAD_EVERY * self._clock.speed
        await self._store.tx(lambda conn: boards.shown(conn, name, due.incident.turn, threaded, again_at), lane=Lane.SECOND)

    async def _message(self, due: Due, now: datetime) -> str:
        """The id of the incident's message, which shows the newest state now."""
        made = board(due.incident, self._handbook(), now)
        message = SlackMessage(text=made.text, blocks=made.blocks, key=f"board.{due.shown.incident}")
        posted = due.shown.posted
        if posted:
            if due.shown.shown_turn < due.incident.turn:
                await self._api.update(posted, message)
            return posted
        found = await self._lost(message.key) if due.shown.failures else None
        accepted = found or await self._api.post(self._channel, message)
        await self._store.tx(lambda conn: boards.posted(conn, due.shown.incident, accepted.provider_id), lane=Lane.SECOND)
        if found:
            # It shows how things stood when its answer was lost.
            await self._api.update(found.provider_id, message)
        return accepted.provider_id

    async def _lost(self, key: str) -> Accepted | None:
        """The message of a post whose answer was lost, before anything is posted again; who may not look has to post again."""
        try:
            return await self._api.find(self._channel, key)
        except ChannelError as error:
            if not error.permanent:
                raise
            self._say("Slack lets us not look for a message of ours", error.reason)
            return None

    async def _thread(self, due: Due, posted: str, now: datetime) -> int:
        """How many lines of the log stand in the thread now; new ones are posted together, not more often than THREAD_EVERY."""
        last = self._threaded.get(due.shown.incident)
        if not due.fresh or (last is not None and now - last < THREAD_EVERY * self._clock.speed):
            return due.shown.thread_seq
        self._threaded[due.shown.incident] = now
        key = f"thread.{due.shown.incident}.{due.shown.thread_seq}"
        words = thread(due.fresh, self._handbook(), now)
        block = {"type": "section", "text": {"type": "mrkdwn", "text": words[:3000]}}
        try:
            await self._api.post(self._channel, SlackMessage(text=words, blocks=(block,), key=key), thread_ts=posted.partition("/")[2])
        except ResultUnknown as error:
            # The lines stand in the log; in the thread they are rather missing than there twice.
            self._say("lines of a timeline may be missing in Slack", error.reason)
        return due.incident.turn

    def _say(self, what: str, reason: str) -> None:
        """Logs trouble, the same once an hour."""
        now = self._clock.now()
        last = self._said.get(f"{what}: {reason}")
        if last is None or now - last >= SAID_AGAIN:
            self._said = {**{known: at for known, at in self._said.items() if now - at < SAID_AGAIN}, f"{what}: {reason}": now}
            logger.warning(what, reason=reason)


def first_due(conn: Connection, now: datetime) -> Due | None:
    """The first message that is behind, with the newest state and the lines that its thread lacks."""
    for shown in boards.behind(conn, now, 1):
        incident = incidents.load(conn, shown.incident)
        if incident is not None:
            return Due(shown=shown, incident=incident, fresh=tuple(log.after(conn, shown.incident, shown.thread_seq)))
    return None


def anew(conn: Connection, due: Due, now: datetime) -> None:
    """Our message is gone: the next look posts a new one."""
    boards.forget(conn, due.shown.incident)
    boards.touch(conn, due.shown.incident, due.incident.turn, now)
