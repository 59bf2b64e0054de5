"""An asyncio loop whose time is ours: waiting costs nothing, the order is always the same, and a wait for nothing is an error."""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from typing import Any
from weakref import WeakKeyDictionary


class Deadlock(RuntimeError):
    """Everybody waits and nothing will ever happen."""


class NoSelector(selectors.BaseSelector):
    """Watches nothing; a wait moves the loop's time forward."""

    def __init__(self) -> None:
        self.micros = 0
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Jumps to the next timer, at least a microsecond: floats that round down would wait for ever."""
        if timeout is None:
            raise Deadlock("every task waits and no timer is set")
        if timeout > 0:
            self.micros += max(1, math.ceil(timeout * 1e6))
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Keeps the loop's own wake-up socket, which nobody uses."""
        key = selectors.SelectorKey(fileobj, 0, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Forgets it."""
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """What is kept."""
        return self._keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. Its time starts at 0 and moves only when everybody waits."""

    def __init__(self) -> None:
        self._virtual = NoSelector()
        super().__init__(self._virtual)
        self._clock_resolution = 1e-6
        self._numbers: WeakKeyDictionary[asyncio.Task[Any], int] = WeakKeyDictionary()
        self._made = 0
        self.set_task_factory(self._task)  # type: ignore[arg-type]  # typeshed asks for a generic factory; ours takes whatever a loop is given

    def _task(self, _loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any) -> asyncio.Task[Any]:
        """A task, numbered."""
        task = asyncio.Task(work, loop=self, **more)
        self._made += 1
        self._numbers[task] = self._made
        return task

    def others(self) -> list[asyncio.Task[Any]]:
        """All tasks but the one that asks, the oldest first; asyncio itself keeps them in no order that another run would have."""
        return sorted(asyncio.all_tasks(self) - {asyncio.current_task(self)}, key=self._numbers.__getitem__)

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._virtual.micros / 1e6

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]  # it never returns
        """A thread would bring real time in."""
        raise AssertionError(f"{func} was given to a thread inside the simulation")
