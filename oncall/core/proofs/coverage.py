"""Coverage: when nobody is on call, when somebody is who should not be, and who is untrained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from oncall.core.proofs.ahead import Ahead, length
from oncall.core.proofs.finding import Finding
from oncall.core.rota import Rotation
from oncall.core.rotation import Duty, is_trained

SHOWN = 3
"""Gaps of a rotation that are told one by one; what happens every night needs no page of lines."""


def gaps(ahead: Ahead) -> Iterator[Finding]:
    """Nobody is on call for a while: pages to this rotation go on to the next step at once. Cover it, say `put: nobody`, or `gaps: allowed`."""
    for rotation in ahead.paged_rotations():
        if rotation.may_have_gaps or rotation.backs_up:
            continue
        empty = [duty for duty in ahead.duties(rotation.id) if not duty.people and not duty.because.startswith("changed:")]
        yield from (gap(ahead, rotation, duty) for duty in empty[:SHOWN])
        if len(empty) > SHOWN:
            total = sum(((duty.end or ahead.end) - (duty.start or ahead.start) for duty in empty), timedelta(0))
            what = f"nobody is on call for '{rotation.id}' {len(empty) - SHOWN} more times, {length(total)} in all"
            yield Finding(code="AH204", severity="error", place=rotation.place, what=what, hint=f"see: oncall schedule {rotation.id}")


def gap(ahead: Ahead, rotation: Rotation, duty: Duty) -> Finding:
    """One gap, with a change that would close it."""
    assert duty.start is not None
    assert duty.end is not None
    somebody = rotation.shifts[0].ring[0].people[0]
    line = f"- {{rotation: {rotation.id}, from: {ahead.local(duty.start)}, to: {ahead.local(duty.end)}, put: {somebody}}}"
    return Finding(
        code="AH204",
        severity="error",
        place=rotation.place,
        what=f"nobody is on call for '{rotation.id}' from {ahead.when(duty.start, duty.end)}",
        hint=f"give a shift these hours, or under 'changes': {line}",
    )


def nobody_behind(ahead: Ahead) -> Iterator[Finding]:
    """There is nobody left to back up a rotation for a while: the step that pages the backup is skipped. Enlarge the ring, or plan absences apart."""
    for rotation in ahead.paged_rotations():
        for duty in ahead.duties(rotation.id) if rotation.backs_up else ():
            if not duty.people and "nobody is left" in duty.because and duty.start and duty.end:
                yield Finding(
                    code="AH205",
                    severity="warning",
                    place=rotation.place,
                    what=f"nobody is left to back up '{rotation.backs_up}' from {ahead.when(duty.start, duty.end)}: '{rotation.id}' is empty",
                    hint="put somebody there by a change, or enlarge the ring",
                )


def forced(ahead: Ahead) -> Iterator[Finding]:
    """Nobody fits, so somebody is on call all the same who is away, or on call elsewhere: they may not answer. Put somebody there by a change."""
    for rotation in ahead.paged_rotations():
        for duty in ahead.duties(rotation.id):
            if duty.is_forced and duty.start and duty.end:
                people = ", ".join(duty.people)
                line = f"- {{rotation: {rotation.id}, from: {ahead.local(duty.start)}, to: {ahead.local(duty.end)}, put: ...}}"
                yield Finding(
                    code="AH206",
                    severity="error",
                    place=duty.place,
                    what=f"{people} on call for '{rotation.id}' from {ahead.when(duty.start, duty.end)}: {duty.because}",
                    hint=f"name somebody else under 'changes': {line}",
                )


def untrained(ahead: Ahead) -> Iterator[Finding]:
    """A page for a service goes to somebody who is not trained for it, because nobody else is there or a change says so. Train or put somebody."""
    for service in ahead.handbook.services.values():
        for escalation in sorted(set(service.escalations.values())) if service.needs else ():
            for start, end, people in ahead.stretches(escalation, service.needs):
                unfit = [who for who in people[0] if not is_trained(ahead.handbook, who, service.needs, start)]
                if unfit and len(unfit) == len(people[0]):
                    called = f"{', '.join(unfit)}, not trained for {service.needs}"
                    yield Finding(
                        code="AH215",
                        severity="error",
                        place=service.place,
                        what=f"a page for '{service.id}' first goes to {called}, from {ahead.when(start, end)}",
                        hint=f"put somebody who is, or give them 'skills: [{service.needs}]' when they are",
                    )
