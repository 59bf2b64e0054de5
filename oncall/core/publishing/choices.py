"""How bad is it? The severities as a customer chooses among them, with what happens for each by the policy now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.core.messages import Contact, Reported
from oncall.core.model import AfterHours, Handbook, Severity
from oncall.core.publishing.wording import speech_of
from oncall.core.triage import office_is_open, promised_within, what_happens

SOMEBODY = Contact(phone="+0")
"""Whoever fills in the form leaves a way to be reached, so a promise can be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A severity in the customer's words, with examples, and what happens if nothing of it is left out."""

    severity: str
    means: str
    examples: tuple[str, ...]
    happens: str


def choices(handbook: Handbook, at: datetime) -> tuple[Choice, ...]:
    """Every severity, the highest first."""
    return tuple(
        Choice(severity=one.id, means=one.means, examples=one.examples, happens=happens(one, handbook, at)) for one in handbook.severities.values()
    )


def happens(severity: Severity, handbook: Handbook, at: datetime) -> str:
    """What happens with a report of this severity that comes in at `at` by the form, and by when a person contacts the customer."""
    speech = speech_of(handbook, "en")
    what, opening, _ = what_happens(severity, handbook, at, urgent=False, left_out=None)
    if what is AfterHours.DECLINE:
        return "We do not handle this after hours."
    report = Reported(at=at, seed="", source="form", channel="form", summary="", contact=SOMEBODY)
    within = promised_within(severity, report, opening, at, None)
    if what is AfterHours.WAIT and opening is not None:
        by = f" A person contacts you by {speech.time(at + within, handbook.timezone, at)}." if within else ""
        return f"We look at it when we open, {speech.time(opening, handbook.timezone, at)}.{by}"
    verb = "alert" if office_is_open(handbook, at) else "wake"
    return f"We {verb} an engineer now." + (f" A person contacts you within {speech.span(within)}." if within else "")
