"""The heartbeat: it beats while all is well, each single thing that is not well stops it, and no receiver disturbs the daemon."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from oncall import watch
from oncall.core.messages import Order, OrderKind
from oncall.store import Store, open_store, outbox
from oncall.watch import Auditor, Heartbeat

NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


@dataclass
class Still:
    """A clock that stands until a test sets it."""

    at: datetime = NOW
    speed: float = 1.0

    def now(self) -> datetime:
        """The time it stands at."""
        return self.at


@dataclass
class Turns:
    """An engine, as the watch sees it."""

    last_turn: datetime | None = NOW
    turns: int = 7


@dataclass
class Body:
    """A daemon in good health with its heartbeat, ready to fall ill."""

    store: Store
    clock: Still = field(default_factory=Still)
    engine: Turns = field(default_factory=Turns)
    reasons: list[str] = field(default_factory=list)
    beats: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.auditor = Auditor(self.store, self.clock, self.alarm)
        self.auditor.checked_at = NOW

    async def alarm(self, about: str, key: str, values: dict[str, str]) -> None:
        """Nobody is told here."""

    def heart(self, url: str = "http://127.0.0.1:9/") -> Heartbeat:
        """The heartbeat to `url`."""
        return Heartbeat(
            url, engine=self.engine, auditor=self.auditor, store=self.store, clock=self.clock, unready=lambda: self.reasons,
            describe=lambda: {"handbook": "v1", "channels": {"sms": True}}, beaten=self.beats.append,
        )  # fmt: skip


@asynccontextmanager
async def healthy(folder: Path) -> AsyncIterator[Body]:
    """A healthy body with a store of its own."""
    body = Body(open_store(f"sqlite:///{folder / 'oncall.db'}"))
    try:
        yield body
    finally:
        await body.store.close()


async def due_since(body: Body, seconds: float) -> None:
    """A message has been due for so long."""
    order = Order(
        id="trouble/x/parked/ben/sms", kind=OrderKind.TELL, about="parked", incident="", recipient="ben", way="sms",
        address="+15125550105", text="x", urgency=0, due_at=NOW - timedelta(seconds=seconds),
    )  # fmt: skip
    await body.store.tx(lambda conn: outbox.put(conn, (order,)))


async def no_turn(body: Body) -> None:
    """The engine has never turned."""
    body.engine.last_turn = None


async def unready(body: Body) -> None:
    """Readiness has something to say."""
    body.reasons.append("no channel is on, so nobody can be paged")


async def never_audited(body: Body) -> None:
    """The auditor has not looked yet."""
    body.auditor.checked_at = None


async def audited_long_ago(body: Body) -> None:
    """The auditor cannot read the store any more."""
    body.auditor.checked_at = NOW - timedelta(seconds=31)


async def found_something(body: Body) -> None:
    """The auditor found something."""
    body.auditor.findings = ("incident 1001 was due and nothing was decided",)


async def late(body: Body) -> None:
    """A message is late."""
    await due_since(body, 30)


async def store_gone(body: Body) -> None:
    """The store does not answer."""
    await body.store.close()


ILLNESSES: dict[Callable[[Body], Awaitable[None]], str] = {
    no_turn: "the engine has not turned since the last heartbeat",
    unready: "no channel is on, so nobody can be paged",
    never_audited: "the auditor has not looked lately",
    audited_long_ago: "the auditor has not looked lately",
    found_something: "incident 1001 was due and nothing was decided",
    late: "a message has been due for 30 s",
    store_gone: "the store cannot be read",
}


def test_a_healthy_daemon_has_nothing_against_a_beat_and_says_how_it_is(tmp_path: Path) -> None:
    async def look() -> None:
        async with healthy(tmp_path) as body:
            await due_since(body, 29)
            reasons, said = await body.heart().look()
            assert reasons == []
            assert said == {"tick": 7, "oldest_due_s": 29.0, "audit_head": "", "handbook": "v1", "channels": {"sms": True}}

    asyncio.run(look())


@pytest.mark.parametrize("illness", ILLNESSES, ids=lambda illness: str(illness.__name__))
def test_each_single_illness_stops_the_heartbeat(tmp_path: Path, illness: Callable[[Body], Awaitable[None]]) -> None:
    async def look() -> None:
        async with healthy(tmp_path) as body:
            await illness(body)
            reasons, _ = await body.heart().look()
            assert len(reasons) == 1
            assert reasons[0].startswith(ILLNESSES[illness])

    asyncio.run(look())


@asynccontextmanager
async def receiver(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """An outside watcher that answers as `answer` does; its URL."""
    app = web.Application()
    app.router.add_post("/beat", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/beat"
    finally:
        await runner.cleanup()


def test_it_beats_once_for_each_new_turn_and_is_silent_when_the_engine_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "HEARTBEAT_EVERY_S", 0.02)
    taken: list[dict[str, object]] = []

    async def take(request: web.Request) -> web.Response:
        taken.append(json.loads(await request.text()))
        return web.Response()

    async def live() -> None:
        async with healthy(tmp_path) as body, receiver(take) as url:
            beating = asyncio.create_task(body.heart(url).run())
            await soon(lambda: bool(body.beats))
            await asyncio.sleep(0.2)
            assert [one["tick"] for one in taken] == [7]
            body.engine.last_turn, body.engine.turns = NOW + timedelta(seconds=1), 8
            await soon(lambda: len(body.beats) == 2)
            assert [one["tick"] for one in taken] == [7, 8]
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    asyncio.run(live())


async def refuse(_request: web.Request) -> web.Response:
    """A receiver that says no."""
    return web.Response(status=500)


async def send_elsewhere(_request: web.Request) -> web.Response:
    """A receiver that sends us to another place, where we do not go."""
    return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"})


async def never_answer(_request: web.Request) -> web.Response:
    """A receiver that takes the request and is silent."""
    await asyncio.sleep(60)
    return web.Response()


@pytest.mark.parametrize("answer", [refuse, send_elsewhere, never_answer], ids=lambda answer: str(answer.__name__))
def test_a_receiver_that_fails_is_logged_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[web.Request], Awaitable[web.Response]]
) -> None:
    monkeypatch.setattr(watch, "HEARTBEAT_EVERY_S", 0.02)
    monkeypatch.setattr(watch, "HEARTBEAT_LIMIT_S", 0.2)
    asked: list[str] = []

    async def count(request: web.Request) -> web.Response:
        asked.append(request.path)
        return await answer(request)

    async def live() -> None:
        async with healthy(tmp_path) as body, receiver(count) as url:
            beating = asyncio.create_task(body.heart(url).run())
            await soon(lambda: len(asked) == 1)
            body.engine.last_turn = NOW + timedelta(seconds=1)
            await soon(lambda: len(asked) == 2)
            assert (beating.done(), body.beats) == (False, [])
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    asyncio.run(live())


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", f"https://{'x' * 70}.example/", "https://a..example/", "https://no-such-host.invalid/"])
def test_an_address_that_cannot_be_reached_does_not_end_the_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(watch, "HEARTBEAT_EVERY_S", 0.02)

    async def live() -> None:
        async with healthy(tmp_path) as body:
            beating = asyncio.create_task(body.heart(url).run())
            await asyncio.sleep(0.2)
            assert (beating.done(), body.beats) == (False, [])
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    asyncio.run(live())


async def soon(look: Callable[[], bool]) -> None:
    """Waits until `look()` is true; ten seconds at most."""
    async with asyncio.timeout(10):
        while not look():  # noqa: ASYNC110 -- what is waited for happens behind a socket
            await asyncio.sleep(0.01)
