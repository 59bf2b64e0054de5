"""What a probe is given and what it gives back, and how it waits for things that cannot be told to stop."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from oncall.settings import Settings

T = TypeVar("T")

FINE, WARNING, PROBLEM = "ok", "warning", "problem"
MARKS: Mapping[str, str] = {FINE: "✓", WARNING: "!", PROBLEM: "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One thing that was looked at. `state` is FINE, WARNING or PROBLEM; what is not fine has a remedy in `hint`."""

    state: str
    text: str
    hint: str = ""


def fine(text: str) -> Look:
    """All is well."""
    return Look(state=FINE, text=text)


def warning(text: str, hint: str) -> Look:
    """It works, but not as it should."""
    return Look(state=WARNING, text=text, hint=hint)


def problem(text: str, hint: str) -> Look:
    """Pages will be lost or late."""
    return Look(state=PROBLEM, text=text, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What the probes look at. `status` is what the running daemon says of itself; None: none answers, and `silence` says why."""

    settings: Settings
    now: Callable[[], datetime]
    status: dict[str, Any] | None = None
    silence: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


async def in_thread(work: Callable[[], T]) -> T:
    """What `work` gives, from a thread that nobody waits for at the end: a look-up of a name or a disk may hang for minutes."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)  # type: ignore[arg-type]  # one of the two is given

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 -- it is raised again where the result is awaited
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="doctor", daemon=True).start()
    return await future


async def unresolved(url: str) -> str:
    """Why the host of `url` has no address; empty if it has one."""
    host = urlsplit(url).hostname or ""
    try:
        await in_thread(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        return f"{host} has no address ({getattr(error, 'strerror', None) or error})"
    return ""
