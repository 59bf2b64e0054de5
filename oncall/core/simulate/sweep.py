"""The same emergency at every instant at which the answer can be another: exact, and never minute by minute."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.core.messages import Reported
from oncall.core.model import Handbook
from oncall.core.proofs.ahead import Ahead
from oncall.core.schedule import needed
from oncall.core.simulate.assumptions import Assumptions
from oncall.core.simulate.night import LOOKED_AT, simulate
from oncall.core.simulate.timeline import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A report at any instant in [start, end) goes the way of `outcome`, which is that of a report at `start`."""

    start: datetime
    end: datetime
    outcome: Outcome


def sweep(handbook: Handbook, report: Reported, assumptions: Assumptions, end: datetime) -> Iterator[Run]:
    """What would come of `report` from its time on until `end`, stretch by stretch.

    A report a moment later goes the same way, only later, unless the office opens or closes in that moment (or its holidays are not known
    any more), or one of the instants at which somebody was looked up comes to lie behind a change: a handover, hours that open or close, an
    absence, a change, a training. So the next report that is played is the earliest that moves one of its look-ups over one of these.
    What waits is paged at the opening, whenever before it the report comes in.
    """
    changes: dict[tuple[str, ...], tuple[datetime, ...]] = {}
    offices = Ahead(handbook=handbook, start=report.at, end=end).office_edges()
    at = report.at
    while at < end:
        outcome = simulate(handbook, replace(report, at=at), assumptions)
        following = [after(offices, at)]
        if outcome.opening is None:
            if outcome.targets not in changes:
                longest = max(LOOKED_AT, outcome.contact_by - at) if outcome.contact_by else LOOKED_AT
                ahead = Ahead(handbook=handbook, start=report.at, end=end + longest)
                changes[outcome.targets] = ahead.edges(outcome.targets, needed(handbook, report.service))
            following += [after(changes[outcome.targets], at + asked, minus=asked) for asked in outcome.asked]
        until = min((one for one in following if one is not None), default=end)
        yield Run(start=at, end=min(until, end), outcome=outcome)
        at = until


def after(instants: tuple[datetime, ...], at: datetime, minus: timedelta = timedelta(0)) -> datetime | None:
    """The first of ascending `instants` after `at`, earlier by `minus`; None if there is none."""
    index = bisect_right(instants, at)
    return instants[index] - minus if index < len(instants) else None
