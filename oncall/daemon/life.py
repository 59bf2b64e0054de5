"""The daemon's life: start in order, serve, reload, stop within five seconds; a part that dies takes the process with it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import time
from collections.abc import Awaitable, Coroutine
from datetime import datetime
from typing import Any

import structlog

from oncall import __version__
from oncall.daemon.building import Built, build, parts_from, webhooks
from oncall.daemon.clock import DaemonClock
from oncall.daemon.crash import stall_after
from oncall.daemon.doors import Doors
from oncall.daemon.refusal import StartRefused
from oncall.settings import Settings
from oncall.settings.names import test_names
from oncall.watch import Heartbeat, Notifier, feed_watchdog
from oncall.web.app import make_app, open_doors
from oncall.web.health import unready
from oncall.web.metrics import Metrics
from oncall.web.parts import Reload
from oncall.web.servers import GRACE_S

log = structlog.get_logger(__name__)

BROKEN = 70
"""Exit code when a part of the daemon died: EX_SOFTWARE of sysexits(3); systemd starts us again."""

YOUNG_OBJECTS = 20_000
"""So many new objects are made before the collector looks for cycles among them; a few megabytes."""
ENDING_BY_THEMSELVES = frozenset({"public server", "control server", "engine", "spool", "Slack's channel", "Slack's socket"})
"""Parts that finish what they are at when told to stop; the others are simply cancelled."""


class Daemon:
    """One daemon. run() returns the exit code; `started` is set once emergencies are taken, stop() ends it."""

    def __init__(self, settings: Settings, *, speed: float = 1.0) -> None:
        self.started = asyncio.Event()
        self.address = ""
        """Base URL of the public server on this machine, once it listens."""
        self._settings = settings
        self._speed = speed
        self._before = DaemonClock(speed=speed)
        self._notifier = Notifier()
        self._metrics = Metrics()
        self._stopping = asyncio.Event()
        self._broken = ""
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._built: Built | None = None

    def stop(self) -> None:
        """Ends the daemon in good order."""
        self._stopping.set()

    def now(self) -> datetime:
        """The daemon's time; before it has read its store's mark, the machine's."""
        return self._built.clock.now() if self._built is not None else self._before.now()

    async def run(self) -> int:
        """Lives until stop(), SIGTERM or SIGINT (0), or until a part dies (70). StartRefused: it cannot start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        for name in test_names(os.environ):
            log.warning("A TEST SETTING IS ACTIVE; never run like this for real", name=name)
        app = make_app(webhooks(self._settings), self._settings.ways)
        doors = Doors(app)
        self.address = doors.open_public(self._settings)
        self._supervise("public server", doors.serve_public())
        try:
            built = self._built = await build(self._settings, self._metrics, self._speed, self._fail)
            doors.open_control(self._settings.control_socket)
            self._supervise("control server", doors.serve_control())
            open_doors(app, parts_from(self._settings, built, self._metrics, self._reload))
            self._begin(built)
            spare_the_collector()
            self._say_ready(built)
            await self._stopping.wait()
        finally:
            self._notifier.tell(STOPPING=1)
            self._stopping.set()
            await self._end(doors)
        if self._broken:
            log.critical("the daemon ends because a part of it is dead", reason=self._broken)
            return BROKEN
        log.info("stopped")
        return 0

    def _begin(self, built: Built) -> None:
        """Starts every part that runs by itself."""
        self._supervise("engine", built.engine.run())
        self._supervise("auditor", built.auditor.run())
        self._supervise("requests", built.asking.run())
        self._supervise("handbook watch", built.book.watch(self._files_changed))
        if built.spool is not None:
            self._supervise("spool", built.spool.run())
        if built.boards is not None:
            self._supervise("Slack's channel", built.boards.run())
        if built.socket is not None:
            self._supervise("Slack's socket", built.socket.run())
        if self._notifier.feed_every_s:
            self._supervise("watchdog", feed_watchdog(self._notifier, built.engine))
        url = self._settings.heartbeat_url.get_secret_value()
        if url:
            self._supervise("heartbeat", self._heartbeat(url, built).run())
        stall_after(os.environ, asyncio.get_running_loop().call_later)
        built.chores.start()

    def _heartbeat(self, url: str, built: Built) -> Heartbeat:
        """The heartbeat of all parts."""
        parts = parts_from(self._settings, built, self._metrics, self._reload)
        return Heartbeat(
            url,
            engine=built.engine,
            auditor=built.auditor,
            store=built.store,
            clock=built.clock,
            unready=lambda: unready(parts),
            describe=lambda: {"handbook": built.book.handbook.version, "channels": dict(parts.channels)},
            beaten=self._metrics.beaten,
        )

    def _say_ready(self, built: Built) -> None:
        """Tells systemd and the log."""
        channels = {way: "on" if way in built.channels else "off: no credentials" for way in built.ways}
        self._notifier.tell(READY=1, STATUS=f"able to page; handbook {built.book.handbook.version}")
        log.info("ready", version=__version__, listen=self.address, channels=channels, handbook=built.book.handbook.version, speed=self._speed)
        self.started.set()

    # Tasks

    def _supervise(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Runs `work` for as long as the daemon lives; if it ends before, the daemon does (reliability.md row 51)."""
        task = asyncio.create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """A supervised task is over."""
        if self._stopping.is_set():
            return
        error = None if task.cancelled() else task.exception()
        log.critical("a part of the daemon died", part=task.get_name(), exc_info=error)
        self._fail(f"{task.get_name()} ended" + (f": {type(error).__name__}: {error}" if error else ""))

    def _supervise_once(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs `work` beside the rest; its failure is a failure of the daemon, its end is not."""
        task = asyncio.create_task(work, name="reload")
        self._tasks[f"reload {id(task)}"] = task
        task.add_done_callback(lambda done: self._ended(done) if done.cancelled() or done.exception() else None)
        task.add_done_callback(lambda done: self._tasks.pop(f"reload {id(done)}", None))

    def _fail(self, reason: str) -> None:
        """The daemon ends, with the first reason there was."""
        self._broken = self._broken or reason
        self._stopping.set()

    # Reload

    def _hang_up(self) -> None:
        """SIGHUP came. While we are starting there is nothing to do: the files are read in a moment anyway."""
        if self.started.is_set():
            self._supervise_once(self._reload_for_systemd())

    async def _reload_for_systemd(self) -> None:
        """Systemd is told that we reload, then that we are ready again."""
        self._notifier.tell(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
        try:
            await self._reload()
        finally:
            self._notifier.tell(READY=1)

    async def _files_changed(self) -> None:
        """A file of the handbook changed."""
        await self._reload(patient=True)

    async def _reload(self, *, patient: bool = False) -> Reload:
        """Reads the handbook again; of a bad one the admins are told and the one in force stays."""
        built = self._built
        assert built is not None
        old = built.book.handbook
        good = await built.book.reload(patient=patient)
        self._metrics.reloaded(built.clock.now(), good)
        if built.book.handbook.version != old.version:
            await built.tell_of_moves(old)
        problems = built.book.problems
        if not good and problems:
            await built.tell_of_handbook()
        self._notifier.tell(STATUS=f"handbook {built.book.handbook.version}" + ("" if good else "; the files have problems and are not used"))
        return Reload(version=built.book.handbook.version, problems=problems)

    # The end

    async def _end(self, doors: Doors) -> None:
        """Closes the doors and the engine, last the store: what was accepted is kept, what is under way is settled."""
        built = self._built
        doors.close()
        if built is not None:
            built.chores.stop()
            if built.spool is not None:
                built.spool.stop()
            if built.boards is not None:
                built.boards.stop()
            if built.socket is not None:
                built.socket.stop()
            await built.engine.stop()
        ending = [task for name, task in self._tasks.items() if name in ENDING_BY_THEMSELVES and not task.done()]
        if ending:
            await asyncio.wait(ending, timeout=GRACE_S)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if built is not None:
            for channel in built.channels.values():
                await quietly(channel.close())
            await quietly(built.store.close())


def spare_the_collector() -> None:
    """What was made so far stays: the collector goes through new objects only. A round over handbook and libraries takes a tenth of a second.

    The young are looked through less often too: an emergency makes a few thousand objects and leaves hardly any behind in a cycle.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    gc.enable()


async def quietly(closing: Awaitable[None]) -> None:
    """Closes something at the very end; a failure is logged, and the rest is closed all the same."""
    try:
        await closing
    except Exception:
        log.exception("something could not be closed")


__all__ = ["BROKEN", "Daemon", "StartRefused"]
