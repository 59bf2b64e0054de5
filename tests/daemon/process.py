"""The real daemon as a process, with a temporary state, the example handbook, and the sandbox's Twilio over real HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import aiohttp

from oncall.daemon.sandboxed import free_port
from oncall.handbook import read
from oncall.sandbox import Handset, Numbers, Sandbox, SlackWorkspace, Text

ROOT = Path(__file__).parents[2]
KEY = "t" * 24
NUMBERS = Numbers(account_sid="AC" + "0" * 32, auth_token="f" * 32, staff="+15125550100", customers="+15125550101")
WORKSPACE = SlackWorkspace(bot_token="xoxb-" + "b" * 20, app_token="xapp-" + "a" * 20, signing_secret="s" * 32, channel="C0AFTERHRS")
CUSTOMER = Handset(id="customer", name="Dana", number="+15125550199")
REPORT = {"summary": "Checkout is down", "service": "checkout", "customer": "Northwind", "contact": {"name": "Dana", "phone": CUSTOMER.number}}


@dataclass
class Machine:
    """A machine with a daemon on it: start, signal, kill and look at it."""

    folder: Path
    sandbox: Sandbox
    url: str
    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    lines: list[dict[str, object]] = field(default_factory=list)
    _reading: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self, *, wait: bool = True, **more: str) -> asyncio.subprocess.Process:
        """Starts a daemon; `more` adds to its environment."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "oncall", "run", cwd=ROOT, env={**self.environment, **more},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.process = process
        self._reading.append(asyncio.create_task(self._read(process)))
        if wait:
            await self.logged("ready")
        return process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            text = line.decode()
            self.lines.append(json.loads(text) if text.startswith("{") else {"event": text.strip()})

    async def logged(self, event: str) -> dict[str, object]:
        """The first log line with this event since the start (or the last forget())."""
        return await eventually(lambda: next((line for line in self.lines if line["event"] == event), None))

    def forget(self) -> None:
        """Looks only at what is logged from now on."""
        self.lines.clear()

    async def ended(self, number: int | None = None) -> int:
        """Sends a signal, if any, and waits for the exit code."""
        assert self.process is not None
        if number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(20):
            return await self.process.wait()

    async def oncall(self, *arguments: str) -> tuple[int, str]:
        """A command beside the daemon: its exit code, and what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "oncall", *arguments, cwd=ROOT, env=self.environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def report(self, key: str = "") -> dict[str, object]:
        """Reports an emergency over HTTP."""
        headers = {"Authorization": f"Bearer {KEY}"} | ({"Idempotency-Key": key} if key else {})
        async with aiohttp.ClientSession() as session, session.post(f"{self.url}/v1/emergencies", json=REPORT, headers=headers) as response:
            assert response.status == 202, await response.text()
            return dict(await response.json())

    async def act(self, reference: object, verb: str, by: str) -> int:
        """Somebody acts over HTTP; the status of the answer."""
        headers, url = {"Authorization": f"Bearer {KEY}"}, f"{self.url}/v1/incidents/{reference}/{verb}"
        async with aiohttp.ClientSession() as session, session.post(url, json={"by": by}, headers=headers) as response:
            return response.status

    async def incident(self, reference: object) -> dict[str, object]:
        """An incident with its story."""
        headers = {"Authorization": f"Bearer {KEY}"}
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/v1/incidents/{reference}", headers=headers) as response:
            return dict(await response.json())

    async def text(self, number: str, words: str) -> Text:
        """The first text to a handset with these words in it, waited for."""
        return await eventually(lambda: next((one for one in self.sandbox.texts_to(number) if words in one.body), None))

    async def page(self) -> tuple[str, str]:
        """The first page to anybody: the number and the code to reply."""
        people = read(ROOT / "config", ROOT / "rotations").handbook
        assert people is not None
        numbers = [person.phones[0] for person in people.people.values()]

        def look() -> Text | None:
            return next((one for number in numbers for one in self.sandbox.texts_to(number) if "= take it" in one.body), None)

        page = await eventually(look)
        found = re.search(r"Reply (\d+) = take it", page.body)
        assert found is not None
        return page.to, found[1]


def telephones() -> list[Handset]:
    """The handsets of the example handbook's people."""
    book = read(ROOT / "config", ROOT / "rotations").handbook
    assert book is not None
    return [Handset(id=one.id, name=one.name, number=one.phones[0], email=one.email or "", slack=one.slack or "") for one in book.people.values()]


T = TypeVar("T")


async def eventually(look: Callable[[], T | None]) -> T:
    """What `look()` gives once it gives something."""
    async with asyncio.timeout(20):
        while (found := look()) is None:  # noqa: ASYNC110 -- what is waited for happens in another process or a library
            await asyncio.sleep(0.02)
        return found


@asynccontextmanager
async def machine(folder: Path, speed: float = 1.0) -> AsyncIterator[Machine]:
    """A machine without a daemon yet, and everybody's telephones, which are `speed` times as fast; what still runs on it at the end is killed."""
    sandbox = Sandbox(
        numbers=NUMBERS, people=telephones(), speed=speed, customer=CUSTOMER, api_key=KEY, now=lambda: datetime.now(UTC), slack=WORKSPACE
    )  # fmt: skip
    base = await sandbox.start()
    for name in ("config", "rotations"):
        shutil.copytree(ROOT / name, folder / name)
    listen = f"127.0.0.1:{free_port('127.0.0.1')}"
    sandbox.daemon_at(f"http://{listen}")
    environment = {
        "PATH": os.environ["PATH"],
        "STATE_DIRECTORY": str(folder / "state"),
        "ONCALL_CONFIG": str(folder / "config"),
        "ONCALL_ROTATIONS": str(folder / "rotations"),
        "ONCALL_SOCKET": str(folder / "ctl.sock"),
        "ONCALL_SPOOL": str(folder / "spool"),
        "ONCALL_LISTEN": listen,
        "ONCALL_API_KEYS": f"test:{KEY}:report+read+act",
        "ONCALL_TWILIO_ACCOUNT_SID": NUMBERS.account_sid,
        "ONCALL_TWILIO_AUTH_TOKEN": NUMBERS.auth_token,
        "ONCALL_TWILIO_FROM": NUMBERS.staff,
        "ONCALL_TWILIO_CUSTOMER_FROM": NUMBERS.customers,
        "ONCALL_TWILIO_API_BASE": base,
    }
    one = Machine(folder=folder, sandbox=sandbox, url=f"http://{listen}", environment=environment)
    try:
        yield one
    finally:
        if one.process is not None and one.process.returncode is None:
            one.process.kill()
            await one.process.wait()
        await asyncio.gather(*one._reading)
        await sandbox.stop()


def on_machine(folder: Path, story: Callable[[Machine], Awaitable[None]]) -> None:
    """Runs a test's story on a fresh machine."""

    async def run() -> None:
        async with machine(folder) as one:
            await story(one)

    asyncio.run(run())


__all__ = ["CUSTOMER", "KEY", "REPORT", "Machine", "eventually", "on_machine", "signal"]
