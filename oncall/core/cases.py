"""Which case a report belongs to: a customer has one case for one emergency, whatever channel they use."""

from __future__ import annotations

from collections.abc import Iterable

from oncall.core.messages import Incident, Reported, Status
from oncall.core.model import CHANNELS_OF_REPORT, AfterHours
from oncall.core.triage import Verdict

PERSONAL = frozenset(CHANNELS_OF_REPORT) - {"api"}
"""Channels by which people report. A program that reports twice says by `dedup_key` what is the same; people cannot."""
HANDLED = frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.SNOOZED})


def case_of(report: Reported, verdict: Verdict, cases: Iterable[Incident]) -> Incident | None:
    """The first of `cases` (not resolved, of the same contact or customer, the newest first) that `report` adds to; None: it opens a new one.

    One that is being handled takes every word of its customer, unless both name services and these differ. One that waits for the
    opening takes only what would wait too: what pages gets a case of its own, under its own words.
    """
    if report.channel not in PERSONAL or report.dedup_key:
        return None
    waits = verdict.after_hours is not AfterHours.PAGE
    for case in cases:
        fits = case.status in HANDLED or (case.status is Status.WAITING and waits)
        if fits and not (report.service and case.service and report.service != case.service):
            return case
    return None
