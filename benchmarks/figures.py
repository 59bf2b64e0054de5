"""What the times say: latencies, lost and duplicate pages, quantiles, medians; pure, so that tests can feed it made-up records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One report of a load; times are monotonic seconds, `answered` and `status` are 0 if no answer came."""

    number: int
    due: float
    posted: float
    answered: float
    status: int

    @property
    def accepted(self) -> bool:
        """Whether somebody promised to page for it."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page that came to the provider, for emergency `number`."""

    number: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """Seconds, sorted."""

    values: tuple[float, ...]

    def quantile(self, part: float) -> float:
        """The value that `part` of all do not exceed (nearest rank); 0.0 of none."""
        if not self.values:
            return 0.0
        return self.values[min(int(part * len(self.values)), len(self.values) - 1)]

    @property
    def p50(self) -> float:
        """The median."""
        return self.quantile(0.50)

    @property
    def p99(self) -> float:
        """What 99 of 100 do not exceed."""
        return self.quantile(0.99)

    @property
    def most(self) -> float:
        """The largest."""
        return self.quantile(1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What became of a load. Everything counts from when a report was due, not from when it could be posted."""

    reports: int
    refused: int
    lost: int
    duplicates: int
    accept: Latencies
    page: Latencies
    first_s: float
    last_s: float
    lag: Latencies


def story(reports: Sequence[Reported], pages: Sequence[Page]) -> Story:
    """Joins what was reported with what was paged. Lost: accepted and never paged. Duplicate: each page beyond an emergency's first."""
    came: dict[int, float] = {}
    for page in sorted(pages, key=lambda one: one.at):
        came.setdefault(page.number, page.at)
    times = Counter(page.number for page in pages)
    start = min((one.due for one in reports), default=0.0)
    paged = [one for one in reports if one.number in came]
    since_start = sorted(came[one.number] - start for one in paged)
    return Story(
        reports=len(reports),
        refused=sum(not one.accepted for one in reports),
        lost=sum(one.accepted and one.number not in came for one in reports),
        duplicates=sum(times[one.number] - 1 for one in paged),
        accept=latencies(one.answered - one.due for one in reports if one.accepted),
        page=latencies(came[one.number] - one.due for one in paged),
        first_s=since_start[0] if since_start else 0.0,
        last_s=since_start[-1] if since_start else 0.0,
        lag=latencies(one.posted - one.due for one in reports),
    )


def latencies(values: Iterable[float]) -> Latencies:
    """The values, sorted."""
    return Latencies(values=tuple(sorted(values)))


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle; 0.0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
