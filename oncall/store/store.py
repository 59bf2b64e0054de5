"""What a store is: somebody who runs a unit of work in a transaction and says so after the commit."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Lane(IntEnum):
    """Who goes first: FIRST is for acknowledgements, claims and due clocks, SECOND for intake (decisions.md 9)."""

    FIRST = 0
    SECOND = 1


class StoreUnavailable(Exception):
    """The store cannot be written now: full, read-only, failing. Nothing of the unit of work was kept."""


class StoreRefused(Exception):
    """The store is not opened: newer, damaged, not ours, not writable, or used by another daemon."""


class Store(Protocol):
    """A store. `failed` is empty, or says why this process must end and start anew."""

    failed: str

    async def tx(self, unit: Callable[[Connection], T], *, lane: Lane = Lane.FIRST) -> T:
        """Runs `unit` in a transaction and returns its result after the commit. It may be run again if the commit fails.

        StoreUnavailable: it was not committed. Whatever the unit raises is raised here, and nothing of it was kept.
        """
        ...

    async def scrub(self) -> bool:
        """Makes sure that what was emptied before is gone from the files, also from what waits to be written there.

        False: somebody else reads them at the moment; it goes by itself, later. StoreUnavailable.
        """
        ...

    async def close(self) -> None:
        """Finishes what is under way and lets the store go."""
        ...
