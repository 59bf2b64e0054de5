"""Rules that never decide anything: shifts behind others that always win, triage rules behind wider ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from oncall.core.localtime import instant_of
from oncall.core.model import TriageRule
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.finding import Finding
from oncall.core.rota import Rotation, Shift
from oncall.core.rotation import applies, by_shifts
from oncall.core.schedule import breakpoints

ENOUGH = timedelta(days=28)
"""Shorter spans say nothing about a shift that may be for weekends or holidays."""


def idle_shifts(ahead: Ahead) -> Iterator[Finding]:
    """A shift is never on call in the span, because others before it always are: the first that applies wins. Move it up, or take it out."""
    if ahead.end - ahead.start < ENOUGH:
        return
    for rotation in ahead.handbook.rotations.values():
        if rotation.backs_up or len(rotation.shifts) < 2:
            continue
        edges = sorted({ahead.start, *(at for at in breakpoints(ahead.handbook, rotation, ahead.start, ahead.end) if ahead.start < at < ahead.end)})
        seen = {by_shifts(ahead.handbook, rotation, at, "").place for at in edges}
        for shift in rotation.shifts:
            if not seen & {entry.place for entry in shift.ring} and in_season(ahead, rotation, shift):
                what = f"the shift '{shift.name}' of '{rotation.id}' is never on call: earlier shifts have somebody whenever it applies"
                yield Finding(code="AH230", severity="warning", place=shift.place, what=what, hint="the first shift that applies wins; move it up")


def in_season(ahead: Ahead, rotation: Rotation, shift: Shift) -> bool:
    """Whether a shift applies at some time in the span, and its turns have begun by then."""
    if shift.start is not None and instant_of(shift.start, shift.timezone) >= ahead.end:
        return False
    edges = {ahead.start, *(at for at in breakpoints(ahead.handbook, rotation, ahead.start, ahead.end) if ahead.start <= at < ahead.end)}
    return any(applies(shift, at) for at in edges)


def idle_triage(ahead: Ahead) -> Iterator[Finding]:
    """A triage rule is never reached, because one before it takes all that it would take. Move it up, or take it out."""
    rules = ahead.handbook.triage
    for index, rule in enumerate(rules):
        wider = next((one for one in rules[:index] if is_wider(one, rule)), None)
        if wider is not None:
            what = f"this rule is never reached: the rule in line {wider.place.line} takes all that it would take"
            yield Finding(code="AH302", severity="warning", place=rule.place, what=what, hint="the first rule that matches decides; move it up")


def is_wider(one: TriageRule, other: TriageRule) -> bool:
    """Whether `one` matches whatever `other` does."""
    if one.otherwise or other.otherwise:
        return one.otherwise
    pairs = ((one.words, other.words), (one.services, other.services), (one.sources, other.sources), (one.channels, other.channels))
    return all(not mine or (theirs and set(theirs) <= set(mine)) for mine, theirs in pairs)
