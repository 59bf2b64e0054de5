"""Proofs about a handbook: what would go wrong at night, found by day. PROOFS lists them; prove() runs them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from oncall.core.model import Handbook
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.changes import puts_the_absent, without_effect
from oncall.core.proofs.clocks import clock_nights, holidays_end, no_holidays
from oncall.core.proofs.coverage import forced, gaps, nobody_behind, untrained
from oncall.core.proofs.finding import Finding
from oncall.core.proofs.people import one_way, reach_too_slow, shared_numbers, unreachable
from oncall.core.proofs.policy import idle_escalations, same_people_again, without_guideline
from oncall.core.proofs.promise import late_promises
from oncall.core.proofs.published import names_staff
from oncall.core.proofs.rest import little_rest, long_row
from oncall.core.proofs.rules import idle_shifts, idle_triage
from oncall.core.proofs.training import asks_nobody, runs_out, too_few_shadowed, waived

__all__ = ["EXPLANATIONS", "PROOFS", "Finding", "prove"]

Proof = Callable[[Ahead], Iterable[Finding]]

PROOFS: Mapping[str, Proof] = {
    "AH110": unreachable,
    "AH111": one_way,
    "AH117": shared_numbers,
    "AH120": reach_too_slow,
    "AH204": gaps,
    "AH205": nobody_behind,
    "AH206": forced,
    "AH210": same_people_again,
    "AH212": without_effect,
    "AH213": puts_the_absent,
    "AH215": untrained,
    "AH216": runs_out,
    "AH217": waived,
    "AH218": too_few_shadowed,
    "AH219": asks_nobody,
    "AH220": little_rest,
    "AH221": long_row,
    "AH230": idle_shifts,
    "AH240": clock_nights,
    "AH250": holidays_end,
    "AH251": no_holidays,
    "AH301": idle_escalations,
    "AH302": idle_triage,
    "AH303": without_guideline,
    "AH310": late_promises,
    "AH320": names_staff,
}
"""Each proof by the code of what it finds."""

EXPLANATIONS: Mapping[str, str] = {code: (proof.__doc__ or "").strip() for code, proof in PROOFS.items()}
"""What each code means, for `oncall check --explain`."""


def prove(handbook: Handbook, now: datetime, days: int) -> tuple[Finding, ...]:
    """What is wrong in the `days` from `now` on, by place."""
    ahead = Ahead(handbook=handbook, start=now, end=now + timedelta(days=days))
    found = [finding for proof in PROOFS.values() for finding in proof(ahead)]
    return tuple(sorted(found, key=lambda one: (one.place.file, one.place.line, one.place.column, one.code)))
