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

from oncall.core.messages import FINAL, Status
from oncall.engine import Clock
from oncall.store import Lane, Store, StoreUnavailable, incidents, outbox

log = structlog.get_logger(__name__)

AUDIT_EVERY_S = 10.0
OVERDUE = timedelta(seconds=60)
"""A due order or clock this old means that the loop does not do its work; healthy is under two seconds (reliability.md 3)."""
AUDITED = 10_000
HEARTBEAT_EVERY_S = 30.0
HEARTBEAT_LIMIT_S = 10.0


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
            for finding in self.findings:
                log.error("overdue", finding=finding)
                await self._alarm("overdue", f"overdue.{now:%Y%m%dT%H}.{finding}", {"reason": finding})
        except StoreUnavailable as error:
            log.error("the audit could not read the store", reason=str(error))


def overdue(conn: Connection, limit: datetime) -> list[str]:
    """What should have happened before `limit` and did not: incidents without a next action, clocks and orders left lying."""
    findings = []
    for incident in incidents.listing(conn, tuple(one for one in Status if one not in FINAL), AUDITED):
        if incident.wake_at is None:
            findings.append(f"incident {incident.id} has no next action")
        elif incident.wake_at < limit and not incidents.is_poisoned(conn, incident.id):
            findings.append(f"incident {incident.id} was due and nothing was decided")
    oldest = outbox.oldest_due(conn)
    if oldest is not None and oldest < limit:
        findings.append("a message has been due for over a minute and is not sent")
    return findings


async def heartbeat(url: str, engine: Turning, healthy: Callable[[], bool]) -> None:
    """Calls `url` every 30 s after an engine turn through the store, so that somebody outside notices when we are dead."""
    seen: datetime | None = None
    timeout = aiohttp.ClientTimeout(total=HEARTBEAT_LIMIT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            if engine.last_turn is not None and engine.last_turn != seen and healthy():
                seen = engine.last_turn
                try:
                    async with session.post(url, allow_redirects=False) as response:
                        if response.status >= 300:
                            log.warning("the heartbeat was refused", status=response.status)
                except (aiohttp.ClientError, TimeoutError) as error:
                    log.warning("the heartbeat could not be sent", reason=type(error).__name__)
            await asyncio.sleep(HEARTBEAT_EVERY_S)
