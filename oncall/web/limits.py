"""How many requests each API key, each visitor and each telephone number may make; generous, so that only a program gone wild meets it."""

from __future__ import annotations

from collections.abc import Callable

PER_MINUTE = 600
"""Requests of one key: ten a second for ever, a hundred times what a busy night needs."""
MOST_KEYS = 10_000
"""Keys that are remembered at one time; a flood from ever new addresses must not fill the memory."""


class RateLimit:
    """A bucket of tokens for each key: `burst` at once, then `per_minute`; `monotonic` gives real seconds."""

    def __init__(self, monotonic: Callable[[], float], per_minute: float = PER_MINUTE, burst: int = 0) -> None:
        self._monotonic = monotonic
        self._per_minute = per_minute
        self._burst = float(burst or per_minute)
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, key: str, *, take: bool = True) -> float:
        """Takes one token of `key` (`take=False` only looks); 0.0 if there was one, else the seconds until the next."""
        now = self._monotonic()
        left = self._left(key, now)
        has_one = left >= 1
        if take:
            self._make_room(now)
            self._buckets[key] = (left - has_one, now)
        return 0.0 if has_one else (1 - left) * 60 / self._per_minute

    def _left(self, key: str, now: float) -> float:
        """The tokens of `key` now."""
        left, since = self._buckets.get(key, (self._burst, now))
        return min(self._burst, left + (now - since) * self._per_minute / 60)

    def _make_room(self, now: float) -> None:
        """Forgets the keys that are as good as new; if that is not enough, all of them: rather too many reports than none."""
        if len(self._buckets) >= MOST_KEYS:
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if self._left(key, now) < self._burst}
        if len(self._buckets) >= MOST_KEYS:
            self._buckets = {}
