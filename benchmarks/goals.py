"""What is measured and how good it has to be: the figures of a run with their goals, medians over repeats, the table, the ratios; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.figures import median

STEADY, UNSTEADY = 3.0, 10.0
"""A quick run is red when a ratio is this many times what was stored. Processor time barely depends on what else the machine does; latencies do,
and more than the limit that they are compared with, so there only what is badly broken shows: a wake that is missed is a hundred times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one run; less is better unless `more`. `limit`: what the machine itself needed in this sitting, in the same unit or for
    the same work; `peer`: what Alertmanager needed. `must` and `aim` are in `unit`, or times `limit` when `relative`.

    Goals in milliseconds were set on one machine; `peer_then` is what Alertmanager needed there (benchmarks.md). Where it needs longer than
    that, a goal is as much longer: the claim is the ratio.
    """

    name: str
    value: float
    unit: str
    must: float | None = None
    aim: float | None = None
    limit: float = 0.0
    peer: float | None = None
    peer_then: float | None = None
    allowed: float = UNSTEADY
    more: bool = False
    relative: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times what the machine itself needs; None where there is no such thing."""
        return self.value / self.limit if self.limit else None

    def here(self, goal: float) -> float:
        """A goal as it is on this machine."""
        slower = self.peer / self.peer_then if self.peer and self.peer_then else 1.0
        return goal * max(slower, 1.0)

    def meets(self, goal: float | None) -> bool:
        """Whether a goal is met; a goal that there is not always is."""
        if goal is None:
            return True
        held = (self.ratio or 0.0) if self.relative else self.value
        return held >= goal if self.more else held <= self.here(goal)


def medians(runs: Sequence[Sequence[Figure]]) -> list[Figure]:
    """The median of each figure over the runs, its limit and its peer; losses and duplicates are the worst there was."""
    found: dict[str, list[Figure]] = {}
    for figure in (figure for run in runs for figure in run):
        found.setdefault(figure.name, []).append(figure)
    return [middle(figures) for figures in found.values()]


def middle(figures: Sequence[Figure]) -> Figure:
    """One figure for all its repeats."""
    first = figures[0]
    values = [one.value for one in figures]
    peers = [one.peer for one in figures if one.peer is not None]
    return replace(
        first,
        value=max(values) if first.unit == "" else median(values),
        limit=median([one.limit for one in figures]),
        peer=median(peers) if peers else None,
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | measured | must | aim | met? | x machine | Alertmanager | x Alertmanager |", "|---|---|---|---|---|---|---|---|"]
    for one in figures:
        goals = [goal_text(one, goal) for goal in (one.must, one.aim)]
        met = (
            "-"
            if one.must is None and one.aim is None
            else "aim"
            if one.meets(one.must) and one.meets(one.aim)
            else "must"
            if one.meets(one.must)
            else "NO"
        )
        peer = "" if one.peer is None else amount(one.peer, one.unit)
        times = f"{one.value / one.peer:.1f}" if one.peer else ""
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        lines.append(f"| {one.name} | {amount(one.value, one.unit)} | {goals[0]} | {goals[1]} | {met} | {ratio} | {peer} | {times} |")
    return "\n".join(lines)


def goal_text(figure: Figure, goal: float | None) -> str:
    """A goal as it is written in the table."""
    if goal is None:
        return "-"
    text = ("at least " if figure.more else "") + (f"{goal:g} x machine" if figure.relative else amount(goal, figure.unit))
    return text if figure.here(goal) == goal else f"{text}, {amount(figure.here(goal), figure.unit)} here"


def amount(value: float, unit: str) -> str:
    """A value with its unit, to three digits."""
    text = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{text} {unit}".strip()


def slower(figures: Sequence[Figure], stored: Mapping[str, float]) -> list[str]:
    """What got worse against the stored ratios, in words; losses and duplicates are always named. A figure that is missing is worse, too."""
    now = {one.name: one for one in figures}
    said = [f"{one.name}: {one.value:g}, but it must be 0" for one in figures if one.unit == "" and one.must == 0 and one.value]
    for name, before in stored.items():
        figure = now.get(name)
        if figure is None or figure.ratio is None:
            said.append(f"{name}: was not measured")
        elif figure.ratio > before * figure.allowed:
            times = f"{figure.ratio:.1f} times what the machine needs, {before:.1f} when it was stored"
            said.append(f"{name}: {times}; more than {figure.allowed:g} times that is too much")
    return said
