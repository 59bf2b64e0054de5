"""Proofs about a handbook: what would go wrong at night, found by day. PROOFS lists them; prove() runs them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from oncall.core.model import Handbook
from oncall.core.proofs.coverage import gaps
from oncall.core.proofs.finding import Finding
from oncall.core.proofs.people import reach_too_slow, shared_numbers, unreachable
from oncall.core.proofs.policy import idle_escalations, same_person_twice

__all__ = ["EXPLANATIONS", "PROOFS", "Finding", "prove"]

Proof = Callable[[Handbook, datetime, datetime], Iterable[Finding]]

PROOFS: Mapping[str, Proof] = {
    "AH110": unreachable,
    "AH117": shared_numbers,
    "AH120": reach_too_slow,
    "AH204": gaps,
    "AH210": same_person_twice,
    "AH301": idle_escalations,
}
"""Each proof by the code of what it finds."""

EXPLANATIONS: Mapping[str, str] = {code: (proof.__doc__ or "").strip() for code, proof in PROOFS.items()}
"""What each code means, for `oncall check --explain`."""


def prove(handbook: Handbook, now: datetime, days: int) -> tuple[Finding, ...]:
    """What is wrong in the `days` from `now` on, by place."""
    end = now + timedelta(days=days)
    found = [finding for proof in PROOFS.values() for finding in proof(handbook, now, end)]
    return tuple(sorted(found, key=lambda one: (one.place.file, one.place.line, one.place.column, one.code)))
