"""Watches the daemon from inside: tells systemd how it is, checks that nothing is overdue, and calls the heartbeat URL."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
import structlog
from sqlalchemy import Connection

from oncall.engine import Clock
from oncall.store import Lane, Store, StoreUnavailable, incidents, outbox
from oncall.store import log as story

log = structlog.get_logger(__name__)

AUDIT_EVERY_S = 10.0
OVERDUE = timedelta(seconds=60)
"""A due order or clock this old means that the loop does not do its work; healthy is under two seconds (reliability.md 3)."""
NAMED = 100
"""So many incidents an audit names; with more of them overdue, nobody would read the rest."""
HEARTBEAT_EVERY_S = 30.0
HEARTBEAT_LIMIT_S = 10.0
HEARTBEAT_DUE = timedelta(seconds=30)
"""A message that is due this long and not sent stops the heartbeat, before the auditor calls it overdue (reliability.md 6.4)."""
AUDIT_STALE = timedelta(seconds=3 * AUDIT_EVERY_S)
"""An audit this old says nothing any more: two in a row did not come through the store."""


class Notifier:
    """Speaks sd_notify(3): one datagram per message to the socket that systemd named; silent without systemd."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        usec = environment.get("WATCHDOG_USEC", "0")
        # Thrice as often as systemd asks for, so that one late turn is no abort.
        self.feed_every_s = int(usec) / 1e6 / 3 if usec.isdigit() else 0.0

    def tell(self, **fields: str | int) -> None:
        """Sends e.g. READY=1, STATUS=...; a failure is logged, never raised: paging goes on without systemd."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        message = "\n".join(f"{name}={value}" for name, value in fields.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
                sending.setblocking(False)
                sending.sendto(message.encode(), address)
        except OSError as error:
            log.warning("systemd could not be told", message=message, reason=error.strerror)


class Turning(Protocol):
    """What the watch reads of the engine."""

    last_turn: datetime | None
    turns: int


class Alarm(Protocol):
    """Tells people of trouble (Engine.alarm)."""

    async def __call__(self, about: str, key: str, values: dict[str, str]) -> None:
        """Once for each `key`."""
        ...


async def feed_watchdog(notifier: Notifier, engine: Turning) -> None:
    """Tells systemd that we live, each time the engine has turned through the store since; otherwise systemd restarts us."""
    seen: datetime | None = None
    while notifier.feed_every_s:
        if engine.last_turn is not None and engine.last_turn != seen:
            seen = engine.last_turn
            notifier.tell(WATCHDOG=1)
        await asyncio.sleep(notifier.feed_every_s)


class Auditor:
    """Checks live data every ten seconds; what it finds is logged, and the last resort is told once per hour and finding."""

    def __init__(self, store: Store, clock: Clock, alarm: Alarm) -> None:
        self._store = store
        self._clock = clock
        self._alarm = alarm
        self.findings: tuple[str, ...] = ()
        self.checked_at: datetime | None = None
        """When it last looked through the store."""

    async def run(self) -> None:
        """Checks for ever."""
        while True:
            await asyncio.sleep(AUDIT_EVERY_S)
            await self.check()

    async def check(self) -> None:
        """One look at everything that is not over."""
        now = self._clock.now()
        # The sandbox's fast clock passes a minute in a blink; what is overdue is judged in real seconds.
        limit = now - OVERDUE * self._clock.speed
        try:
            self.findings = tuple(await self._store.tx(lambda conn: overdue(conn, limit), lane=Lane.SECOND))
            self.checked_at = now
            for finding in self.findings:
                log.error("overdue", finding=finding)
                await self._alarm("overdue", f"overdue.{now:%Y%m%dT%H}.{finding}", {"reason": finding})
        except StoreUnavailable as error:
            log.error("the audit could not read the store", reason=str(error))


def overdue(conn: Connection, limit: datetime) -> list[str]:
    """What should have happened by `limit` and did not: clocks and orders left lying.

    That what is not over has a next action need not be looked for: the table of incidents takes no row without one.
    """
    findings = [f"incident {found} was due and nothing was decided" for found, poisoned in incidents.due(conn, limit, NAMED) if not poisoned]
    oldest = outbox.oldest_due(conn)
    if oldest is not None and oldest < limit:
        findings.append("a message has been due for over a minute and is not sent")
    return findings


class Heartbeat:
    """Calls a URL outside every 30 s while all is well, so that somebody elsewhere notices when we are dead.

    Well means all of it: the engine turned since the last beat, `unready()` has no reason against us, the auditor looked lately and
    found nothing, and nothing has been due for 30 s. The body says how we are, for whoever looks into a silence afterwards.
    """

    def __init__(
        self,
        url: str,
        *,
        engine: Turning,
        auditor: Auditor,
        store: Store,
        clock: Clock,
        unready: Callable[[], list[str]],
        describe: Callable[[], Mapping[str, object]],
        beaten: Callable[[datetime], None] = lambda _at: None,
    ) -> None:
        self._url = url
        self._engine = engine
        self._auditor = auditor
        self._store = store
        self._clock = clock
        self._unready = unready
        self._describe = describe
        self._beaten = beaten
        self._seen: datetime | None = None

    async def run(self) -> None:
        """Beats for ever; whatever the receiver does, nothing is raised, for paging goes on without it."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HEARTBEAT_LIMIT_S)) as session:
            while True:
                # Not at once: the engine has yet to turn, and the auditor to look.
                await asyncio.sleep(HEARTBEAT_EVERY_S)
                reasons, body = await self.look()
                if reasons:
                    log.warning("no heartbeat is sent", reasons=reasons)
                else:
                    self._seen = self._engine.last_turn
                    await self._beat(session, body)

    async def look(self) -> tuple[list[str], dict[str, object]]:
        """Why we are not well, as sentences (empty: we are), and what a beat says."""
        now, speed = self._clock.now(), self._clock.speed
        reasons = list(self._unready())
        if self._engine.last_turn in {None, self._seen}:
            reasons.append("the engine has not turned since the last heartbeat")
        checked = self._auditor.checked_at
        if checked is None or now - checked > AUDIT_STALE * speed:
            reasons.append("the auditor has not looked lately")
        reasons += self._auditor.findings
        try:
            due, head = await self._store.tx(lambda conn: (outbox.oldest_due(conn), story.newest_anchor(conn)), lane=Lane.SECOND)
        except StoreUnavailable as error:
            return [*reasons, f"the store cannot be read: {error}"], {}
        late = max((now - due) / speed, timedelta()) if due else timedelta()
        if late >= HEARTBEAT_DUE:
            reasons.append(f"a message has been due for {late.total_seconds():.0f} s")
        body = {"tick": self._engine.turns, "oldest_due_s": round(late.total_seconds(), 1), "audit_head": head, **self._describe()}
        return reasons, body

    async def _beat(self, session: aiohttp.ClientSession, body: dict[str, object]) -> None:
        """One call; a failure is logged and that is all."""
        try:
            async with session.post(self._url, json=body, allow_redirects=False) as response:
                if response.status >= 300:
                    log.warning("the heartbeat was refused", status=response.status)
                    return
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # ValueError: a host that cannot be written as a name; OSError: time-outs and all the network's own.
            log.warning("the heartbeat could not be sent", reason=type(error).__name__)
            return
        self._beaten(self._clock.now())
