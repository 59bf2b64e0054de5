"""Policy: escalations that nothing reaches, and steps that page the same person again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oncall.core.model import Handbook
from oncall.core.proofs.finding import Finding
from oncall.core.rotation import paged


def idle_escalations(handbook: Handbook, _start: datetime, _end: datetime) -> Iterator[Finding]:
    """No severity and no service uses this escalation, so nobody is ever paged by it. Use it, or take it out (decisions.md 23)."""
    used = {severity.escalation for severity in handbook.severities.values()}
    used |= {name for service in handbook.services.values() for name in service.escalations.values()}
    for escalation in handbook.escalations.values():
        if escalation.id not in used:
            what = f"nothing uses the escalation '{escalation.id}'"
            yield Finding(
                code="AH301", severity="warning", place=escalation.place, what=what, hint="name it in a severity or a service, or take it out"
            )


def same_person_twice(handbook: Handbook, start: datetime, _end: datetime) -> Iterator[Finding]:
    """The first two steps page the same single person now: silence would only wake the one who is silent. Put somebody else behind them."""
    for escalation in handbook.escalations.values():
        pairs = zip(escalation.steps, escalation.steps[1:2], strict=False)
        for first, second in pairs:
            people = [paged(handbook, step.page, start) for step in (first, second)]
            if people[0] == people[1] and len(people[0]) == 1:
                what = f"steps 1 and 2 of '{escalation.id}' both page {people[0][0]} now"
                yield Finding(code="AH210", severity="warning", place=escalation.place, what=what, hint="let the second step page somebody else")
