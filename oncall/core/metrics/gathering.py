"""Gathers a case by going once through the lines of an incident's log, in their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from oncall.core.incident import Status
from oncall.core.metrics.cases import DECIDED, Act, Case, Fate, Held, Promised, Rise, Try
from oncall.core.metrics.lines import After, Line, escalated

LATE_BY = timedelta(seconds=60)
"""A clock that is handled this late was handled by a pager that stood still; the loop itself looks each second."""
LIMITED = "too many"
"""By these words providers, and we ourselves, say that a send was refused for its number (channels/twilio_errors.py)."""
RANKS = {fate: rank for rank, fate in enumerate(Fate)}
"""What is known of a send only grows: a receipt may come before the answer to the request that it is about (I16)."""
FATES = {
    "HandedOver": Fate.ACCEPTED,
    "CallEnded": Fate.ACCEPTED,
    "Delivered": Fate.DELIVERED,
    "SendUnknown": Fate.UNKNOWN,
    "SendPostponed": Fate.POSTPONED,
    "SendFailed": Fate.FAILED,
}
"""What news of a send says. A call that ended without a key had rung."""
AT_REST = frozenset({Status.WAITING, Status.DECLINED, Status.RESOLVED})
"""States in which nobody is called; whoever opens such a case, but the office's opening, makes it an emergency."""
NOT_YET: datetime | None = None


class Sending:
    """What is known of one send of a page so far."""

    def __init__(self, person: str, way: str, at: datetime) -> None:
        self.person, self.way, self.at = person, way, at
        self.fate = Fate.POSTPONED
        self.accepted_at: datetime | None = None
        self.delivered_at: datetime | None = None
        self.limited = False

    def hear(self, line: Line) -> None:
        """Further news of it."""
        fate = Fate.BROKEN if line.way_broken else FATES[line.kind]
        self.fate = max(self.fate, fate, key=RANKS.__getitem__)
        self.limited = self.limited or LIMITED in line.reason
        if fate is Fate.ACCEPTED or fate is Fate.DELIVERED:
            self.accepted_at = self.accepted_at or line.at
        if fate is Fate.DELIVERED:
            self.delivered_at = self.delivered_at or line.at

    def so_far(self) -> Try:
        """As a case has it."""
        return Try(
            person=self.person,
            way=self.way,
            at=self.at,
            fate=self.fate,
            accepted_at=self.accepted_at,
            delivered_at=self.delivered_at,
            limited=self.limited,
        )


class Gathering:
    """A case in the making. The lines of one incident are added in the order of its log, many at a time or one by one.

    It changes in place: a frozen case for each line would take as long as reading the log.
    """

    def __init__(self, incident: str) -> None:
        self._incident = incident
        self._after: After | None = None
        self._reported_at = self._called_at = self._urgent_at = self._taken_at = NOT_YET
        self._taken_by = ""
        self._waited = False
        self._resolved: list[datetime] = []
        self._reopened: list[datetime] = []
        self._promises: tuple[Promised, ...] = ()
        self._sendings: dict[str, Sending] = {}
        self._held: tuple[Held, ...] = ()
        self._acts: list[Act] = []
        self._rises: list[Rise] = []
        self._gaps: list[datetime] = []
        self._stalls: list[datetime] = []
        self._updates_kept = 0

    def add(self, lines: Iterable[Line]) -> None:
        """Goes through further lines."""
        for line in lines:
            if line.order:
                self._heard(line)
            if line.by and line.by != "customer":
                self._acts.append(Act(who=line.by, what=DECIDED if line.decision else line.kind, at=line.at))
            if line.after is not None:
                self._moved(line, self._after, line.after)
                self._after = line.after

    def case(self) -> Case | None:
        """The case so far; None while there was no line that says where the incident stands."""
        after = self._after
        if after is None or self._reported_at is None:
            return None
        return Case(
            incident=self._incident,
            case=after.case,
            service=after.service,
            severity=after.severity,
            channel=after.channel,
            reported_at=self._reported_at,
            reports=after.reports,
            status=after.status,
            called_at=self._called_at,
            urgent_at=self._urgent_at,
            waited=self._waited,
            taken_at=self._taken_at,
            taken_by=self._taken_by,
            resolved=tuple(self._resolved),
            reopened=tuple(self._reopened),
            promises=self._promises,
            tries=tuple(one.so_far() for one in self._sendings.values()),
            held=self._held,
            acts=tuple(self._acts),
            rises=tuple(self._rises),
            gaps=tuple(self._gaps),
            stalls=tuple(self._stalls),
            updates_kept=self._updates_kept,
            updates_missed=after.updates_missed,
        )

    def _heard(self, line: Line) -> None:
        """News of a send; only pages are measured."""
        known = self._sendings.get(line.order)
        if known is None:
            parts = line.order.split("/")
            if len(parts) != 5 or not parts[2].startswith("page") or line.kind not in FATES:
                return
            known = self._sendings[line.order] = Sending(parts[3], parts[4], line.at)
        known.hear(line)

    def _moved(self, line: Line, before: After | None, after: After) -> None:
        """Where the incident stands now, against where it stood."""
        at, status = line.at, after.status
        was = before.status if before is not None else ""
        if line.kind == "Reported":
            # A log whose beginning was forgotten says too little, and what was gathered before stays.
            self._reported_at = self._reported_at or at
        self._waited = self._waited or status == Status.WAITING
        if self._called_at is None and status == Status.OPEN and line.kind != "TimeCame" and (was in AT_REST or line.kind == "Reported"):
            self._called_at = at
            self._urgent_at = at if line.kind == "MarkedUrgent" else None
        if status == Status.RESOLVED and was != Status.RESOLVED:
            self._resolved.append(at)
        elif status == Status.OPEN and was == Status.RESOLVED:
            self._reopened.append(at)
        if self._taken_at is None and (after.held_by or status == Status.RESOLVED):
            self._taken_at, self._taken_by = at, after.held_by or line.by
        self._promises = promised(self._promises, line, after)
        self._held = held(self._held, at, before.held_by if before else "", after.held_by)
        if rise := escalated(before, after, line.kind):
            self._rises.append(Rise(at=at, level=level(before, after), reason=rise))
        if line.nobody_there:
            self._gaps.append(at)
        if line.kind == "Updated" and before is not None and before.update_by is not None and at <= before.update_by != after.update_by:
            self._updates_kept += 1
        if stood := stalled(line, before):
            self._stalls.append(stood)


def promised(known: tuple[Promised, ...], line: Line, after: After) -> tuple[Promised, ...]:
    """The promises as they stand after a line.

    A new one takes the place of one that was not due yet and that nobody has kept: the customer was told another time. Else it is a further one.
    """
    if after.promise is None:
        # What is declined promises nothing.
        return tuple(one for one in known if one.contacted_at is not None or one.due <= line.at)
    now, last = after.promise, known[-1] if known else None
    if last is not None and now.first_contact_by == last.due and now.contacted_at == last.contacted_at:
        return known
    fresh = Promised(within=now.within, due=now.first_contact_by, contacted_at=now.contacted_at)
    if last is None or (fresh.due != last.due and (last.contacted_at is not None or last.due <= line.at)):
        return (*known, fresh)
    return (*known[:-1], fresh)


def held(known: tuple[Held, ...], at: datetime, before: str, after: str) -> tuple[Held, ...]:
    """Who had it when, as it stands after a line."""
    if before == after:
        return known
    ended = (*known[:-1], replace(known[-1], until=at)) if before and known else known
    return (*ended, Held(who=after, since=at)) if after else ended


def level(before: After | None, after: After) -> int:
    """How high a case has come: the step's number from 1, one above the last for the last resort."""
    joined = after.last_resort_called and not (before is not None and before.last_resort_called)
    return after.steps + 1 if joined else after.step + 1


def stalled(line: Line, before: After | None) -> datetime | None:
    """When the pager should have moved, if it did not: a clock of its own was handled LATE_BY too late, or a decision could not be made."""
    if line.result == "parked":
        return line.at
    due = before.moves_at if before is not None and line.kind == "TimeCame" else None
    return due if due is not None and line.at - due > LATE_BY else None
