"""Numbers that do not pretend: shares with their whole, spans with what still runs, and both in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

SMALL = 20
"""Below so many no percentage is printed: 'of 9' says how little it is (policy.md 3.8)."""
Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """In percent; None of nothing."""
        return 100 * self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson interval in percent: between these the true rate lies, 19 times of 20. None of nothing."""
        return wilson(self.part, self.whole) if self.whole else None

    @property
    def text(self) -> str:
        """'8 of 9', from SMALL on '95 % (190 of 200)'; 'none' of nothing."""
        if not self.whole:
            return "none"
        words = f"{self.part} of {self.whole}"
        return words if self.whole < SMALL else f"{percent_text(100 * self.part / self.whole)} ({words})"

    @property
    def likely(self) -> str:
        """The interval in words, where the number alone says too much; '' from SMALL on, and of nothing."""
        if self.interval is None or self.whole >= SMALL:
            return ""
        low, high = self.interval
        return f"likely {low:.0f} to {high:.0f} %"


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % score interval of part/whole in percent (Wilson 1927): it stays inside 0 to 100 and holds for few, unlike p ± 2 s."""
    share, square = part / whole, Z * Z / whole
    middle = share + square / 2
    spread = Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole))
    return 100 * max(0.0, (middle - spread) / (1 + square)), 100 * min(1.0, (middle + spread) / (1 + square))


def percent_text(percent: float) -> str:
    """'95 %', '99.5 %'; 100 only if it is all."""
    rounded = math.floor(10 * percent + 1e-9) / 10 if percent >= 99 else round(percent)
    return f"{rounded:g} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something took, each time, ascending; `running`: how many are not over yet."""

    spans: tuple[timedelta, ...] = ()
    running: int = 0

    @property
    def count(self) -> int:
        """How often."""
        return len(self.spans) + self.running

    def quantile(self, share: float) -> timedelta | None:
        """The span that at least `share` of all did not exceed (nearest rank); None if that one is still running, or there is none.

        What still runs counts as longer than all others: dropping it would make a night look good in which nobody answered.
        """
        rank = max(math.ceil(share * self.count - 1e-9), 1)
        return self.spans[rank - 1] if rank <= len(self.spans) else None

    def text(self, share: float) -> str:
        """The quantile in words."""
        found = self.quantile(share)
        return span_text(found) if found is not None else "still running" if self.count else "none"


MEDIAN, P90, P95, P99, SLOWEST = 0.5, 0.9, 0.95, 0.99, 1.0


def spread(spans: Iterable[timedelta | None]) -> Spread:
    """A spread of spans; None is one that still runs."""
    found = list(spans)
    over = sorted(one for one in found if one is not None)
    return Spread(spans=tuple(over), running=len(found) - len(over))


def span_text(span: timedelta) -> str:
    """A span for people, as exact as anybody needs it: '40 s', '1 min 40 s', '12 min', '1 h 05 min', '2 d 3 h'."""
    seconds = round(span.total_seconds())
    minutes, hours = seconds // 60, seconds // 3600
    if not seconds and span:
        return "under 1 s"
    if seconds < 60:
        return f"{seconds} s"
    if minutes < 10:
        return f"{minutes} min {seconds % 60} s" if seconds % 60 else f"{minutes} min"
    if hours < 1:
        return f"{minutes} min"
    if not minutes % 60 and hours < 24:
        return f"{hours} h"
    return f"{hours} h {minutes % 60:02} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def median(values: Sequence[float]) -> float:
    """The middle value; of an even number the mean of the two in the middle."""
    ascending = sorted(values)
    middle = len(ascending) // 2
    return ascending[middle] if len(ascending) % 2 else (ascending[middle - 1] + ascending[middle]) / 2


def gini(values: Sequence[float]) -> float | None:
    """How unevenly a load is spread: 0 even, towards 1 the more one person carries it; None without any load."""
    ascending, total = sorted(values), sum(values)
    if not total:
        return None
    ranked = sum(rank * value for rank, value in enumerate(ascending, start=1))
    count = len(ascending)
    return 2 * ranked / (count * total) - (count + 1) / count
