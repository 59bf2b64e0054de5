"""Coverage: stretches in which nobody is on call for a rotation that pages are sent to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.core.model import Handbook
from oncall.core.proofs.finding import Finding
from oncall.core.rotation import duties


def gaps(handbook: Handbook, start: datetime, end: datetime) -> Iterator[Finding]:
    """Nobody is on call for a while: pages to this rotation go on to the next step at once. Cover the stretch, or say `put: nobody`."""
    paged = {target for escalation in handbook.escalations.values() for step in escalation.steps for target in step.page}
    zone = ZoneInfo(handbook.timezone)
    for name in handbook.rotations.keys() & paged:
        for duty in duties(handbook, name, start, end):
            if not duty.people and duty.start and duty.end and not duty.because.startswith("changed:"):
                hours = (duty.end - duty.start).total_seconds() / 3600
                when = f"from {duty.start.astimezone(zone):%a %Y-%m-%d %H:%M} to {duty.end.astimezone(zone):%a %Y-%m-%d %H:%M}"
                yield Finding(
                    code="AH204",
                    severity="error",
                    place=handbook.rotations[name].place,
                    what=f"nobody is on call for '{name}' {when} ({hours:.4g} h)",
                    hint="give a shift these hours, or a change with 'put'",
                )
