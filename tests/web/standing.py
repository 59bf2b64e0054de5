"""A standing daemon without its process: the real store and engine, a carrier that remembers, both servers on real sockets."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import structlog
import uvloop
from fastapi import APIRouter, FastAPI

from oncall import logs
from oncall.channels import Accepted, Channel, Outgoing
from oncall.core.model import AfterHours, Escalation, Handbook, LastResort, Person, Service, Severity, Step, TriageRule
from oncall.core.overrides import Override, joined
from oncall.core.place import Place
from oncall.core.publishing import NO_WAYS, Ways
from oncall.core.rota import Rotation, Shift, Turnholder
from oncall.daemon.clock import DaemonClock
from oncall.engine import Engine
from oncall.engine.asking import Asking
from oncall.engine.changing import Changing
from oncall.engine.forgetting import Forgetting
from oncall.engine.reporting import Reporting
from oncall.settings.keys import read_keys
from oncall.store import Store, open_store
from oncall.web.app import make_app, open_doors
from oncall.web.limits import RateLimit
from oncall.web.metrics import Metrics
from oncall.web.parts import Parts, Reload
from oncall.web.servers import BoundedProtocol, PeerProtocol, public_socket, server, unix_socket
from oncall.web.visitors import Visitors

HERE = Place(file="config/test.yaml", line=1, column=1)
REPORT_KEY, DESK_KEY, ADMIN_KEY = "r" * 20, "d" * 20, "a" * 20
ANA, BEN = "+15125550104", "+15125550105"


def handbook() -> Handbook:
    """Ana is on call, Ben is the second step and the last resort."""
    people = {
        name: Person(id=name, name=name.title(), phones=(phone,), email=None, slack=None, language="en", timezone="UTC", place=HERE)
        for name, phone in (("ana", ANA), ("ben", BEN))
    }
    shift = Shift(name="always", ring=(Turnholder(people=("ana",), place=HERE),), handover=None, start=None, hours=None, timezone="UTC", place=HERE)
    steps = tuple(Step(page=(who,), wait=timedelta(minutes=5), place=HERE) for who in ("support", "ben"))
    severity = Severity(
        id="sev1", rank=0, means="everything is down", after_hours=AfterHours.PAGE, contact_within={"api": timedelta(minutes=15)},
        contact_after_opening=None, acknowledge_again_after=timedelta(minutes=30), escalation="standard", place=HERE,
    )  # fmt: skip
    rule = TriageRule(words=(), services=(), sources=(), channels=(), severity="sev1", lower=False, otherwise=True, place=HERE)
    return Handbook(
        version="v1",
        company="Example Ltd",
        timezone="UTC",
        people=people,
        rotations={"support": Rotation(id="support", shifts=(shift,), place=HERE)},
        away=(),
        changes=(),
        escalations={"standard": Escalation(id="standard", steps=steps, rounds=1, place=HERE)},
        services={"shop": Service(id="shop", name="Shop", escalations={"otherwise": "standard"}, place=HERE)},
        severities={"sev1": severity},
        triage=(rule,),
        office=None,
        admins=("ben",),
        managers=("ben",),
        last_resort=(LastResort(person="ben", phone=None),),
    )


class Book:
    """A handbook in force, with the changes that are taken."""

    def __init__(self, handbook: Callable[[], Handbook]) -> None:
        self._files = handbook
        self._taken: tuple[Override, ...] = ()

    @property
    def handbook(self) -> Handbook:
        """Both together."""
        return joined(self._files(), self._taken)

    def use_overrides(self, taken: Iterable[Override]) -> None:
        """From now on these are in force."""
        self._taken = tuple(taken)


@dataclass
class Carrier:
    """A channel that takes everything and remembers it."""

    way: str = "sms"
    sent: list[Outgoing] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Takes a message."""
        self.sent.append(outgoing)
        return Accepted(provider_id=f"SM{len(self.sent)}")

    async def close(self) -> None:
        """Nothing is held."""

    async def received(self, address: str) -> Outgoing:
        """The first message to `address`, waited for."""
        async with asyncio.timeout(10):
            while True:
                for one in self.sent:
                    if one.address == address:
                        return one
                await asyncio.sleep(0.01)


@dataclass
class Standing:
    """What a test holds: where the doors are and what is behind them."""

    url: str
    socket: Path
    parts: Parts
    carrier: Carrier
    store: Store
    public: aiohttp.ClientSession
    control: aiohttp.ClientSession
    app: FastAPI
    problems: list[str] = field(default_factory=list)

    async def call(
        self, method: str, path: str, body: object = None, *, key: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, object]]:  # fmt: skip
        """One request to the public door with an API key; '' goes through the control socket."""
        session, base = (self.public, self.url) if key else (self.control, "http://oncall")
        given = {**({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
        async with session.request(method, base + path, json=body, headers=given) as response:
            return response.status, await response.json(content_type=None)


def parts_of(
    engine: Engine, store: Store, book: Book, clock: DaemonClock, metrics: Metrics, problems: list[str], per_minute: int, ways: Ways,
    changing: Changing,
) -> Parts:  # fmt: skip
    """What the routes work with."""

    async def reload() -> Reload:
        return Reload(version="v1", problems=tuple(problems))

    reporting = Reporting(store, clock, lambda: book.handbook)
    return Parts(
        engine=engine, store=store, handbook=lambda: book.handbook, now=clock.now, speed=1.0, last_write=lambda: datetime.now(UTC),
        keys=read_keys(f"shop:{REPORT_KEY},desk:{DESK_KEY}:report+read+act,boss:{ADMIN_KEY}:admin"), channels={"sms": True}, metrics=metrics,
        rate=RateLimit(time.monotonic, per_minute), visitors=Visitors(time.monotonic), reload=reload, problems=lambda: tuple(problems),
        changing=changing, reporting=reporting, forgetting=Forgetting(store, clock, lambda: book.handbook, frozenset({"sms"}), reporting),
        base_url="https://oncall.example", ways=ways,
    )  # fmt: skip


@asynccontextmanager
async def standing(
    folder: Path,
    *,
    ready: bool = True,
    per_minute: int = 600,
    webhooks: Sequence[APIRouter] = (),
    handbook: Callable[[], Handbook] = handbook,
    more_channels: Mapping[str, Channel] = MappingProxyType({}),
    ways: Ways = NO_WAYS,
) -> AsyncIterator[Standing]:
    """A daemon's doors over a real engine, until the block ends."""
    store, clock, carrier, metrics = open_store(f"sqlite:///{folder / 'oncall.db'}"), DaemonClock(), Carrier(), Metrics()
    book = Book(handbook)
    engine = Engine(store=store, clock=clock, handbook=lambda: book.handbook, channels={"sms": carrier, **more_channels}, counts=metrics)
    problems: list[str] = []

    channels = frozenset({"sms", *more_channels})
    parts = parts_of(engine, store, book, clock, metrics, problems, per_minute, ways, Changing(engine, clock, book, channels))
    app, listening, path = make_app(webhooks, ways), public_socket("127.0.0.1", 0), folder / "ctl.sock"
    if ready:
        open_doors(app, parts)
    servers = [(server(app, BoundedProtocol), listening), (server(app, PeerProtocol), unix_socket(path))]
    requests = asyncio.create_task(Asking(engine, clock, lambda: book.handbook, parts.changing, channels).run())
    tasks = [asyncio.create_task(engine.run()), *(asyncio.create_task(one.serve(sockets=[at])) for one, at in servers)]
    await wait_for(lambda: all(one.started for one, _ in servers))
    async with aiohttp.ClientSession() as public, aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as control:
        try:
            yield Standing(
                url=f"http://127.0.0.1:{listening.getsockname()[1]}", socket=path, parts=parts, carrier=carrier, store=store, public=public,
                control=control, app=app, problems=problems,
            )  # fmt: skip
        finally:
            for one, _ in servers:
                one.stop()
            requests.cancel()
            await engine.stop()
            await asyncio.gather(*tasks)
            with suppress(asyncio.CancelledError):
                await requests
            await store.close()


async def wait_for(so: Callable[[], object]) -> None:
    """Waits until `so()` is true."""
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 -- what is waited for happens in another process or a library
            await asyncio.sleep(0.01)


def play(folder: Path, story: Callable[[Standing], Awaitable[None]], **given: Any) -> None:
    """Runs a test's story against standing doors; `given` as in `standing`."""

    async def run() -> None:
        async with standing(folder, **given) as doors:
            await story(doors)

    with logged_elsewhere():
        # As the daemon runs, which does not use asyncio's own loop.
        uvloop.run(run())


@contextmanager
def logged_elsewhere() -> Iterator[io.StringIO]:
    """Logs go into a text of their own, not between what a command prints; afterwards everything is as it was."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    logs.configure(stream=stream)
    try:
        yield stream
    finally:
        root.handlers, root.level = handlers, level
        structlog.reset_defaults()
