"""Lines of a log as they are told in tests: minute by minute, with only what matters said aloud."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from oncall.core.incident import Promise
from oncall.core.metrics.cases import Case
from oncall.core.metrics.gathering import Gathering
from oncall.core.metrics.lines import After, Line

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""A Tuesday at two in the morning in Berlin."""


def at(minutes: float) -> datetime:
    """So many minutes after the report."""
    return START + timedelta(minutes=minutes)


def promise(due: float, within: float | None = None, contacted: float | None = None) -> Promise:
    """A promise that is due `due` minutes after the report."""
    span = timedelta(minutes=due if within is None else within)
    return Promise(within=span, contact_by=at(due), first_contact_by=at(due), contacted_at=None if contacted is None else at(contacted))


class Tale:
    """One incident, reported at minute 0 and called for at once, with a promise of 15 minutes; `more` changes how it begins."""

    def __init__(self, incident: str = "1001", *, minutes: float = 0, result: str = "paging", nobody_there: bool = False, **more: Any) -> None:
        self.incident = incident
        self._turn = 0
        begun = After(
            case="K7F2", status="open", service="shop", severity="sev1", channel="api", steps=3, step=0, round=1, last_resort_called=False,
            held_by="", reports=1, promise=promise(minutes + 15, 15), moves_at=None,
        )  # fmt: skip
        self.after = begun._replace(**more)
        self.lines = [Line(at=at(minutes), kind="Reported", result=result, nobody_there=nobody_there, after=self.after)]

    def then(self, minutes: float, kind: str, by: str = "", *, result: str = "", nobody_there: bool = False, **changes: Any) -> Tale:
        """Something happens; `changes` are what is different afterwards."""
        self.after = self.after._replace(**changes)
        self.lines.append(Line(at=at(minutes), kind=kind, by=by, result=result, nobody_there=nobody_there, after=self.after))
        return self

    def takes(self, minutes: float, who: str) -> Tale:
        """Somebody takes it."""
        return self.then(minutes, "Acknowledged", who, result="taken", status="acknowledged", held_by=who)

    def contacts(self, minutes: float, who: str) -> Tale:
        """Somebody reports that they reached the customer."""
        assert self.after.promise is not None
        kept = self.after.promise
        reached = Promise(within=kept.within, contact_by=kept.contact_by, first_contact_by=kept.first_contact_by, contacted_at=at(minutes))
        return self.then(minutes, "Contacted", who, promise=reached)

    def resolves(self, minutes: float, who: str) -> Tale:
        """Somebody closes it."""
        return self.then(minutes, "Resolved", who, status="resolved")

    def news(
        self, minutes: float, who: str, kind: str = "HandedOver", *, way: str = "sms", nth: int = 0, reason: str = "", broken: bool = False
    ) -> Tale:
        """A provider says something of the `nth` page to `who` over a way."""
        order = f"{self.incident}/{nth}/page/{who}/{way}"
        after = self.after if kind == "SendFailed" else None
        self.lines.append(Line(at=at(minutes), kind=kind, order=order, reason=reason, way_broken=broken, after=after))
        return self

    def case(self) -> Case:
        """The case that these lines make."""
        gathering = Gathering(self.incident)
        gathering.add(self.lines)
        found = gathering.case()
        assert found is not None
        return found
