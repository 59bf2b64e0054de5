"""A standing sandbox beside a browser: it runs in a thread of its own, because playwright's simple API blocks this one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.sandbox.standing import Standing, standing

T = TypeVar("T")


@dataclass
class Beside:
    """The sandbox in its thread."""

    here: Standing
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Does something over there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def send(self, to: str, body: str) -> None:
        """Our side texts a handset."""
        self.run(self.here.send(to, body))


@contextmanager
def beside(speed: float = 20) -> Iterator[Beside]:
    """A sandbox with its recording daemon, until the block ends."""
    ready: Future[tuple[Beside, asyncio.Event]] = Future()

    async def run() -> None:
        over = asyncio.Event()
        async with standing(speed=speed) as here:
            ready.set_result((Beside(here, asyncio.get_running_loop()), over))
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    found, over = ready.result(10)
    try:
        yield found
    finally:
        found.loop.call_soon_threadsafe(over.set)
        thread.join(10)
