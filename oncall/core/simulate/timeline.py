"""The lines in which a what-if is told, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.core.messages import Decision, OrderKind


class Kind(StrEnum):
    """What a line tells of. RANG: a telephone rings, or shows a text."""

    REPORTED = "reported"
    PAGED = "paged"
    RANG = "rang"
    FAILED = "failed"
    TAKEN = "taken"
    PASSED = "passed"
    TOLD = "customer told"
    MISSED = "promise missed"
    CONTACTED = "customer contacted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happens: to or by `who` (a person's id, a last resort's number, 'customer' or ''), over `way`, and why, in words."""

    at: datetime
    kind: Kind
    who: str = ""
    way: str = ""
    text: str = ""


class Result(StrEnum):
    """How it ends. NOBODY: nobody takes it, and the last resort is called again and again."""

    CONTACTED = "contacted"
    NOBODY = "nobody"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. `at`: the customer was contacted, or the what-if ended; `opening`: until when it waits before anybody is paged.

    `asked`: how long after the report it was looked up who is on call: the same report at another time goes the same way as long as
    none of these instants comes to lie on the other side of a change. What waits goes the same way at any time before its opening.
    """

    result: Result
    severity: str
    because: str
    targets: tuple[str, ...]
    contact_by: datetime | None
    at: datetime
    by: str
    opening: datetime | None
    lines: tuple[Line, ...]
    asked: tuple[timedelta, ...]

    @property
    def spare(self) -> timedelta | None:
        """What is left of the promised time at the contact, less than nothing when it comes too late; None without contact or promise."""
        return self.contact_by - self.at if self.result is Result.CONTACTED and self.contact_by is not None else None

    @property
    def is_kept(self) -> bool:
        """Whether the customer gets what was promised; what is declined was answered at once, and nothing is broken."""
        if self.result is Result.NOBODY:
            return False
        return self.spare is None or self.spare >= timedelta(0)


def paged_lines(decision: Decision, at: datetime, why: str) -> list[Line]:
    """The pages of a decision, a line for each person; the first says why."""
    ways: dict[str, list[str]] = {}
    for order in decision.orders:
        if order.kind is OrderKind.PAGE:
            ways.setdefault(order.recipient, []).append(order.way)
    first = next(iter(ways), "")
    return [Line(at=at, kind=Kind.PAGED, who=who, way=" + ".join(mine), text=why if who == first else "") for who, mine in ways.items()]
