"""Policy: escalations that nothing reaches, steps that page the same person again, services without a guideline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oncall.core.model import AfterHours
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.finding import Finding


def idle_escalations(ahead: Ahead) -> Iterator[Finding]:
    """No severity and no service uses this escalation, so nobody is ever paged by it. Use it, or take it out (decisions.md 23)."""
    used = {name for severity in ahead.handbook.severities.values() for name in (severity.escalation, severity.office_escalation)}
    used |= {name for service in ahead.handbook.services.values() for name in service.escalations.values()}
    for escalation in ahead.handbook.escalations.values():
        if escalation.id not in used:
            what = f"nothing uses the escalation '{escalation.id}'"
            yield Finding(
                code="AH301", severity="warning", place=escalation.place, what=what, hint="name it in a severity or a service, or take it out"
            )


def without_guideline(ahead: Ahead) -> Iterator[Finding]:
    """Somebody can be paged for this service and finds no guideline for it, although other services have one. Write down what to do first."""
    services = ahead.handbook.services.values()
    if not any(service.guideline for service in services):
        return
    # What an exclusion leaves out by the service alone wakes nobody.
    left_out = {name for exclusion in ahead.handbook.exclusions if not exclusion.words for name in exclusion.services}
    wakes = any(severity.after_hours is AfterHours.PAGE for severity in ahead.handbook.severities.values())
    for service in services:
        if wakes and service.guideline is None and service.id not in left_out:
            what = f"people are paged for '{service.id}' and it has no guideline"
            hint = f"write config/guidelines/{service.id}.md, and guideline: {service.id}.md here"
            yield Finding(code="AH303", severity="error", place=service.place, what=what, hint=hint)


def same_people_again(ahead: Ahead) -> Iterator[Finding]:
    """A step pages only people of the step before: silence would wake the ones who are silent. Put somebody else behind them."""
    for escalation in ahead.handbook.escalations.values():
        for needs in ahead.needs_of(escalation.id):
            for index in range(1, len(escalation.steps)):
                runs = list(repeated(ahead, escalation.id, needs, index))
                if runs:
                    start, end, people = runs[0]
                    more = f", and {len(runs) - 1} more times" if len(runs) > 1 else ""
                    what = f"steps {index} and {index + 1} of '{escalation.id}' both page {', '.join(people)} from {ahead.when(start, end)}{more}"
                    hint = "let the second step page somebody else, e.g. a rotation with 'backs_up' or 'apart_from'"
                    yield Finding(code="AH210", severity="warning", place=escalation.place, what=what, hint=hint)


def repeated(ahead: Ahead, escalation: str, needs: str, index: int) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
    """The stretches in which step `index` pages nobody who is not in the step before, with whom."""
    run: tuple[datetime, datetime, tuple[str, ...]] | None = None
    for start, end, people in ahead.stretches(escalation, needs):
        again = people[index] if set(people[index]) <= set(people[index - 1]) else ()
        if run is not None and again != run[2]:
            yield run
            run = None
        if again:
            run = (run[0] if run else start, end, again)
    if run is not None:
        yield run
