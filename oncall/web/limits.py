"""How many requests each API key may make; generous, so that only a program gone wild meets it."""

from __future__ import annotations

from collections.abc import Callable

PER_MINUTE = 600
"""Requests of one key: ten a second for ever, a hundred times what a busy night needs."""


class RateLimit:
    """A bucket of tokens for each key; `monotonic` gives real seconds."""

    def __init__(self, monotonic: Callable[[], float], per_minute: int = PER_MINUTE) -> None:
        self._monotonic = monotonic
        self._per_minute = per_minute
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, key: str) -> float:
        """Takes one token of `key`; 0.0 if there was one, else the seconds until the next."""
        now = self._monotonic()
        left, since = self._buckets.get(key, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - since) * self._per_minute / 60)
        if left < 1:
            self._buckets[key] = (left, now)
            return (1 - left) * 60 / self._per_minute
        self._buckets[key] = (left - 1, now)
        return 0.0
