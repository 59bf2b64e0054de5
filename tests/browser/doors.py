"""The doors of a daemon beside a browser: they stand in a thread of their own, because playwright's simple API blocks this one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from oncall.core.model import Handbook
from tests.web.public.browsing import WAYS
from tests.web.standing import Standing, logged_elsewhere, standing

T = TypeVar("T")


@dataclass
class Doors:
    """The daemon in its thread."""

    here: Standing
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Does something over there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)


@contextmanager
def doors(folder: Path, handbook: Callable[[], Handbook]) -> Iterator[Doors]:
    """A daemon with public pages, until the block ends."""
    ready: Future[tuple[Doors, asyncio.Event]] = Future()

    async def run() -> None:
        over = asyncio.Event()
        async with standing(folder, handbook=handbook, ways=WAYS) as here:
            ready.set_result((Doors(here, asyncio.get_running_loop()), over))
            await over.wait()

    with logged_elsewhere():
        thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
        thread.start()
        found, over = ready.result(20)
        try:
            yield found
        finally:
            found.loop.call_soon_threadsafe(over.set)
            thread.join(10)
